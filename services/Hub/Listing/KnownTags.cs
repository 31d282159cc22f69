namespace ModelGarden.Hub.Listing;

/// <summary>Tags that the protocol writes without saying what they are: tasks, libraries and formats by the names that the public hub gives them.</summary>
internal static class KnownTags
{
    public static IReadOnlySet<string> Tasks { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "any-to-any", "audio-classification", "audio-text-to-text", "audio-to-audio", "automatic-speech-recognition", "depth-estimation",
        "document-question-answering", "feature-extraction", "fill-mask", "graph-ml", "image-classification", "image-feature-extraction",
        "image-segmentation", "image-text-to-text", "image-to-3d", "image-to-image", "image-to-text", "image-to-video", "keypoint-detection",
        "mask-generation", "multiple-choice", "object-detection", "question-answering", "reinforcement-learning", "robotics",
        "sentence-similarity", "summarization", "table-question-answering", "tabular-classification", "tabular-regression", "text-classification",
        "text-generation", "text-ranking", "text-retrieval", "text-to-3d", "text-to-audio", "text-to-image", "text-to-speech", "text-to-video",
        "text2text-generation", "time-series-forecasting", "token-classification", "translation", "unconditional-image-generation",
        "video-classification", "video-text-to-text", "visual-document-retrieval", "visual-question-answering", "voice-activity-detection",
        "zero-shot-classification", "zero-shot-image-classification", "zero-shot-object-detection",
    };

    public static IReadOnlySet<string> Libraries { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "adapter-transformers", "allennlp", "asteroid", "diffusers", "espnet", "fairseq", "fastai", "fasttext", "flair", "jax", "joblib", "keras",
        "mlx", "nemo", "open_clip", "paddlenlp", "paddlepaddle", "peft", "pyannote-audio", "pytorch", "sample-factory", "scikit-learn",
        "sentence-transformers", "setfit", "sklearn", "spacy", "speechbrain", "stable-baselines3", "stanza", "tensorflow", "tf-keras", "tflite",
        "timm", "transformers", "transformers.js", "ultralytics", "unity-sentis", "vllm",
    };

    /// <summary>Programs that read GGUF, as the public hub calls them in <c>apps</c>.</summary>
    public static IReadOnlySet<string> GgufApps { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "backyard-ai", "docker-model-runner", "gpt4all", "jan", "jellybox", "koboldcpp", "lemonade", "llama-cpp-python", "llama.cpp", "lmstudio", "msty", "ollama", "ramalama", "recursechat", "sanctum",
    };

    public static IReadOnlySet<string> Formats { get; } = new HashSet<string>(StringComparer.Ordinal) { "gguf", "onnx", "safetensors" };
}
