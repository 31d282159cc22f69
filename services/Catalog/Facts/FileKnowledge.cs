using Google.Protobuf;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Objects;

namespace ModelGarden.Catalog.Facts;

/// <summary>What is known of the files of a repository's revisions: of large ones from Artifacts, of small ones from their examination.</summary>
internal static class FileKnowledge
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

    /// <summary>Every file of a tree with what is known of it.</summary>
    public static async Task<IReadOnlyList<MeasuredFile>> ReadAsync(
        CatalogDbContext context, TreeReader trees, string repositoryId, ObjectId root, CancellationToken cancellationToken)
    {
        var known = await context.LargeFiles.Where(large => large.RepositoryId == repositoryId)
            .Join(context.Files, large => large.Sha256, file => file.Sha256, (large, file) => new { large.Oid, file.State })
            .ToDictionaryAsync(pair => pair.Oid, pair => StoredFile.Parser.ParseFrom(pair.State), cancellationToken);
        var examined = await context.Examinations.Where(row => row.RepositoryId == repositoryId)
            .ToDictionaryAsync(row => (row.Oid, row.Name), row => StoredFile.Parser.ParseFrom(row.State), cancellationToken);
        var files = new List<MeasuredFile>();
        await foreach (var (path, file) in trees.FilesAsync(root, cancellationToken))
        {
            var state = file.Sha256 is null ? examined.GetValueOrDefault((file.Oid.Hex, SmallFiles.NameClass(path))) : known.GetValueOrDefault(file.Oid.Hex);
            var verdict = state?.Verdict ?? (file.Sha256 is null ? Verdict.Clean : Verdict.Pending);
            files.Add(new(path, file.Size, verdict, state?.Facts) { Finding = state?.Findings.FirstOrDefault(IsSevere)?.Message ?? "" });
        }

        return files;
    }

    private static bool IsSevere(Finding finding) => finding.Severity is "suspicious" or "malicious";

    private static bool IsWaiting(StoredFile file) => file.Verdict is Verdict.Pending or Verdict.Unspecified;
}
