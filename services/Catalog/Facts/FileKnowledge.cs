using Google.Protobuf;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Objects;
using ModelGarden.Catalog.Packs;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Formats;
using ModelGarden.Scanning;

namespace ModelGarden.Catalog.Facts;

/// <summary>What is known of files of a repository's revisions: of large ones from Artifacts, of small ones from their examination.</summary>
internal sealed class FileKnowledge(bool isDue, Dictionary<string, StoredFile> large, Dictionary<(string Oid, string Name), StoredFile> small)
{
    private const int BatchSize = 200;

    /// <summary>
    /// Keeps what Artifacts answered of files that a commit brings, and holds their rows to the end of the transaction: news of such a file
    /// either comes before, and is seen here, or after, and then finds the commit. The feed's word is outdone only where it is still waiting.
    /// </summary>
    public static async Task KeepAsync(CatalogDbContext context, IEnumerable<StoredFile> answered, CancellationToken cancellationToken)
    {
        foreach (var files in answered.OrderBy(file => file.Sha256, StringComparer.Ordinal).Chunk(BatchSize))
        {
            var rows = files.Select(file => new object[] { file.Sha256, 0L, file.ToByteArray() });
            await ObjectWriter.InsertAsync(
                context, "files (sha256, sequence, state)", rows, cancellationToken, "(sha256) DO UPDATE SET sequence = files.sequence");
            var examined = files.Where(file => !IsWaiting(file)).ToDictionary(file => file.Sha256);
            foreach (var known in await context.Files.AsTracking().Where(row => examined.Keys.Contains(row.Sha256)).ToListAsync(cancellationToken))
            {
                known.State = IsWaiting(StoredFile.Parser.ParseFrom(known.State)) ? examined[known.Sha256].ToByteArray() : known.State;
            }
        }

        await context.SaveChangesAsync(cancellationToken);
    }

    /// <summary>What is known of all files of a repository.</summary>
    public static Task<FileKnowledge> OfAllAsync(CatalogDbContext context, StoredRepository repository, CancellationToken cancellationToken) => ReadAsync(
        repository.IsDue(context.Scanners), context.LargeFiles.Where(large => large.RepositoryId == repository.Id), context.Files, context.Examinations.Where(row => row.RepositoryId == repository.Id), cancellationToken);

    /// <summary>What is known of some.</summary>
    public static Task<FileKnowledge> OfAsync(CatalogDbContext context, StoredRepository repository, IReadOnlyCollection<TreeItem> files, CancellationToken cancellationToken)
    {
        var (large, small) = (Oids(files.Where(file => file.Sha256 is not null)), Oids(files.Where(file => file.Sha256 is null)));
        return ReadAsync(
            repository.IsDue(context.Scanners),
            large.Count is 0 ? null : context.LargeFiles.Where(row => row.RepositoryId == repository.Id && large.Contains(row.Oid)),
            context.Files,
            small.Count is 0 ? null : context.Examinations.Where(row => row.RepositoryId == repository.Id && small.Contains(row.Oid)),
            cancellationToken);
    }

    /// <summary>What a file is under its name there: the worst that is said of its bytes, and of the name for such bytes.</summary>
    public MeasuredFile Of(string path, TreeItem file) => file.Sha256 is null ? OfSmall(path, file) : OfLarge(path, file);

    /// <summary>A large file's bytes, whatever else is said of them, are nothing that this name makes worse.</summary>
    public bool IsAsNamed(string path, TreeItem file) => NamePromise.Fault(path, large.GetValueOrDefault(file.Oid.Hex)?.Recognized ?? "") is null;

    /// <summary>Whether all of these files are clean under all of these kinds of names, large ones as far as names go; null: they are.</summary>
    public Error? Unclean(IEnumerable<(PackedId Id, string NameClass)> files)
    {
        if (isDue)
        {
            return Error.Denied("FILE_NOT_CLEAN", "small files of the repository are being examined again: try again soon");
        }

        return files.Select(file => UncleanAs(file.Id, file.NameClass)).FirstOrDefault(words => words is not null) is { } found
            ? Error.Denied("FILE_NOT_CLEAN", $"{found}; only reviewers may fetch commits that have it, the other files can be downloaded one by one")
            : null;
    }

    // Of a large file a pack has the pointer: what its bytes are is asked when they are fetched.
    private string? UncleanAs(PackedId id, string kind) =>
        small.TryGetValue((id.Hex, kind), out var state) && state.Verdict is not Verdict.Clean
            ? state.Verdict is Verdict.Pending ? $"file {id} has not been examined yet" : $"file {id} was found {state.Verdict.ToString().ToLowerInvariant()}: {state.Findings.FirstOrDefault(IsSevere)?.Message ?? "see its findings"}"
        : large.TryGetValue(id.Hex, out var stored) && NamePromise.Fault($"file{kind}", stored.Recognized) is { } fault ? $"file {id}: {fault.Message}"
        : null;

    private static async Task<FileKnowledge> ReadAsync(
        bool isDue, IQueryable<StoredLargeFile>? large, IQueryable<KnownFile> known, IQueryable<StoredExamination>? small, CancellationToken cancellationToken) => new(
            isDue,
            large is null ? [] : await large.Join(known, row => row.Sha256, file => file.Sha256, (row, file) => new { row.Oid, file.State })
                .ToDictionaryAsync(pair => pair.Oid, pair => StoredFile.Parser.ParseFrom(pair.State), cancellationToken),
            small is null ? [] : await small.ToDictionaryAsync(row => (row.Oid, row.Name), row => StoredFile.Parser.ParseFrom(row.State), cancellationToken));

    private static List<string> Oids(IEnumerable<TreeItem> files) => [.. files.Select(file => file.Oid.Hex).Distinct()];

    private MeasuredFile OfSmall(string path, TreeItem file)
    {
        var state = small.GetValueOrDefault((file.Oid.Hex, SmallFiles.NameClass(path)));
        var verdict = state?.Verdict ?? Verdict.Clean;
        return new(path, file.Size, isDue && verdict is Verdict.Clean ? Verdict.Pending : verdict, state?.Facts) { Finding = state?.Findings.FirstOrDefault(IsSevere) };
    }

    private MeasuredFile OfLarge(string path, TreeItem file)
    {
        var state = large.GetValueOrDefault(file.Oid.Hex);
        var measured = new MeasuredFile(path, file.Size, state?.Verdict ?? Verdict.Pending, state?.Facts) { Finding = state?.Findings.FirstOrDefault(IsSevere) };
        return measured.Verdict is Verdict.Clean && NamePromise.Fault(path, state!.Recognized) is { } fault
            ? measured with { Verdict = Verdict.Suspicious, Finding = FileReport.ToFinding(fault) }
            : measured;
    }

    private static bool IsSevere(Contracts.V1.Finding finding) => finding.Severity is "suspicious" or "malicious";

    private static bool IsWaiting(StoredFile file) => file.Verdict is Verdict.Pending or Verdict.Unspecified;
}
