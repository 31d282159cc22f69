using System.Threading.Channels;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Feeds;
using ModelGarden.Hosting.Health;
using ModelGarden.Kernel;
using ModelGarden.Testing;

namespace ModelGarden.Hosting.Tests.Feeds;

public sealed class FeedFollowerTests : IAsyncLifetime
{
    private readonly ManualClock _clock = new();
    private readonly FeedDouble _feed = new();
    private readonly Handler _handler = new();
    private readonly Channel<TimeSpan> _pauses = Channel.CreateUnbounded<TimeSpan>();
    private readonly Channel<TimeSpan> _silences = Channel.CreateUnbounded<TimeSpan>();
    private TestGarden _garden = null!;

    private static CancellationToken Cancel => Patience.Cancel;

    public async ValueTask InitializeAsync()
    {
        // Pauses are at most 15 seconds; silence is 30.
        _clock.TimerSet += due => _ = due < TimeSpan.FromSeconds(16) && _pauses.Writer.TryWrite(due);
        _clock.TimerSet += due => _ = due == TimeSpan.FromSeconds(30) && _silences.Writer.TryWrite(due);
        _garden = await TestGarden.StartAsync(null, _clock, null, _feed.Service, Follower());
    }

    public ValueTask DisposeAsync() => _garden.DisposeAsync();

    [Fact]
    public async Task Feed_FromNothing_IsTakenOverWholeAndThenFollowed()
    {
        var readiness = _garden.PartsOf(ServiceNames.Search).GetRequiredService<Readiness>();
        Assert.Equal(["the feed of catalog for Handler"], readiness.Waiting);
        var stream = await _feed.NextAsync();
        Assert.Equal((0, TimeSpan.FromSeconds(30) / 4), (stream.From, stream.Beat));

        await stream.SnapshotAsync();
        await stream.ChangeAsync(3);
        await stream.CaughtUpAsync(3);
        await stream.ChangeAsync(5);

        Assert.Equal(["reset", "change 3", "caught up 3", "change 5"], await _handler.TakeAsync(4));
        await readiness.WhenReadyAsync(Cancel);
    }

    [Fact]
    public async Task Feed_ThatEnds_IsResumedWhereTheHandlerStands()
    {
        var first = await _feed.NextAsync();
        await first.ChangeAsync(7);
        await first.CaughtUpAsync(7);
        await _handler.TakeAsync(2);
        first.Finish();
        Assert.Equal(["lost"], await _handler.TakeAsync(1));

        var second = await AfterPauseAsync();

        Assert.Equal(7, second.From);
        await second.ChangeAsync(8);
        Assert.Equal(["change 8"], await _handler.TakeAsync(1));
    }

    [Fact]
    public async Task Feed_ThatCannotGoOnFromThere_IsTakenOverAnew()
    {
        var first = await _feed.NextAsync();
        await first.ChangeAsync(7);
        await _handler.TakeAsync(1);
        first.Break(new ErrorException(Error.Conflict("TOO_OLD", "start from 0")));

        var second = await AfterPauseAsync();

        Assert.Equal(0, second.From);
        await second.SnapshotAsync();
        await second.ChangeAsync(9);
        Assert.Equal(["lost", "reset", "change 9"], await _handler.TakeAsync(3));
        second.Finish();
        Assert.Equal(9, (await AfterPauseAsync()).From);
    }

    [Fact]
    public async Task Feed_ThatFallsSilent_IsLeftAndOpenedAgain()
    {
        var first = await _feed.NextAsync();
        await first.ChangeAsync(1);
        await first.CaughtUpAsync(1);
        await _handler.TakeAsync(2);
        // One wait for the first event, and a new one after each: the last has begun.
        for (var begun = 0; begun < 3; begun++)
        {
            await _silences.Reader.ReadAsync(Cancel).AsTask().InTimeAsync();
        }

        _clock.Advance(TimeSpan.FromSeconds(31));

        await first.Left.InTimeAsync();
        Assert.Equal(1, (await AfterPauseAsync()).From);
    }

    [Fact]
    public async Task Feed_ThatBeats_IsNotSilent()
    {
        var stream = await _feed.NextAsync();
        await _silences.Reader.ReadAsync(Cancel).AsTask().InTimeAsync();
        await stream.ChangeAsync(1);
        await _silences.Reader.ReadAsync(Cancel).AsTask().InTimeAsync();
        for (var i = 0; i < 4; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(20));
            await stream.BeatAsync(1);
            // The beat has been heard when the wait for the next one begins.
            await _silences.Reader.ReadAsync(Cancel).AsTask().InTimeAsync();
        }

