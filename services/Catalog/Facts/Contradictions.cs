namespace ModelGarden.Catalog.Facts;

/// <summary>Where card and files tell different things, in people's words. Only what cannot both be true: a revision with one can be kept from publication by it. Pure.</summary>
internal static class Contradictions
{
    private const string Adapter = "adapter";
    private static readonly HashSet<string> FormatTags = ["gguf", "onnx", "safetensors"];
    private static readonly HashSet<string> FullTypes = ["F64", "F32", "F16", "BF16"];

    public static IEnumerable<string> Of(DeclaredFacts declared, MeasuredFacts measured) =>
    [
        .. OfAdapters(declared, measured),
        .. OfFormats(declared, measured),
        .. OfQuantizations(declared, measured),
    ];

    private static IEnumerable<string> OfAdapters(DeclaredFacts declared, MeasuredFacts measured)
    {
        if (measured.BaseModelRelation is not Adapter)
        {
            yield break;
        }

        if (declared.BaseModelRelation is not ("" or Adapter))
        {
            yield return $"README.md declares base_model_relation '{declared.BaseModelRelation}', and adapter_config.json says that it is an adapter";
        }

        if (declared.BaseModels.Count > 0 && measured.BaseModels.Except(declared.BaseModels, StringComparer.OrdinalIgnoreCase).FirstOrDefault() is { } other)
        {
            yield return $"README.md declares base_model {string.Join(", ", declared.BaseModels.Select(name => Text.Shorten(name)))}, and the files name {other}";
        }
    }

    // A revision without weights is one that is still to get them; what a file is that waits for its examination is not known yet.
    private static IEnumerable<string> OfFormats(DeclaredFacts declared, MeasuredFacts measured) => measured.Formats.Count is 0 || measured.Verdict is not Verdict.Clean
        ? []
        : declared.Tags.Append(declared.Library).Where(FormatTags.Contains).Distinct().Except(measured.Formats)
            .Select(format => $"README.md declares {format}, and there is no such file: the weights are there as {string.Join(", ", measured.Formats)}");

    // Of GGUF and ONNX files, types alone do not tell what was done to the weights.
    private static IEnumerable<string> OfQuantizations(DeclaredFacts declared, MeasuredFacts measured)
    {
        if (declared.BaseModelRelation is "quantized" && measured.Formats is ["safetensors"] && measured.Quantizations.Count is 0
            && measured.ParametersByType.Count > 0 && measured.ParametersByType.Keys.All(FullTypes.Contains))
        {
            yield return $"README.md declares base_model_relation 'quantized', and all weights are of {string.Join(", ", measured.ParametersByType.Keys.Order(StringComparer.Ordinal))}";
        }
    }
}
