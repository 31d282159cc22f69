using Microsoft.Extensions.Options;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Quotas;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Artifacts.Collection;

/// <summary>
/// Frees what nobody needs. Each step is one transaction that the database refuses if it is wrong: a file that a tenant has named and a xorb that a file needs are
/// held by foreign keys, and what an upload or a commit has found lately is held by its time. Objects go last, when no reader can be at them. So it may run beside
/// everything, on several replicas, and be ended at any point.
/// </summary>
internal sealed class Collector(
    FileCollection files, HoldCollection holds, UsageCounter counter, XorbCollection xorbs, ObjectCollection objects, CollectionSchedule schedule, ArtifactsMetrics metrics, IOptions<ArtifactsOptions> options,
    TimeProvider clock)
{
    /// <summary>Four hours a Xet client may count on chunks that it was told of; and an hour before, twice over, they may have been touched (<see cref="Xorbs.TouchEvery"/>).</summary>
    public static readonly TimeSpan ShortestGrace = TimeSpan.FromHours(6);

    /// <exception cref="Kernel.ErrorException">Catalog cannot say what repositories have: nothing is known to be of no use.</exception>
    public async Task<CollectGarbageResponse> CollectAsync(bool dryRun, CancellationToken cancellationToken)
    {
        var run = new CollectionRun(clock.GetUtcNow() - options.Value.CollectionGrace, dryRun);
        await files.CollectAsync(run, cancellationToken);
        await holds.CollectAsync(run, cancellationToken);
        if (!dryRun)
        {
            await GiveBackAsync(cancellationToken);
        }

        await xorbs.CollectAsync(run, cancellationToken);
        await objects.CollectAsync(run, cancellationToken);
        if (!dryRun)
        {
            await schedule.FinishAsync(cancellationToken);
            metrics.Collected(run.Report.GarbageBytes);
        }

        return run.Report;
    }

    /// <summary>No xorb goes as long as chunks of it are counted for a tenant; where that fails, those xorbs stay, and all others are collected.</summary>
    private async Task GiveBackAsync(CancellationToken cancellationToken)
    {
        await foreach (var waiting in counter.WaitingAsync(null, cancellationToken).TakeWhile(waiting => waiting.Return > 0))
        {
            await counter.TryCountAsync(waiting, cancellationToken);
        }
    }
}
