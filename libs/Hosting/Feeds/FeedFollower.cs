using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Calls;
using ModelGarden.Hosting.Errors;
using ModelGarden.Hosting.Health;
using ModelGarden.Hosting.Waiting;
using ModelGarden.Kernel;

namespace ModelGarden.Hosting.Feeds;

/// <summary>Follows one service's change feed for as long as the host runs: goes on where the handler stands, and starts again after every break.</summary>
internal sealed partial class FeedFollower<THandler> : BackgroundService
    where THandler : class, IFeedHandler
{
    private const int BeatsInSilence = 4;
    private static readonly GrowingPause Pause = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(10));
    private readonly string _service;
    private readonly THandler _handler;
    private readonly Peers _peers;
    private readonly Readiness _readiness;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private bool _startOver;
    private bool _caughtUp;

    public FeedFollower(FeedSource source, THandler handler, Peers peers, Readiness readiness, TimeProvider clock, ILogger<FeedFollower<THandler>> logger)
    {
        (_service, _handler, _peers, _readiness, _clock, _logger) = (source.Service, handler, peers, readiness, clock, logger);
        if (source.Required)
        {
            readiness.WaitFor(What);
        }
    }

    private string What => $"the feed of {_service} for {typeof(THandler).Name}";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var failures = 0; !stoppingToken.IsCancellationRequested;)
        {
            _caughtUp = false;
            var broken = await TryFollowAsync(stoppingToken);
            if (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            // Who had caught up has met a new break, not the same one again.
            failures = _caughtUp ? 1 : failures + 1;
            var pause = Pause.After(failures);
            Log(broken, pause);
            await PauseAsync(pause, stoppingToken);
        }
    }

    /// <summary>Follows until the feed ends, null, or breaks, which is what made it break.</summary>
    private async Task<Exception?> TryFollowAsync(CancellationToken stoppingToken)
    {
        try
        {
            await FollowAsync(stoppingToken);
            return null;
        }
        catch (Exception exception)
        {
            // The reconcile loop: whatever a feed or its handler throws, it is tried again.
            return exception;
        }
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        using var silence = new CancellationTokenSource(_handler.Silence, _clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
        using var call = new ChangeFeed.ChangeFeedClient(_peers.AsService(_service))
            .Watch(new() { From = _startOver ? _handler.Start : _handler.Position, BeatMilliseconds = (int)(_handler.Silence / BeatsInSilence).TotalMilliseconds }, cancellationToken: end.Token);
        var ages = new WordAges(_clock);
        try
        {
            while (await call.ResponseStream.MoveNext(end.Token))
            {
                // Work on an event, however long, is no silence of the other side.
                silence.CancelAfter(Timeout.InfiniteTimeSpan);
                await ApplyAsync(call.ResponseStream.Current, ages, cancellationToken);
                _startOver = false;
                silence.CancelAfter(_handler.Silence);
            }
        }
        catch (RpcException exception) when (exception.ToError(_service).Reason is "TOO_OLD")
        {
            _startOver = true;
            LogTooOld(_service, _handler.Position);
        }
        finally
        {
            await _handler.LostAsync();
        }
    }

    private void Log(Exception? broken, TimeSpan pause)
    {
        switch (broken)
        {
            case null:
                LogEnded(_service);
                break;
            case RpcException or OperationCanceledException when _caughtUp:
                LogLost(_service, broken.Message);
                break;
            case ErrorException or RpcException or OperationCanceledException:
                LogUnreachable(_service, broken.Message, pause);
                break;
            default:
                LogBroken(broken, _service, _handler.Position, pause);
                break;
        }
    }

    private ValueTask ApplyAsync(FeedEvent @event, WordAges ages, CancellationToken cancellationToken) => @event.EventCase switch
    {
        FeedEvent.EventOneofCase.SnapshotBegin => _handler.ResetAsync(cancellationToken),
        FeedEvent.EventOneofCase.Change => _handler.ApplyAsync(@event.Change, cancellationToken),
        FeedEvent.EventOneofCase.CaughtUp => CaughtUpAsync(@event.CaughtUp, ages, cancellationToken),
        FeedEvent.EventOneofCase.Heartbeat => Heard(ages.TimeOf(@event.Heartbeat.HasElapsedMilliseconds ? @event.Heartbeat.ElapsedMilliseconds : null)),
        _ => ValueTask.CompletedTask,
    };

    private ValueTask Heard(long at)
    {
        _handler.Heard(at);
        return ValueTask.CompletedTask;
    }

    private async ValueTask CaughtUpAsync(CaughtUp word, WordAges ages, CancellationToken cancellationToken)
    {
        var at = ages.TimeOf(word.HasElapsedMilliseconds ? word.ElapsedMilliseconds : null);
        await _handler.CaughtUpAsync(word.Sequence, cancellationToken);
        _handler.Heard(at);
        _caughtUp = true;
        _readiness.Reached(What);
    }

    private async Task PauseAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(pause, _clock, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Stopping: the loop's condition ends it.
        }
    }

    [LoggerMessage(911, LogLevel.Warning, "following {Service} broke at {Position}, next try in {Pause}")]
    private partial void LogBroken(Exception exception, string service, long position, TimeSpan pause);

    [LoggerMessage(914, LogLevel.Information, "the feed of {Service} is not reachable, next try in {Pause}: {Why}")]
    private partial void LogUnreachable(string service, string why, TimeSpan pause);

    [LoggerMessage(912, LogLevel.Information, "position {Position} in the feed of {Service} is too old, starting over")]
    private partial void LogTooOld(string service, long position);

    [LoggerMessage(913, LogLevel.Debug, "the feed of {Service} broke off: {Why}")]
    private partial void LogLost(string service, string why);

    [LoggerMessage(915, LogLevel.Debug, "the feed of {Service} ended")]
    private partial void LogEnded(string service);
}

/// <summary>Whose feed, and whether the service is of no use before it has caught up.</summary>
internal sealed record FeedSource(string Service, bool Required);
