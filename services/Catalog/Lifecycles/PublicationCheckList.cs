using System.Globalization;
using ModelGarden.Catalog.Cards;
using ModelGarden.Catalog.Facts;
using ModelGarden.Catalog.Origins;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Formats.Known;

namespace ModelGarden.Catalog.Lifecycles;

/// <summary>What an operator can require of a revision: one thing, by name.</summary>
/// <param name="Name">As settings and answers have it, such as <c>license-known</c>.</param>
/// <param name="Description">What it asks for.</param>
/// <param name="Problems">What is missing of a revision, in people's words; nothing: it is passed.</param>
internal sealed record PublicationCheck(string Name, string Description, Func<CheckedRevision, IEnumerable<string>> Problems);

/// <summary>A revision as checks look at it.</summary>
/// <param name="Repository">Whose.</param>
/// <param name="Origin">The newest record of what upstream said of its files, or of those of a revision behind it; null: there is none.</param>
/// <param name="Card">README.md; null: there is none.</param>
/// <param name="Record">What is known of it.</param>
/// <param name="Files">All, as they were measured.</param>
internal sealed record CheckedRevision(StoredRepository Repository, StoredOrigin? Origin, byte[]? Card, ModelRecord Record, IReadOnlyList<MeasuredFile> Files);

/// <summary>Every check there is.</summary>
internal static class PublicationCheckList
{
    private const int ShownFiles = 10;
    private const string NoCard = "there is no README.md with a card";
    private static readonly HashSet<string> CodeFormats = ["torch", "pickle"];

    public static IReadOnlyList<PublicationCheck> All { get; } =
    [
        new("scan-clean", "every file was examined and found clean", ScanClean),
        new("card-valid", "README.md is a card without errors", CardValid),
        new("card-complete", "the card says what the repository is: words, and of a model its task", CardComplete),
        new("license-known", "the card declares a licence that is known, or names its own", LicenseKnown),
        new("origin-pinned", "it is on record where the repository was copied from, which revision, and what upstream said of each file of it", OriginPinned),
        new("no-pickle", "no file is one that runs code when it is loaded, as torch checkpoints and pickles do", NoPickle),
        new("facts-agree", "the files do not contradict what the card declares", revision => revision.Record.Contradictions),
    ];

    /// <summary>Null: there is none of that name.</summary>
    public static PublicationCheck? Find(string name) => All.FirstOrDefault(check => check.Name == name);

    private static IEnumerable<string> ScanClean(CheckedRevision revision) => Listed(
        revision.Files.Where(file => file.Verdict is not Verdict.Clean),
        file => file.Verdict is Verdict.Pending or Verdict.Unspecified
            ? $"'{file.Path}' has not been examined yet"
            : $"'{file.Path}' was found {file.Verdict.ToString().ToLowerInvariant()}{(file.Finding is { } finding ? $": {Text.Shorten(finding.Message, 200)}" : "")}",
        "files are not clean");

    private static IEnumerable<string> CardValid(CheckedRevision revision)
    {
        if ((revision.Card is null ? NoCard : CardReading.Fault(revision.Card)?.Message) is { } fault)
        {
            yield return fault;
        }
    }

    private static IEnumerable<string> CardComplete(CheckedRevision revision)
    {
        var declared = revision.Record.Declared;
        if (revision.Card is null)
        {
            yield return NoCard;
            yield break;
        }

        if (declared.Summary.Length is 0)
        {
            yield return "README.md has no words below its front matter: say what the repository is";
        }

        if (revision.Repository.Kind is RepositoryKind.Model && declared.Task.Length is 0)
        {
            yield return "README.md declares no task: set 'pipeline_tag' in its front matter";
        }
    }

    private static IEnumerable<string> LicenseKnown(CheckedRevision revision)
    {
        var declared = revision.Record.Declared;
        if (!declared.Licenses.Any(license => license is not "unknown" && KnownLicenses.Find(license) is not null))
        {
            yield return "README.md declares no known licence: set 'license' in its front matter";
        }
        else if (declared.Licenses.Contains("other") && declared.LicenseName.Length is 0)
        {
            yield return "README.md declares the licence 'other' without a 'license_name'";
        }
    }

    private static IEnumerable<string> OriginPinned(CheckedRevision revision)
    {
        var (repository, origin) = (revision.Repository, revision.Origin);
        if (repository.SourceOrigin.Length is 0)
        {
            yield return "the repository's source has no origin: set where it was copied from";
        }

        if (repository.SourceRevision.Length is 0)
        {
            yield return "the repository's source has no origin_revision: set which revision was copied";
        }

        if (origin is null)
        {
            yield return $"there are no checksums on record of what upstream said of its files: {HowToRecord(repository)}";
        }
        else if (!repository.IsFrom(origin.Source) || repository.SourceFiles is 0)
        {
            yield return $"the checksums behind it, of record {origin.Number}, are those of {origin.SourceOrigin} at {origin.SourceRevision}, which is not what the repository's source says now: {HowToRecord(repository)}";
        }
    }

    private static string HowToRecord(StoredRepository repository) => repository.Kind switch
    {
        RepositoryKind.Model => $"'garden models import SOURCE --name {repository.Name}' records them",
        RepositoryKind.Dataset => $"'garden datasets import SOURCE --name {repository.Name}' records them",
        _ => "RecordOrigin records them",
    };

    private static IEnumerable<string> NoPickle(CheckedRevision revision) => Listed(
        revision.Files.Where(file => file.Facts is { } facts && CodeFormats.Contains(facts.Format)),
        file => $"'{file.Path}' is a {(file.Facts!.Format is "torch" ? "torch checkpoint" : "pickle")}, which runs code when it is loaded: keep its weights as safetensors",
        "files are torch checkpoints or pickles");

    private static IEnumerable<string> Listed(IEnumerable<MeasuredFile> files, Func<MeasuredFile, string> words, string more)
    {
        var listed = files.OrderBy(file => file.Path, StringComparer.Ordinal).ToList();
        foreach (var file in listed.Take(ShownFiles))
        {
            yield return words(file);
        }

        if (listed.Count > ShownFiles)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{listed.Count - ShownFiles} more {more}");
        }
    }
}
