using System.Globalization;
using System.Text.RegularExpressions;

namespace ModelGarden.Deployment.Planner;

/// <summary>Which files must lie beside each other for one of them to be loaded.</summary>
internal static partial class FileGroup
{
    /// <summary>The file itself first, then what it needs; or why it cannot be loaded by itself.</summary>
    public static (IReadOnlyList<ModelFile> Needed, string? Why) Of(ModelFile file, IReadOnlyList<ModelFile> all) => file.Format switch
    {
        "gguf" when Part().Match(file.Path) is { Success: true } part => Parts(file, part, all),
        "onnx" => ([file, .. all.Where(other => IsDataOf(file, other))], null),
        _ => ([file], null),
    };

    private static (IReadOnlyList<ModelFile> Needed, string? Why) Parts(ModelFile file, Match part, IReadOnlyList<ModelFile> all)
    {
        if (part.Groups["number"].Value is not "00001")
        {
            return ([], "is a later part of a split model: its first part stands for all");
        }

        var count = int.Parse(part.Groups["count"].Value, CultureInfo.InvariantCulture);
        var names = Enumerable.Range(1, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"{part.Groups["stem"].Value}-{i:d5}-of-{count:d5}.gguf"));
        var found = names.Select(name => all.FirstOrDefault(other => other.Path == name)).OfType<ModelFile>().ToList();
        return found.Count == count ? (found, null) : ([], $"is the first of {count} parts, of which only {found.Count} are there");
    }

    /// <summary>How exporters name the tensors that they put beside a graph.</summary>
    private static bool IsDataOf(ModelFile graph, ModelFile other) =>
        other.Path.StartsWith(graph.Path, StringComparison.Ordinal) && other.Path[graph.Path.Length..] is var rest
        && (rest is ".data" || rest.StartsWith("_data", StringComparison.Ordinal));

    [GeneratedRegex(@"\A(?<stem>.+)-(?<number>\d{5})-of-(?<count>\d{5})\.gguf\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Part();
}
