using System.Globalization;
using ModelGarden.Catalog.Facts;

namespace ModelGarden.Catalog.Families;

/// <summary>What tells one variation in a repository from another.</summary>
internal readonly record struct VariationKey(string Framework, string Size, string Precision);

/// <summary>The weights of one variation in one revision: a file, or the shards of one; where a revision has several such sets of the same key, the first by path.</summary>
/// <param name="Key">Of which variation.</param>
/// <param name="Parameters">Exactly.</param>
/// <param name="Files">By path, with the ids that git gives their content.</param>
internal sealed record WeightSet(VariationKey Key, long Parameters, IReadOnlyList<(MeasuredFile File, string Oid)> Files)
{
    private static readonly HashSet<string> Frameworks = ["safetensors", "gguf", "onnx"];

    public long Bytes => Files.Sum(one => one.File.Size);

    /// <summary>The sets of a revision, one of each key.</summary>
    public static IEnumerable<WeightSet> Of(IEnumerable<(MeasuredFile File, string Oid)> files) => files
        .Where(one => one.File.Facts is { HasParameters: true } facts && Frameworks.Contains(facts.Format))
        .GroupBy(one => (one.File.Facts!.Format, Measuring.SetOf(one.File.Path)))
        .OrderBy(set => set.Key.Item2, StringComparer.Ordinal)
        .Select(set => Of(set.Key.Format, [.. set.OrderBy(one => one.File.Path, StringComparer.Ordinal)]))
        .DistinctBy(set => set.Key);

    public bool HasFilesOf(WeightSet other) => Files.Select(one => (one.File.Path, one.Oid)).SequenceEqual(other.Files.Select(one => (one.File.Path, one.Oid)));

    /// <summary>In three digits at most, rounded: 8B, 1.5B, 350M.</summary>
    public static string SizeOf(long parameters)
    {
        var (value, unit) = parameters switch
        {
            >= 999_500_000_000 => (parameters / 1e12, "T"),
            >= 999_500_000 => (parameters / 1e9, "B"),
            >= 999_500 => (parameters / 1e6, "M"),
            >= 1000 => (parameters / 1e3, "K"),
            _ => (parameters, ""),
        };
        return value.ToString(value < 9.95 ? "0.#" : "0", CultureInfo.InvariantCulture) + unit;
    }

    private static WeightSet Of(string format, IReadOnlyList<(MeasuredFile File, string Oid)> files)
    {
        var parameters = files.Sum(one => one.File.Facts!.Parameters);
        return new(new(format, SizeOf(parameters), PrecisionOf(files)), parameters, files);
    }

    /// <summary>What a GGUF calls itself, else the type that most parameters have.</summary>
    private static string PrecisionOf(IReadOnlyList<(MeasuredFile File, string Oid)> files) =>
        files[0].File.Facts!.Quantization is { Length: > 0 } named ? named
        : files.SelectMany(one => one.File.Facts!.ParametersByType).GroupBy(pair => pair.Key, pair => pair.Value)
            .OrderByDescending(type => type.Sum()).ThenBy(type => type.Key, StringComparer.Ordinal).FirstOrDefault()?.Key ?? "";
}
