using Google.Protobuf;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Feeds;

namespace ModelGarden.Catalog.Facts;

/// <summary>
/// Follows Artifacts' change feed: keeps what it says of every file, and makes the records again of the revisions that people look at and that
/// contain the file. The position is kept after the work is done, so a killed process does it again and nothing is left out.
/// </summary>
internal sealed class FileFollower(IDbContextFactory<CatalogDbContext> contexts, RepositoryChanges changes, RecordKeeper records) : IFeedHandler, IHostedService
{
    private const string Prefix = "file/";
    private const int BatchSize = 200;
    private readonly List<Change> _batch = [];
    private bool _isCaughtUp;

    public long Position { get; private set; }

    /// <summary>Before following begins: finds where it stopped.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        Position = (await context.FeedPositions.SingleOrDefaultAsync(row => row.Feed == ServiceNames.Artifacts, cancellationToken))?.Position ?? 0;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>What is known stays, for repositories count on it; every change of the snapshot outdoes it.</summary>
    public async ValueTask ResetAsync(CancellationToken cancellationToken)
    {
        _batch.Clear();
        _isCaughtUp = false;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await context.Files.ExecuteUpdateAsync(update => update.SetProperty(file => file.Sequence, 0), cancellationToken);
        await KeepPositionAsync(0, cancellationToken);
    }

    public async ValueTask ApplyAsync(Change change, CancellationToken cancellationToken)
    {
        _batch.Add(change);
        if (_isCaughtUp || _batch.Count >= BatchSize)
        {
            await FlushAsync(cancellationToken);
        }
    }

    public async ValueTask CaughtUpAsync(long sequence, CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken);
        _isCaughtUp = true;
    }

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        // Cleared before the work: after a failure the feed sends again what comes behind the position.
        var batch = _batch.ToList();
        _batch.Clear();
        if (batch.Count is 0)
        {
            return;
        }

        var files = batch.Where(change => change.Key.StartsWith(Prefix, StringComparison.Ordinal)).ToList();
        await KeepAsync(files, cancellationToken);
        // Those that are examined: of each one's name there may be something else to say, though the whole repository is as it was.
        var examined = files.Where(change => StateOf(change).Verdict is not Verdict.Pending).Select(DigestOf).ToHashSet();
        foreach (var repository in await ContainingAsync([.. files.Select(DigestOf)], examined, cancellationToken))
        {
            await changes.RunAsync(repository.Key, change => RefreshAsync(change, repository.Value, cancellationToken), cancellationToken);
        }

        await KeepPositionAsync(batch[^1].Sequence, cancellationToken);
    }

    private async Task KeepAsync(IEnumerable<Change> files, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        foreach (var change in files.OrderBy(change => change.Key, StringComparer.Ordinal))
        {
            var state = StateOf(change).ToByteArray();
            await context.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO files (sha256, sequence, state) VALUES ({DigestOf(change)}, {change.Sequence}, {state})
                ON CONFLICT (sha256) DO UPDATE SET sequence = excluded.sequence, state = excluded.state WHERE files.sequence < excluded.sequence
                """,
                cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>The repositories that have some of the files, and whether one of these is examined.</summary>
    private async Task<Dictionary<string, bool>> ContainingAsync(IReadOnlyCollection<string> digests, HashSet<string> examined, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var files = await context.LargeFiles.Where(file => digests.Contains(file.Sha256)).Select(file => new { file.RepositoryId, file.Sha256 }).Distinct().ToListAsync(cancellationToken);
        return files.GroupBy(file => file.RepositoryId).ToDictionary(group => group.Key, group => group.Any(file => examined.Contains(file.Sha256)));
    }

    private async Task<Result<string>> RefreshAsync(RepositoryChange change, bool isExamined, CancellationToken cancellationToken)
    {
        var repository = change.Repository;
        change.KeepDate();
        var differs = await records.RefreshShownAsync(change.Context, repository, cancellationToken);
        return (differs || isExamined) && !await change.ClaimAsync(cancellationToken) ? RepositoryChange.Lost : repository.Id;
    }

    private async Task KeepPositionAsync(long position, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await context.Database.ExecuteSqlAsync(
            $"INSERT INTO feed_positions (feed, position) VALUES ({ServiceNames.Artifacts}, {position}) ON CONFLICT (feed) DO UPDATE SET position = excluded.position",
            cancellationToken);
        Position = position;
    }

    private static string DigestOf(Change change) => change.Key[Prefix.Length..];

    private static StoredFile StateOf(Change change) => change.State is { } state && state.Is(StoredFile.Descriptor)
        ? state.Unpack<StoredFile>()
        : new() { Sha256 = DigestOf(change), Verdict = Verdict.Pending };
}
