using Google.Protobuf;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Objects;
using ModelGarden.Catalog.Packs;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Formats;
using ModelGarden.Hosting.Waiting;
using ModelGarden.Scanning;

namespace ModelGarden.Catalog.Facts;

/// <summary>
/// Examines the small files of repositories again when the rules or the scanners have changed: at start, and every few minutes for what failed, waits for a scanner, or
/// came from a replica with older rules or other scanners. One repository at a time, those that others see first. Until it is done no small file of a repository counts as clean.
/// </summary>
internal sealed partial class SmallFileWorker(
    IDbContextFactory<CatalogDbContext> contexts, RepositoryChanges changes, RecordKeeper records, FileScanners scanners, TimeProvider clock, ILogger<SmallFileWorker> logger) : BackgroundService
{
    private const int TreesAtOnce = 8;
    private const int FilesAtOnce = 50;
    private const int MaximumTurns = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(7);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Rounds.RunAsync(Pause, clock, ExamineAllAsync, exception => LogStopped(exception, Pause), stoppingToken);

    private async Task ExamineAllAsync(CancellationToken cancellationToken)
    {
        foreach (var isPublished in new[] { true, false })
        {
            var last = "";
            while (await NextAsync(isPublished, last, cancellationToken) is { } repository)
            {
                last = repository;
                for (var turn = 0; turn < MaximumTurns && !await ExamineOneAsync(repository, cancellationToken); turn++)
                {
                }
            }
        }
    }

    private async Task<string?> NextAsync(bool isPublished, string after, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var current = scanners.Signature;
        return await context.Repositories.Where(row => (row.RulesVersion < FileExaminer.RulesVersion || row.AwaitsScan || (current != "" && row.Scanners != current)) && row.Published != "" == isPublished && string.Compare(row.Id, after) > 0)
            .OrderBy(row => row.Id).Select(row => row.Id).FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>One that fails, or was deleted meanwhile, keeps no other waiting. False: to be done again.</summary>
    /// <exception cref="ScannerUnavailableException">No repository can be done now.</exception>
    private async Task<bool> ExamineOneAsync(string repository, CancellationToken cancellationToken)
    {
        try
        {
            var begun = await BeginAsync(repository, cancellationToken);
            var (files, isClean) = await ExamineAsync(repository, cancellationToken);
            var finished = await changes.RunAsync(repository, change => FinishAsync(change, begun, isClean, cancellationToken), cancellationToken);
            LogExamined(files, repository, FileExaminer.RulesVersion, finished.Error?.Message ?? "done");
            return finished.Error?.Reason is not "CHANGED";
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(exception, repository, Pause);
            if (exception is ScannerUnavailableException)
            {
                // For this repository's files, or for all: who cannot look at one byte ends the round.
                await scanners.ScanAsync([0], cancellationToken);
            }

            return true;
        }
    }

    /// <summary>Every small file of every tree that is kept, once under each kind of name; how many there were, and whether all are clean. What is examined here and in a commit meanwhile comes to the same.</summary>
    private async Task<(int Files, bool IsClean)> ExamineAsync(string repositoryId, CancellationToken cancellationToken)
    {
        var (seen, last, isClean) = (new HashSet<(PackedId, string)>(), "", true);
        while (await TreesAsync(repositoryId, last, cancellationToken) is [.., var end] trees)
        {
            last = end.Oid;
            var files = trees.SelectMany(SmallFilesOf).Where(seen.Add).ToList();
            foreach (var some in files.Chunk(FilesAtOnce))
            {
                isClean &= await ExamineAsync(repositoryId, some, cancellationToken);
            }
        }

        return (seen.Count, isClean);
    }

    private async Task<List<StoredTree>> TreesAsync(string repositoryId, string after, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Trees.Where(row => row.RepositoryId == repositoryId && string.Compare(row.Oid, after) > 0).OrderBy(row => row.Oid).Take(TreesAtOnce).ToListAsync(cancellationToken);
    }

    /// <summary>With their kinds of names.</summary>
    private static List<(PackedId Id, string Kind)> SmallFilesOf(StoredTree tree)
    {
        var files = new List<(PackedId, string)>();
        var lines = new TreeLines(tree.Content, tree.Sizes);
        while (lines.MoveNext())
        {
            if (!lines.IsFolder && lines.File.Sha256 is null)
            {
                files.Add((lines.Id, SmallFiles.NameClass(lines.Name)));
            }
        }

        return files;
    }

    private async Task<bool> ExamineAsync(string repositoryId, (PackedId Id, string Kind)[] files, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var oids = files.Select(file => file.Id.Hex).Distinct().ToList();
        var contents = await context.Blobs.Where(row => row.RepositoryId == repositoryId && oids.Contains(row.Oid)).ToDictionaryAsync(row => row.Oid, row => row.Content, cancellationToken);
        var known = await context.Examinations.Where(row => row.RepositoryId == repositoryId && oids.Contains(row.Oid)).ToDictionaryAsync(row => (row.Oid, row.Name), cancellationToken);
        var isClean = true;
        foreach (var (id, kind) in files)
        {
            var oid = id.Hex;
            // A repository that was deleted meanwhile has none any more.
            if (contents.TryGetValue(oid, out var content) && known.GetValueOrDefault((oid, kind)) is var before && !IsNewer(before)
                && SmallFiles.Examine(kind, content, await scanners.ScanAsync(content, cancellationToken), cancellationToken) is var found && (before ?? (object?)found) is not null)
            {
                await KeepAsync(context, repositoryId, oid, kind, found, cancellationToken);
                isClean &= found is null or { Verdict: Verdict.Clean };
            }
        }

        return isClean;
    }

    /// <summary>What a replica with newer rules has found stays.</summary>
    private static bool IsNewer(StoredExamination? known) => known is not null && FileExaminer.RulesOf(StoredFile.Parser.ParseFrom(known.State).Examiner) > FileExaminer.RulesVersion;

    /// <summary>In one statement: others may examine the same.</summary>
    private static Task<int> KeepAsync(CatalogDbContext context, string repositoryId, string oid, string kind, StoredFile? found, CancellationToken cancellationToken) => found is null
        ? context.Examinations.Where(row => row.RepositoryId == repositoryId && row.Oid == oid && row.Name == kind).ExecuteDeleteAsync(cancellationToken)
        : ObjectWriter.InsertAsync(
            context, "examinations (repository_id, oid, name, state)", [[repositoryId, oid, kind, found.ToByteArray()]], cancellationToken, "(repository_id, oid, name) DO UPDATE SET state = excluded.state");

    /// <summary>What is kept from now on is of the scanners here: others' do not count any more, wherever this ends. The version from which on nothing is to have changed.</summary>
    private async Task<long> BeginAsync(string repositoryId, CancellationToken cancellationToken)
    {
        var current = scanners.Signature;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await context.Repositories.Where(row => row.Id == repositoryId && row.Scanners != current).ExecuteUpdateAsync(update => update.SetProperty(row => row.Scanners, ""), cancellationToken);
        return await context.Repositories.Where(row => row.Id == repositoryId).Select(row => row.Version).SingleOrDefaultAsync(cancellationToken);
    }

    /// <summary>The repository is examined by these rules; the records of what people look at say so.</summary>
    private async Task<Result<string>> FinishAsync(RepositoryChange change, long begun, bool isClean, CancellationToken cancellationToken)
    {
        var repository = change.Repository;
        if (repository.Version != begun)
        {
            // What came meanwhile may be of a replica with older rules, and behind the place that this one had come to.
            return Error.Conflict("CHANGED", "it was changed meanwhile, and is examined again");
        }

        // One of newer rules that was here meanwhile finds it due again.
        repository.RulesVersion = FileExaminer.RulesVersion;
        (repository.Scanners, repository.AwaitsScan) = (scanners.Signature, false);
        // Of a file that is not clean there may be something else to say, though the whole repository is as it was.
        var differs = await records.RefreshShownAsync(change.Context, repository, cancellationToken);
        change.KeepDate();
        if (isClean && !differs)
        {
            change.KeepQuiet();
        }

        return await change.ClaimAsync(cancellationToken) ? repository.Id : RepositoryChange.Lost;
    }

    [LoggerMessage(401, LogLevel.Information, "{Files} small files of repository {Repository} were examined again by rules {Rules}: {Outcome}")]
    private partial void LogExamined(int files, string repository, int rules, string outcome);

    [LoggerMessage(403, LogLevel.Error, "small files of repository {Repository} could not be examined again, next try in {Pause}")]
    private partial void LogFailed(Exception exception, string repository, TimeSpan pause);

    [LoggerMessage(402, LogLevel.Error, "the examination of small files stopped, next try in {Pause}")]
    private partial void LogStopped(Exception exception, TimeSpan pause);
}
