using System.Collections.Frozen;

namespace ModelGarden.Formats.Known;

/// <summary>A library that models are made for.</summary>
/// <param name="Id">What stands in <c>library_name</c>.</param>
/// <param name="Name">For people.</param>
public sealed record Library(string Id, string Name);

/// <summary>The libraries that most models of the Hub name; its own list grows weekly, so an unknown id is no fault.</summary>
public static class Libraries
{
    private static readonly FrozenDictionary<string, Library> ById;

    static Libraries() => ById = All.ToFrozenDictionary(library => library.Id, StringComparer.Ordinal);

    public static IReadOnlyList<Library> All { get; } =
    [
        new("adapter-transformers", "Adapters"),
        new("allennlp", "AllenNLP"),
        new("asteroid", "Asteroid"),
        new("audiocraft", "Audiocraft"),
        new("bertopic", "BERTopic"),
        new("big_vision", "Big Vision"),
        new("bionemo", "BioNeMo"),
        new("birefnet", "BiRefNet"),
        new("bm25s", "BM25S"),
        new("catboost", "CatBoost"),
        new("chat_tts", "ChatTTS"),
        new("chronos-forecasting", "Chronos"),
        new("colpali", "ColPali"),
        new("coreml", "Core ML"),
        new("depth-anything-v2", "Depth Anything V2"),
        new("depth-pro", "Depth Pro"),
        new("diffusers", "Diffusers"),
        new("diffusion-single-file", "Diffusion Single File"),
        new("doctr", "docTR"),
        new("edsnlp", "EDS-NLP"),
        new("espnet", "ESPnet"),
        new("f5-tts", "F5-TTS"),
        new("fairseq", "Fairseq"),
        new("fastai", "fastai"),
        new("fasttext", "fastText"),
        new("flair", "Flair"),
        new("generic", "Generic"),
        new("gguf", "GGUF"),
        new("gliner", "GLiNER"),
        new("jax", "JAX"),
        new("joblib", "Joblib"),
        new("k2", "K2"),
        new("keras", "Keras"),
        new("keras-hub", "KerasHub"),
        new("kernels", "Kernels"),
        new("lerobot", "LeRobot"),
        new("lightgbm", "LightGBM"),
        new("litert", "LiteRT"),
        new("litert-lm", "LiteRT-LM"),
        new("llama-cpp-python", "llama-cpp-python"),
        new("mamba-ssm", "Mamba SSM"),
        new("mindspore", "MindSpore"),
        new("ml-agents", "ML-Agents"),
        new("mlc", "MLC"),
        new("mlc-llm", "MLC-LLM"),
        new("mlx", "MLX"),
        new("mlx-image", "mlx-image"),
        new("model2vec", "Model2Vec"),
        new("multimolecule", "MultiMolecule"),
        new("nemo", "NeMo"),
        new("onnx", "ONNX"),
        new("open_clip", "OpenCLIP"),
        new("openvino", "OpenVINO"),
        new("paddlenlp", "PaddleNLP"),
        new("PaddleOCR", "PaddleOCR"),
        new("peft", "PEFT"),
        new("pyannote-audio", "pyannote.audio"),
        new("pythae", "Pythae"),
        new("pytorch", "PyTorch"),
        new("relik", "ReLiK"),
        new("rkllm", "RKLLM"),
        new("rwkv", "RWKV"),
        new("saelens", "SAELens"),
        new("safetensors", "Safetensors"),
        new("sam2", "SAM 2"),
        new("sample-factory", "Sample Factory"),
        new("sentence-transformers", "Sentence Transformers"),
        new("setfit", "SetFit"),
        new("sklearn", "scikit-learn"),
        new("skops", "skops"),
        new("spacy", "spaCy"),
        new("span-marker", "SpanMarker"),
        new("speechbrain", "SpeechBrain"),
        new("stable-audio-tools", "Stable Audio Tools"),
        new("stable-baselines3", "Stable-Baselines3"),
        new("stanza", "Stanza"),
        new("tabpfn", "TabPFN"),
        new("tensorflowtts", "TensorFlowTTS"),
        new("tensorrt", "TensorRT"),
        new("terratorch", "TerraTorch"),
        new("tf", "TensorFlow"),
        new("tflite", "TensorFlow Lite"),
        new("timesfm", "TimesFM"),
        new("timm", "timm"),
        new("torchgeo", "TorchGeo"),
        new("transformers", "Transformers"),
        new("transformers.js", "Transformers.js"),
        new("ultralytics", "Ultralytics"),
        new("unity-sentis", "Unity Sentis"),
        new("vllm", "vLLM"),
        new("whisperkit", "WhisperKit"),
        new("xgboost", "XGBoost"),
    ];

    public static Library? Find(string id) => ById.GetValueOrDefault(id);
}