        await stream.ChangeAsync(2);
        Assert.Equal(["change 1", "change 2"], await _handler.TakeAsync(2));
        Assert.False(stream.End.IsCompleted);
    }

    [Fact]
    public async Task Handler_ThatThrows_IsGivenTheSameAgain_AfterGrowingPauses()
    {
        _handler.Refuses = 4;
        TimeSpan last = default;
        var stream = await _feed.NextAsync();
        for (var i = 0; i < 4; i++)
        {
            await stream.SnapshotAsync();
            await stream.ChangeAsync(4);
            Assert.Equal(["reset", "refused 4", "lost"], await _handler.TakeAsync(3));
            last = await _pauses.Reader.ReadAsync(Cancel).AsTask().InTimeAsync();
            _clock.Advance(last);
            stream = await _feed.NextAsync();
            Assert.Equal(0, stream.From);
        }

        // The fourth pause is 100 ms doubled three times, give or take a quarter.
        Assert.InRange(last, TimeSpan.FromMilliseconds(600), TimeSpan.FromMilliseconds(1000));
        await stream.SnapshotAsync();
        await stream.ChangeAsync(4);
        Assert.Equal(["reset", "change 4"], await _handler.TakeAsync(2));
    }

    [Fact]
    public async Task Follower_WhoseServiceIsDown_FindsItWhenItIsUp()
    {
        var first = await _feed.NextAsync();
        await first.ChangeAsync(1);
        await _handler.TakeAsync(1);

        var restarted = _garden.RestartAsync(_feed.Service);
        first.Finish();
        await restarted;

        Assert.Equal(1, (await AfterPauseAsync()).From);
    }

    [Fact]
    public async Task Follower_ThatStops_LeavesInGoodOrder()
    {
        var first = await _feed.NextAsync();
        await first.ChangeAsync(1);
        await _handler.TakeAsync(1);
        var background = _garden.PartsOf(ServiceNames.Search).GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<Microsoft.Extensions.Hosting.BackgroundService>().Single();

        await _garden.RestartAsync(Follower());

        await first.Left.InTimeAsync();
        Assert.True(background.ExecuteTask!.IsCompletedSuccessfully);
    }

    private ServiceDefinition Follower() => new(
        ServiceNames.Search,
        builder =>
        {
            builder.Services.AddSingleton(_handler);
            builder.Services.AddFeedFollower<Handler>(ServiceNames.Catalog);
        },
        _ => { });

    /// <summary>Lets the follower's pauses pass until it opens a stream.</summary>
    private async Task<FeedStream> AfterPauseAsync()
    {
        var next = _feed.NextAsync();
        while (!next.IsCompleted)
        {
            var pause = _pauses.Reader.WaitToReadAsync(Cancel).AsTask();
            await Task.WhenAny(next, pause);
            while (_pauses.Reader.TryRead(out var due))
            {
                _clock.Advance(due);
            }
        }

        return await next;
    }

    private sealed class Handler : IFeedHandler
    {
        private readonly Channel<string> _log = Channel.CreateUnbounded<string>();

        public long Position { get; private set; }

        /// <summary>How many changes it throws at.</summary>
        public int Refuses { get; set; }

        public ValueTask ResetAsync(CancellationToken cancellationToken)
        {
            Position = 0;
            return _log.Writer.WriteAsync("reset", cancellationToken);
        }

        public async ValueTask ApplyAsync(Change change, CancellationToken cancellationToken)
        {
            if (Refuses > 0)
            {
                Refuses--;
                await _log.Writer.WriteAsync($"refused {change.Sequence}", cancellationToken);
                throw new InvalidOperationException("on purpose");
            }

            Position = change.Sequence;
            await _log.Writer.WriteAsync($"change {change.Sequence}", cancellationToken);
        }

        public ValueTask CaughtUpAsync(long sequence, CancellationToken cancellationToken) => _log.Writer.WriteAsync($"caught up {sequence}", cancellationToken);

        public ValueTask LostAsync() => _log.Writer.WriteAsync("lost");

        public async Task<IReadOnlyList<string>> TakeAsync(int count)
        {
            var taken = new List<string>();
            while (taken.Count < count)
            {
                taken.Add(await _log.Reader.ReadAsync(Cancel).AsTask().InTimeAsync($"what the handler is given after: {string.Join(", ", taken)}"));
            }

            return taken;
        }
    }
}
