using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Waiting;
using ModelGarden.Kernel;

namespace ModelGarden.Persistence;

/// <summary>Serves a service's change feed out of its database.</summary>
internal sealed class ChangeFeedService<TContext>(
    IDbContextFactory<TContext> contexts, DatabaseLocation<TContext> location, ChangeSignal<TContext> signal, TimeProvider clock, IHostApplicationLifetime lifetime)
    : ChangeFeed.ChangeFeedBase
    where TContext : GardenDbContext
{
    private const int PageSize = 500;
    private const int UsualBeat = 8_000;
    private const int ShortestBeat = 100;
    private const int LongestBeat = 10_000;

    public override async Task Watch(WatchRequest request, IServerStreamWriter<FeedEvent> responseStream, ServerCallContext context)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        try
        {
            await StreamAsync(request.From, BeatOf(request), responseStream, stop.Token);
        }
        catch (Exception) when (lifetime.ApplicationStopping.IsCancellationRequested && !context.CancellationToken.IsCancellationRequested)
        {
            // Ends the stream in good order: the follower comes back to another replica, or to this one when it is up again. Not
            // only for cancellation: a query that is broken off fails in as many ways as there are engines.
        }
    }

    private static TimeSpan BeatOf(WatchRequest request) =>
        TimeSpan.FromMilliseconds(request.BeatMilliseconds is 0 ? UsualBeat : Math.Clamp(request.BeatMilliseconds, ShortestBeat, LongestBeat));

    private async Task StreamAsync(long position, TimeSpan beat, IServerStreamWriter<FeedEvent> stream, CancellationToken cancellationToken)
    {
        var beginning = clock.GetTimestamp();
        (position, var floor) = await BeginAsync(position, stream, cancellationToken);
        var (caughtUp, told) = (false, 0L);
        while (true)
        {
            var next = signal.Next;
            var elapsed = (long)clock.GetElapsedTime(beginning).TotalMilliseconds;
            var page = await ReadAsync(position, cancellationToken);
            if (page.Forgotten > Math.Max(floor, position))
            {
                // So slow a follower that deletions were forgotten before he had seen them.
                throw TooOld(position, page.Newest);
            }

            foreach (var change in page.Changes)
            {
                await stream.WriteAsync(new() { Change = change }, cancellationToken);
                position = change.Sequence;
            }

            if (page.Changes.Count is PageSize)
            {
                continue;
            }

            // Nothing up to here is unknown to the follower, though the newest number may be that of a forgotten deletion.
            position = page.Newest;
            if (!caughtUp)
            {
                await stream.WriteAsync(new() { CaughtUp = new() { Sequence = position, ElapsedMilliseconds = elapsed } }, cancellationToken);
                (caughtUp, told) = (true, clock.GetTimestamp());
            }
            else if (clock.GetElapsedTime(told) >= beat)
            {
                // Also where there is something new all the time: that the follower has all of it, it learns from this alone.
                await stream.WriteAsync(new() { Heartbeat = new() { Sequence = position, ElapsedMilliseconds = elapsed } }, cancellationToken);
                told = clock.GetTimestamp();
            }

            await NewsAsync(position, (told, beat), next, cancellationToken);
        }
    }

    /// <summary>From where on changes are sent, and up to which number forgotten deletions do not matter to this follower.</summary>
    private async Task<(long Position, long Floor)> BeginAsync(long position, IServerStreamWriter<FeedEvent> stream, CancellationToken cancellationToken)
    {
        var page = await ReadAsync(long.MaxValue, cancellationToken);
        if (position <= 0)
        {
            await stream.WriteAsync(new() { SnapshotBegin = new() }, cancellationToken);
            return (position is 0 ? 0 : page.Newest, page.Forgotten);
        }

        return position < page.Forgotten || position > page.Newest ? throw TooOld(position, page.Newest) : (position, page.Forgotten);
    }

    /// <summary>Waits for changes after a number, or until it is time for a sign of life.</summary>
    private async Task NewsAsync(long position, (long Told, TimeSpan Every) beat, Task next, CancellationToken cancellationToken)
    {
        while (beat.Every - clock.GetElapsedTime(beat.Told) is var left && left > TimeSpan.Zero)
        {
            await next.WithinAsync(left < location.Look ? left : location.Look, clock, cancellationToken);
            next = signal.Next;
            if ((await ReadAsync(long.MaxValue, cancellationToken)).Newest != position)
            {
                return;
            }
        }
    }

    private async Task<ChangePage> ReadAsync(long after, CancellationToken cancellationToken)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellationToken);
        return await ChangeLog.ReadAsync(database.Database, after, PageSize, cancellationToken);
    }

    private static ErrorException TooOld(long position, long newest) =>
        new(Error.Conflict("TOO_OLD", $"changes after {position} are not kept any more (the feed is at {newest}): start from 0"));
}
