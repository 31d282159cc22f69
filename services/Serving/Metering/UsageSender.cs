using Microsoft.EntityFrameworkCore;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Calls;
using ModelGarden.Hosting.Waiting;
using ModelGarden.Kernel;

namespace ModelGarden.Serving.Metering;

/// <summary>Brings kept usage to Entitlement, oldest first, and deletes what it has taken over. Records carry ids, so sending twice counts once.</summary>
internal sealed partial class UsageSender(IDbContextFactory<ServingDbContext> contexts, UsageOutbox outbox, Peers peers, TimeProvider clock, ILogger<UsageSender> logger) : BackgroundService
{
    private const int BatchSize = 500;
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(5);
    private static readonly GrowingPause Pause = new(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var failures = 0; ;)
        {
            // Taken before looking: what is kept from here on wakes, whatever the look finds.
            var next = outbox.Next;
            failures = await TrySendAllAsync(stoppingToken) ? 0 : failures + 1;
            // While it fails, new usage is no reason to try sooner.
            await (failures is 0 ? next.WithinAsync(Look, clock, stoppingToken) : Task.Delay(Pause.After(failures), clock, stoppingToken));
        }
    }

    private async Task<bool> TrySendAllAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await SendAsync(cancellationToken) is BatchSize)
            {
            }

            return true;
        }
        catch (Exception exception)
        {
            // The reconcile loop: an Entitlement or a store that is away, or breaks off as the host stops, ends neither this nor the host.
            Log(exception, cancellationToken.IsCancellationRequested);
            return false;
        }
    }

    private void Log(Exception exception, bool isStopping)
    {
        if (exception is ErrorException { Error: var error })
        {
            LogNotSent(error.Message);
        }
        else if (!isStopping)
        {
            LogBroken(exception);
        }
    }

    private async Task<int> SendAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var rows = await context.Outbox.OrderBy(row => row.At).Take(BatchSize).ToListAsync(cancellationToken);
        if (rows.Count is 0)
        {
            return 0;
        }

        var request = new ReportUsageRequest();
        request.Records.AddRange(rows.Select(row => UsageRecord.Parser.ParseFrom(row.Record)));
        await new Entitlement.EntitlementClient(peers.AsService(ServiceNames.Entitlement)).ReportUsageAsync(request, cancellationToken: cancellationToken);
        var ids = rows.ConvertAll(row => row.Id);
        await context.Outbox.Where(row => ids.Contains(row.Id)).ExecuteDeleteAsync(cancellationToken);
        return rows.Count;
    }

    [LoggerMessage(3011, LogLevel.Warning, "usage could not be reported and is kept: {Why}")]
    private partial void LogNotSent(string why);

    [LoggerMessage(3012, LogLevel.Warning, "usage could not be taken out of the store, and is kept there")]
    private partial void LogBroken(Exception exception);
}
