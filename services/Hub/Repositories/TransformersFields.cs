using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Hub.Repositories;

/// <summary>What a model's <c>config.json</c> was measured to say, and with which of the library's classes it is read therefore.</summary>
internal static class TransformersFields
{
    public const string Config = "config";
    public const string Info = "transformersInfo";

    // How names of architectures end, and what reads such a model. Those of several kinds, such as ForConditionalGeneration, tell nothing.
    private static readonly (string Ending, string Class, string Task, string Processor)[] Readers =
    [
        ("ForCausalLM", "AutoModelForCausalLM", "text-generation", "AutoTokenizer"),
        ("LMHeadModel", "AutoModelForCausalLM", "text-generation", "AutoTokenizer"),
        ("ForMaskedLM", "AutoModelForMaskedLM", "fill-mask", "AutoTokenizer"),
        ("ForSequenceClassification", "AutoModelForSequenceClassification", "text-classification", "AutoTokenizer"),
        ("ForTokenClassification", "AutoModelForTokenClassification", "token-classification", "AutoTokenizer"),
        ("ForQuestionAnswering", "AutoModelForQuestionAnswering", "question-answering", "AutoTokenizer"),
        ("ForMultipleChoice", "AutoModelForMultipleChoice", "multiple-choice", "AutoTokenizer"),
        ("ForImageClassification", "AutoModelForImageClassification", "image-classification", "AutoImageProcessor"),
        ("ForObjectDetection", "AutoModelForObjectDetection", "object-detection", "AutoImageProcessor"),
        ("ForSemanticSegmentation", "AutoModelForSemanticSegmentation", "image-segmentation", "AutoImageProcessor"),
        ("ForDepthEstimation", "AutoModelForDepthEstimation", "depth-estimation", "AutoImageProcessor"),
        ("ForCTC", "AutoModelForCTC", "automatic-speech-recognition", "AutoProcessor"),
    ];

    public static void Add(JsonObject json, MeasuredFacts measured)
    {
        if (measured.Architectures.Count is 0 && measured.ModelType.Length is 0)
        {
            return;
        }

        var config = new JsonObject();
        if (measured.Architectures.Count > 0)
        {
            config["architectures"] = new JsonArray([.. measured.Architectures.Select(name => (JsonNode)name)]);
        }

        if (measured.ModelType.Length > 0)
        {
            config["model_type"] = measured.ModelType;
        }

        json[Config] = config;
        if (InfoOf(measured) is { } info)
        {
            json[Info] = info;
        }
    }

    // Which class a model with Python of its own is read with is said there.
    private static JsonObject? InfoOf(MeasuredFacts measured)
    {
        var (_, name, task, processor) = measured.NeedsRemoteCode ? default : Readers.FirstOrDefault(reader => measured.Architectures.Any(architecture => architecture.EndsWith(reader.Ending, StringComparison.Ordinal)));
        return name is null ? null : new JsonObject { ["auto_model"] = name, ["pipeline_tag"] = task, ["processor"] = processor };
    }
}
