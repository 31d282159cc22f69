using System.Collections.Frozen;

namespace ModelGarden.Formats.Known;

/// <summary>What a model takes in and gives out, roughly.</summary>
public enum Modality
{
    Text,
    Vision,
    Audio,
    Multimodal,
    Tabular,
    Control,
    Other,
}

/// <summary>A task that the Hub knows.</summary>
/// <param name="Id">What stands in <c>pipeline_tag</c>.</param>
/// <param name="Name">For people.</param>
/// <param name="Modality">The group it is shown in.</param>
public sealed record PipelineTag(string Id, string Name, Modality Modality);

/// <summary>The Hub's tasks, grouped by modality.</summary>
public static class PipelineTags
{
    private static readonly FrozenDictionary<string, PipelineTag> ById;

    static PipelineTags() => ById = All.ToFrozenDictionary(tag => tag.Id, StringComparer.Ordinal);

    public static IReadOnlyList<PipelineTag> All { get; } =
    [
        new("feature-extraction", "Feature extraction", Modality.Text),
        new("fill-mask", "Fill mask", Modality.Text),
        new("multiple-choice", "Multiple choice", Modality.Text),
        new("question-answering", "Question answering", Modality.Text),
        new("sentence-similarity", "Sentence similarity", Modality.Text),
        new("summarization", "Summarization", Modality.Text),
        new("table-question-answering", "Table question answering", Modality.Text),
        new("table-to-text", "Table to text", Modality.Text),
        new("text-classification", "Text classification", Modality.Text),
        new("text-generation", "Text generation", Modality.Text),
        new("text-ranking", "Text ranking", Modality.Text),
        new("text-retrieval", "Text retrieval", Modality.Text),
        new("token-classification", "Token classification", Modality.Text),
        new("translation", "Translation", Modality.Text),
        new("zero-shot-classification", "Zero shot classification", Modality.Text),
        new("depth-estimation", "Depth estimation", Modality.Vision),
        new("image-classification", "Image classification", Modality.Vision),
        new("image-feature-extraction", "Image feature extraction", Modality.Vision),
        new("image-segmentation", "Image segmentation", Modality.Vision),
        new("image-to-3d", "Image to 3D", Modality.Vision),
        new("image-to-image", "Image to image", Modality.Vision),
        new("image-to-text", "Image to text", Modality.Vision),
        new("image-to-video", "Image to video", Modality.Vision),
        new("keypoint-detection", "Keypoint detection", Modality.Vision),
        new("mask-generation", "Mask generation", Modality.Vision),
        new("object-detection", "Object detection", Modality.Vision),
        new("text-to-3d", "Text to 3D", Modality.Vision),
        new("text-to-image", "Text to image", Modality.Vision),
        new("text-to-video", "Text to video", Modality.Vision),
        new("unconditional-image-generation", "Unconditional image generation", Modality.Vision),
        new("video-classification", "Video classification", Modality.Vision),
        new("video-to-video", "Video to video", Modality.Vision),
        new("zero-shot-image-classification", "Zero shot image classification", Modality.Vision),
        new("zero-shot-object-detection", "Zero shot object detection", Modality.Vision),
        new("audio-classification", "Audio classification", Modality.Audio),
        new("audio-to-audio", "Audio to audio", Modality.Audio),
        new("automatic-speech-recognition", "Automatic speech recognition", Modality.Audio),
        new("text-to-audio", "Text to audio", Modality.Audio),
        new("text-to-speech", "Text to speech", Modality.Audio),
        new("voice-activity-detection", "Voice activity detection", Modality.Audio),
        new("any-to-any", "Any to any", Modality.Multimodal),
        new("audio-text-to-text", "Audio text to text", Modality.Multimodal),
        new("document-question-answering", "Document question answering", Modality.Multimodal),
        new("image-text-to-image", "Image text to image", Modality.Multimodal),
        new("image-text-to-text", "Image text to text", Modality.Multimodal),
        new("image-text-to-video", "Image text to video", Modality.Multimodal),
        new("video-text-to-text", "Video text to text", Modality.Multimodal),
        new("visual-document-retrieval", "Visual document retrieval", Modality.Multimodal),
        new("visual-question-answering", "Visual question answering", Modality.Multimodal),
        new("tabular-classification", "Tabular classification", Modality.Tabular),
        new("tabular-regression", "Tabular regression", Modality.Tabular),
        new("tabular-to-text", "Tabular to text", Modality.Tabular),
        new("time-series-forecasting", "Time series forecasting", Modality.Tabular),
        new("reinforcement-learning", "Reinforcement learning", Modality.Control),
        new("robotics", "Robotics", Modality.Control),
        new("graph-ml", "Graph ML", Modality.Other),
        new("other", "Other", Modality.Other),
    ];

    public static PipelineTag? Find(string id) => ById.GetValueOrDefault(id);
}
