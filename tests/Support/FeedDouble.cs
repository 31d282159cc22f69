using System.Threading.Channels;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Testing;

/// <summary>A service's change feed for one follower: says what it is told to.</summary>
/// <param name="start">The number of the last change that was before.</param>
public sealed class FeedDouble(long start = 7) : ChangeFeed.ChangeFeedBase
{
    private readonly Channel<FeedEvent?> _events = Channel.CreateUnbounded<FeedEvent?>();
    private long _sequence = start;

    /// <summary>Where the follower began, each time.</summary>
    public Channel<long> Begun { get; } = Channel.CreateUnbounded<long>();

    /// <param name="key">What changed.</param>
    /// <param name="state">Null: it is gone, or nobody looks.</param>
    public void Announce(string key, IMessage? state = null) =>
        _events.Writer.TryWrite(new() { Change = new() { Key = key, Sequence = Interlocked.Increment(ref _sequence), State = state is null ? null : Any.Pack(state) } });

    /// <summary>A sign of life: nothing else has changed.</summary>
    public void Beat() => _events.Writer.TryWrite(new() { Heartbeat = new() { Sequence = Volatile.Read(ref _sequence) } });

    /// <summary>The stream ends.</summary>
    public void Break() => _events.Writer.TryWrite(null);

    public override async Task Watch(WatchRequest request, IServerStreamWriter<FeedEvent> responseStream, ServerCallContext context)
    {
        if (request.From <= 0)
        {
            await responseStream.WriteAsync(new() { SnapshotBegin = new() }, context.CancellationToken);
        }

        await responseStream.WriteAsync(new() { CaughtUp = new() { Sequence = _sequence } }, context.CancellationToken);
        Begun.Writer.TryWrite(request.From);
        while (await _events.Reader.ReadAsync(context.CancellationToken) is { } next)
        {
            await responseStream.WriteAsync(next, context.CancellationToken);
        }
    }
}
