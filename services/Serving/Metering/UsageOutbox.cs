using System.Threading.Channels;
using Google.Protobuf;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Serving.Metering;

/// <summary>
/// Keeps usage safe before a call's answer ends: many calls share one commit. What is in here survives a kill and is sent to Entitlement
/// until it has taken it over.
/// </summary>
internal sealed class UsageOutbox(IDbContextFactory<ServingDbContext> contexts) : BackgroundService
{
    private const int BatchSize = 256;
    private readonly Channel<(UsageRecord Record, TaskCompletionSource Kept)> _incoming =
        Channel.CreateBounded<(UsageRecord, TaskCompletionSource)>(new BoundedChannelOptions(4096) { SingleReader = true });

    private volatile TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when more has been kept.</summary>
    public Task Next => _next.Task;

    /// <summary>Returns when the record is on the disk.</summary>
    public async Task KeepAsync(UsageRecord record, CancellationToken cancellationToken)
    {
        var kept = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await _incoming.Writer.WriteAsync((record, kept), cancellationToken);
        await kept.Task.WaitAsync(cancellationToken);
    }

    public override Task StopAsync(CancellationToken cancellationToken)
    {
        // What has been handed over is still kept; the loop ends when the channel is empty.
        _incoming.Writer.TryComplete();
        return ExecuteTask ?? Task.CompletedTask;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (await _incoming.Reader.WaitToReadAsync(CancellationToken.None))
        {
            var batch = new List<(UsageRecord Record, TaskCompletionSource Kept)>();
            while (batch.Count < BatchSize && _incoming.Reader.TryRead(out var item))
            {
                batch.Add(item);
            }

            await KeepBatchAsync(batch);
        }
    }

    private async Task KeepBatchAsync(List<(UsageRecord Record, TaskCompletionSource Kept)> batch)
    {
        try
        {
            await using var context = await contexts.CreateDbContextAsync();
            context.Outbox.AddRange(batch.Select(item => new OutboxRow { Id = item.Record.Id, Record = item.Record.ToByteArray(), At = item.Record.At.ToDateTimeOffset() }));
            await context.SaveChangesAsync();
            batch.ForEach(item => item.Kept.SetResult());
            Interlocked.Exchange(ref _next, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        }
        catch (Exception exception)
        {
            // Whatever it was, each caller is told: his answer ends in an error rather than unmetered, and the next batch is tried.
            batch.ForEach(item => item.Kept.SetException(exception));
        }
    }
}
