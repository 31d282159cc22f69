using System.Threading.Channels;
using Grpc.Core;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Hub.Tests.Doubles;

/// <summary>A service's change feed for one follower: says what it is told to.</summary>
public sealed class FeedDouble : ChangeFeed.ChangeFeedBase
{
    private readonly Channel<FeedEvent?> _events = Channel.CreateUnbounded<FeedEvent?>();
    private long _sequence = 7;

    /// <summary>Where the follower began, each time.</summary>
    public Channel<long> Begun { get; } = Channel.CreateUnbounded<long>();

    public void Announce(string key) => _events.Writer.TryWrite(new() { Change = new() { Key = key, Sequence = ++_sequence } });

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
