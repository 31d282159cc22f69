using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Facts;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Hosting.Waiting;

namespace ModelGarden.Catalog.Families;

/// <summary>Reads the ties of models again that were kept before there were any, or by older rules: once at start, one repository after the other. A family lacks members until it is done.</summary>
internal sealed partial class FamilyWorker(
    IDbContextFactory<CatalogDbContext> contexts, RepositoryChanges changes, RecordKeeper records, TimeProvider clock, ILogger<FamilyWorker> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(5);

    /// <summary>Reads all that are due; false: some could not be, and still are.</summary>
    public async Task<bool> ReadAllAsync(CancellationToken cancellationToken)
    {
        var (last, read, failed) = ("", 0, 0);
        while (await NextAsync(last, cancellationToken) is { } repository)
        {
            last = repository;
            if (await TryReadAsync(repository, cancellationToken))
            {
                read++;
            }
            else
            {
                failed++;
            }
        }

        if (read > 0)
        {
            LogRead(read, FamilyTies.Version);
        }

        return failed is 0;
    }

    /// <summary>One that fails keeps no other waiting.</summary>
    private async Task<bool> TryReadAsync(string repository, CancellationToken cancellationToken)
    {
        try
        {
            // One that was deleted meanwhile is not due any more.
            return (await changes.RunAsync(repository, change => ReadAsync(change, cancellationToken), cancellationToken)).Error is null or { Code: ErrorCode.NotFound };
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogOneFailed(exception, repository, Pause);
            return false;
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Rounds.UntilAsync(Pause, clock, ReadAllAsync, exception => LogFailed(exception, Pause), stoppingToken);

    private async Task<string?> NextAsync(string after, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Repositories.Where(row => row.FamilyVersion < FamilyTies.Version && string.Compare(row.Id, after) > 0).OrderBy(row => row.Id).Select(row => row.Id).FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>The records of what people look at are made again: what the files say of bases was not looked for before.</summary>
    private async Task<Result<string>> ReadAsync(RepositoryChange change, CancellationToken cancellationToken)
    {
        var (context, repository) = (change.Context, change.Repository);
        var differs = await records.RefreshShownAsync(context, repository, cancellationToken);
        repository.FamilyVersion = FamilyTies.Version;
        if (!await change.ClaimAsync(cancellationToken))
        {
            return RepositoryChange.Lost;
        }

        change.KeepDate();
        if (!differs)
        {
            change.KeepQuiet();
            await FamilyTies.KeepAsync(context, await RecordKeeper.StateAsync(context, repository, cancellationToken), cancellationToken);
        }

        return repository.Id;
    }

    [LoggerMessage(421, LogLevel.Information, "the families of {Count} repositories were read by rules {Rules}")]
    private partial void LogRead(int count, int rules);

    [LoggerMessage(423, LogLevel.Error, "the family of repository {Repository} could not be read, next try in {Pause}")]
    private partial void LogOneFailed(Exception exception, string repository, TimeSpan pause);

    [LoggerMessage(422, LogLevel.Error, "families could not be read, next try in {Pause}")]
    private partial void LogFailed(Exception exception, TimeSpan pause);
}
