using Microsoft.EntityFrameworkCore;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Calls;
using ModelGarden.Kernel;

namespace ModelGarden.Serving.Metering;

/// <summary>Brings kept usage to Entitlement, oldest first, and deletes what it has taken over. Records carry ids, so sending twice counts once.</summary>
internal sealed partial class UsageSender(IDbContextFactory<ServingDbContext> contexts, UsageOutbox outbox, Peers peers, TimeProvider clock, ILogger<UsageSender> logger) : BackgroundService
{
    private const int BatchSize = 500;
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = Look;
        while (!stoppingToken.IsCancellationRequested)
        {
            var next = outbox.Next;
            try
            {
                while (await SendAsync(stoppingToken) is BatchSize)
                {
                }

                pause = Look;
            }
            catch (ErrorException exception)
            {
                LogNotSent(exception.Error.Message);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                next = Task.Delay(pause, clock, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            await Task.WhenAny(next, Task.Delay(pause, clock, stoppingToken));
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
}
