using System.Threading.Channels;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Contracts.V1;
using ModelGarden.Testing;

namespace ModelGarden.Hosting.Tests.Feeds;

/// <summary>A change feed under the name of Catalog whose every stream a test plays by hand.</summary>
internal sealed class FeedDouble
{
    private readonly Channel<FeedStream> _streams = Channel.CreateUnbounded<FeedStream>();

    public ServiceDefinition Service => new(
        ServiceNames.Catalog, builder => builder.Services.AddSingleton(this), app => app.MapGarden<Feed>(ChangeFeed.Descriptor));

    /// <summary>The next stream that a follower opens.</summary>
    public Task<FeedStream> NextAsync() => _streams.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().InTimeAsync("the next stream that a follower opens");

    private sealed class Feed(FeedDouble feed) : ChangeFeed.ChangeFeedBase
    {
        public override async Task Watch(WatchRequest request, IServerStreamWriter<FeedEvent> responseStream, ServerCallContext context)
        {
            var stream = new FeedStream(request, responseStream);
            await using var registration = context.CancellationToken.Register(() => stream.Leave());
            await feed._streams.Writer.WriteAsync(stream, context.CancellationToken);
            await stream.End;
        }
    }
}

/// <summary>One stream of a feed double.</summary>
internal sealed class FeedStream(WatchRequest request, IServerStreamWriter<FeedEvent> writer)
{
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public long From => request.From;

    public TimeSpan Beat => TimeSpan.FromMilliseconds(request.BeatMilliseconds);

    public Task End => _end.Task;

    /// <summary>The follower is gone.</summary>
    public Task Left => _left.Task.WaitAsync(TestContext.Current.CancellationToken);

    public Task SnapshotAsync() => writer.WriteAsync(new() { SnapshotBegin = new() });

    public Task ChangeAsync(long sequence, string key = "key") => writer.WriteAsync(new() { Change = new() { Sequence = sequence, Key = key } });

    public Task CaughtUpAsync(long sequence) => writer.WriteAsync(new() { CaughtUp = new() { Sequence = sequence } });

    public Task BeatAsync(long sequence) => writer.WriteAsync(new() { Heartbeat = new() { Sequence = sequence } });

    public void Finish() => _end.TrySetResult();

    public void Break(Exception exception) => _end.TrySetException(exception);

    public void Leave()
    {
        _left.TrySetResult();
        _end.TrySetResult();
    }
}
