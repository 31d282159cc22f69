using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;

namespace ModelGarden.Persistence;

/// <summary>Serves a service's change feed out of its database.</summary>
internal sealed class ChangeFeedService<TContext>(IDbContextFactory<TContext> contexts, ChangeSignal<TContext> signal, TimeProvider clock, IHostApplicationLifetime lifetime)
    : ChangeFeed.ChangeFeedBase
    where TContext : GardenDbContext
{
    private const int PageSize = 500;
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(10);

    // How late a commit of another replica may be seen.
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    public override async Task Watch(WatchRequest request, IServerStreamWriter<FeedEvent> responseStream, ServerCallContext context)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        try
        {
            await StreamAsync(request.From, responseStream, stop.Token);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Ends the stream in good order: the follower comes back to another replica, or to this one when it is up again.
        }
    }

    private async Task StreamAsync(long position, IServerStreamWriter<FeedEvent> stream, CancellationToken cancellationToken)
    {
        await BeginAsync(position, stream, cancellationToken);
        var caughtUp = false;
        var beaten = clock.GetTimestamp();
        while (true)
        {
            var next = signal.Next;
            var read = await SendAsync(position, stream, cancellationToken);
            if (read > position)
            {
                position = read;
                continue;
            }

            if (!caughtUp)
            {
                await stream.WriteAsync(new() { CaughtUp = new() { Sequence = position } }, cancellationToken);
                caughtUp = true;
            }
            else if (clock.GetElapsedTime(beaten) > Beat)
            {
                await stream.WriteAsync(new() { Heartbeat = new() { Sequence = position } }, cancellationToken);
                beaten = clock.GetTimestamp();
            }

            await Task.WhenAny(next, Task.Delay(Look, clock, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private async Task BeginAsync(long position, IServerStreamWriter<FeedEvent> stream, CancellationToken cancellationToken)
    {
        if (position is 0)
        {
            await stream.WriteAsync(new() { SnapshotBegin = new() }, cancellationToken);
            return;
        }

        await using var database = await contexts.CreateDbContextAsync(cancellationToken);
        var (newest, forgotten) = await ChangeLog.PositionAsync(database.Database, cancellationToken);
        if (position < forgotten || position > newest)
        {
            throw new ErrorException(Error.Conflict("TOO_OLD", $"changes after {position} are not kept any more (the feed is at {newest}): start from 0"));
        }
    }

    private async Task<long> SendAsync(long position, IServerStreamWriter<FeedEvent> stream, CancellationToken cancellationToken)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellationToken);
        foreach (var change in await ChangeLog.ReadAsync(database.Database, position, PageSize, cancellationToken))
        {
            await stream.WriteAsync(new() { Change = change }, cancellationToken);
            position = change.Sequence;
        }

        return position;
    }
}

/// <summary>One signal a store, for services with several.</summary>
internal sealed class ChangeSignal<TContext>
    where TContext : GardenDbContext
{
    public ChangeSignal Interceptor { get; } = new();

    public Task Next => Interceptor.Next;
}
