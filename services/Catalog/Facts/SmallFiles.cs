using System.Text.Json;
using ModelGarden.Formats;
using ModelGarden.Scanning;
using FormatVerdict = ModelGarden.Formats.Verdict;

namespace ModelGarden.Catalog.Facts;

/// <summary>Examines the files that the catalog keeps itself; the large ones are Artifacts' matter.</summary>
internal static class SmallFiles
{
    private const string Config = "config.json";
    private const string TokenizerConfig = "tokenizer_config.json";

    /// <summary>What of a path matters to an examination: the same content under another such name is examined again.</summary>
    public static string NameClass(string path) => FileNames.Of(path) switch
    {
        Config => Config,
        TokenizerConfig => TokenizerConfig,
        var name => FileNames.EndingOf(name),
    };

    /// <summary>What is worth keeping; null: the file is clean and says nothing of a model.</summary>
    /// <param name="kind">See <see cref="NameClass"/>: what is found is kept for all names of the class, so it tells of none.</param>
    /// <param name="content">Its bytes.</param>
    /// <param name="scanned">What scanners found in it; null: they are still to look at it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static StoredFile? Examine(string kind, byte[] content, IReadOnlyList<Formats.Finding>? scanned, CancellationToken cancellationToken)
    {
        using var stream = new MemoryStream(content, writable: false);
        var examination = FileExaminer.Examine(kind is ['.', ..] ? $"file{kind}" : kind, stream, content.Length, cancellationToken);
        examination = examination with { Findings = [.. scanned ?? [], .. examination.Findings] };
        var report = FileReport.Of(content.Length, examination);
        report.Facts = kind is TokenizerConfig && ChatTemplate(content) is { } template ? new() { Format = "json", ChatTemplate = template }
            : TellsOfAModel(examination) ? report.Facts
            : null;
        if (report.Facts is null && scanned is not null && examination.Verdict is FormatVerdict.Clean)
        {
            return null;
        }

        if (scanned is null && examination.Verdict is FormatVerdict.Clean)
        {
            report.Verdict = Verdict.Pending;
        }

        report.Examiner = FileExaminer.Rules;
        return report;
    }

    private static bool TellsOfAModel(Examination examination) =>
        examination.Facts is not (null or ArchiveFacts) || examination.Format is FileFormat.TorchZip or FileFormat.Pickle;

    private static string? ChatTemplate(byte[] content)
    {
        try
        {
            using var json = JsonDocument.Parse(content);
            return json.RootElement.ValueKind is JsonValueKind.Object && json.RootElement.TryGetProperty("chat_template", out var template)
                && template.ValueKind is JsonValueKind.String or JsonValueKind.Array ? template.ToString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
