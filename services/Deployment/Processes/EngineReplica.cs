using System.ComponentModel;
using System.Diagnostics;
using ModelGarden.Deployment.Endpoints;
using ModelGarden.Deployment.Reconciling;
using ReplicaState = ModelGarden.Contracts.V1.ReplicaState;

namespace ModelGarden.Deployment.Processes;

/// <summary>
/// One engine process from its start to its end: reads what it tells, finds out when it is ready, and never waits for it without a
/// bound. Every change of its state is told through <c>changed</c>; nothing here decides what follows from one.
/// </summary>
internal sealed class EngineReplica(string id, Target target, Launch launch, ReplicaFolder folder, EndpointLog log, ReplicaTimes times, DeploymentMetrics metrics, TimeProvider clock, Action changed)
{
    /// <summary>Wrong answers in a row that no busy machine explains.</summary>
    private const int MostWrong = 3;
    private static readonly TimeSpan LastOutput = TimeSpan.FromSeconds(5);
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource<Failure?> _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<TimeSpan> _stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _port;

    public string Id => id;

    public Target Target => target;

    public DateTimeOffset StartedAt { get; } = clock.GetUtcNow();

    public ReplicaPhase Phase { get; private set; } = ReplicaPhase.Starting;

    public DateTimeOffset PhaseSince { get; private set; } = clock.GetUtcNow();

    /// <summary>When it became ready; null: never.</summary>
    public DateTimeOffset? ReadyAt { get; private set; }

    public double Progress { get; private set; }

    public string Address => ReadyAt is null ? "" : $"http://127.0.0.1:{_port}";

    public RunningCalls Calls { get; } = new(clock);

    /// <summary>The process is gone and cleaned up after.</summary>
    public Task Ended => _end.Task;

    /// <summary>Once ended: why, unless it was asked to.</summary>
    public Failure? Failure { get; private set; }

    public ReplicaView View => new(id, target.Key, Phase, PhaseSince, Calls.Count, Progress);

    public ReplicaStatus Status => new(id, ToState(Phase), Address, target.Revision, StartedAt);

    public void Start() => _ = Task.Run(RunAsync);

    public void Drain() => Enter(ReplicaPhase.Draining);

    /// <summary>Asks it to end, and ends it after so long.</summary>
    public void Stop(TimeSpan grace)
    {
        Enter(ReplicaPhase.Stopping);
        _stop.TrySetResult(grace);
    }

    private async Task RunAsync()
    {
        Failure? failure = null;
        try
        {
            folder.Fill(target.Files);
            failure = await SuperviseAsync();
        }
        catch (Exception exception) when (exception is Win32Exception or IOException or UnauthorizedAccessException)
        {
            failure = new($"{launch.Engine} could not be started: {exception.Message}", Severe: true);
        }
        finally
        {
            folder.Dispose();
            Failure = Phase is ReplicaPhase.Stopping ? null : failure;
            log.Write(id, $"garden: {Failure?.Reason ?? "stopped"}");
            _end.SetResult();
            changed();
        }
    }

    private async Task<Failure?> SuperviseAsync()
    {
        _port = launch.Engine.Events ? 0 : Launch.FreePort();
        using var process = Process.Start(launch.ToStartInfo(folder.Path, folder.ModelPath, _port))!;
        log.Write(id, $"garden: started {launch.Engine} as process {process.Id}");
        using var over = new CancellationTokenSource();
        var output = Task.WhenAll(ReadOutputAsync(process.StandardOutput, over.Token), ReadErrorsAsync(process.StandardError, over.Token));
        var exited = process.WaitForExitAsync(CancellationToken.None);
        var stopping = StopOnDemandAsync(process, exited);
        var failure = await LoadAsync(exited, output, over.Token) ?? await WatchAsync(exited);
        if (failure is not null)
        {
            End(process);
        }

        await exited;
        await DrainAsync(output, over);
        _stop.TrySetResult(TimeSpan.Zero);
        await stopping;
        return failure ?? ReportedFailure() ?? new($"{launch.Engine} {Posix.Say(process.ExitCode)}{Quote()}", Severe: false);
    }

    /// <summary>Null when it became ready.</summary>
    private async Task<Failure?> LoadAsync(Task exited, Task output, CancellationToken over)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(over);
        var timeout = Task.Delay(times.Loading, clock, limit.Token);
        var ready = launch.Engine.Events ? ReadyByEventAsync(limit.Token) : Probe().WaitAsync(limit.Token);
        var first = await Task.WhenAny(ready, exited, timeout);
        if (first == exited)
        {
            // The reason may still be on its way through the pipe.
            await Task.WhenAny(output, Task.Delay(LastOutput, limit.Token));
        }

        var failure = first == ready ? await ready
            : first == timeout ? new($"{launch.Engine} did not become ready within {times.Loading.TotalSeconds:0} seconds: give it a smaller model or more time (Garden:Deployment:LoadingTimeout){Quote()}", Severe: true)
            : null;
        await limit.CancelAsync();
        if (first == ready && failure is null)
        {
            log.Write(id, $"garden: ready on port {_port}");
            metrics.Started(launch.Engine.Id, clock.GetUtcNow() - StartedAt);
            Enter(ReplicaPhase.Ready);
        }

        return failure;
    }

    private async Task<Failure?> ReadyByEventAsync(CancellationToken cancellationToken) =>
        await _loaded.Task.WaitAsync(cancellationToken)
        ?? (_port is 0 ? new($"{launch.Engine} said that it is ready and not where it listens", Severe: true)
            : await Probe().AskOnceAsync(cancellationToken));

    /// <summary>Until it ends or drains; not null: it runs on, and has stopped answering as it should.</summary>
    private async Task<Failure?> WatchAsync(Task exited)
    {
        using var over = new CancellationTokenSource();
        var asking = AskAgainAsync(over.Token);
        await Task.WhenAny(exited, asking);
        await over.CancelAsync();
        try
        {
            return await asking;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private async Task<Failure?> AskAgainAsync(CancellationToken cancellationToken)
    {
        for (var wrong = 0; Phase is ReplicaPhase.Ready;)
        {
            await Task.Delay(times.ProbeInterval, clock, cancellationToken);
            var failure = await Probe().AskAgainAsync(cancellationToken);
            wrong = failure is null ? 0 : wrong + 1;
            if (wrong is MostWrong && Phase is ReplicaPhase.Ready)
            {
                return new($"{failure!.Reason} ({MostWrong} times in a row, after it had been ready)", Severe: false);
            }
        }

        return null;
    }

    private ReadinessProbe Probe() => new(launch.Engine, _port, times.ProbeTimeout, clock);

    /// <summary>A reason that came together with the end.</summary>
    private Failure? ReportedFailure() => _loaded.Task is { IsCompletedSuccessfully: true, Result: { } failure } ? failure : null;

    private async Task ReadOutputAsync(TextReader reader, CancellationToken cancellationToken)
    {
        await foreach (var line in BoundedLines.ReadAsync(reader, cancellationToken))
        {
            if (launch.Engine.Events && EngineEvent.Parse(line) is { } told)
            {
                Apply(told);
            }
            else
            {
                log.Write(id, line);
            }
        }
    }

    private async Task ReadErrorsAsync(TextReader reader, CancellationToken cancellationToken)
    {
        await foreach (var line in BoundedLines.ReadAsync(reader, cancellationToken))
        {
            log.Write(id, line);
        }
    }

    private void Apply(EngineEvent told)
    {
        switch (told.Event)
        {
            case "listening" when told.Port is > 0 and <= ushort.MaxValue:
                _port = told.Port.Value;
                break;
            case "loading":
                Progress = Math.Clamp(told.Progress ?? 0, 0, 1);
                changed();
                break;
            case "ready":
                _loaded.TrySetResult(null);
                break;
            case "failed":
                _loaded.TrySetResult(new($"{launch.Engine}: {Kernel.Text.Shorten(told.Reason, 500)}", Severe: true));
                break;
        }
    }

    private async Task StopOnDemandAsync(Process process, Task exited)
    {
        var grace = await _stop.Task;
        if (exited.IsCompleted)
        {
            return;
        }

        Posix.AskToEnd(process.Id);
        using var limit = new CancellationTokenSource();
        await Task.WhenAny(exited, Task.Delay(grace, clock, limit.Token), times.HostStops);
        await limit.CancelAsync();
        if (!exited.IsCompleted && times.HostStops.IsCompleted)
        {
            // The clock that ends this may be a test's: a host that stops waits by the machine's.
            await Task.WhenAny(exited, Task.Delay(ReplicaTimes.HostPatience, TimeProvider.System, CancellationToken.None));
        }

        End(process);
    }

    private static void End(Process process)
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Takes what is left in the pipes; something that the engine started may hold them open for ever.</summary>
    private static async Task DrainAsync(Task output, CancellationTokenSource over)
    {
        await Task.WhenAny(output, Task.Delay(LastOutput));
        await over.CancelAsync();
        try
        {
            await output;
        }
        catch (OperationCanceledException)
        {
            // Enough was waited.
        }
    }

    private string Quote() => log.Tail(id, 3) is { Length: > 0 } tail ? $"; its last words: {tail}" : "";

    private static ReplicaState ToState(ReplicaPhase phase) => phase switch
    {
        ReplicaPhase.Starting => ReplicaState.Starting,
        ReplicaPhase.Ready => ReplicaState.Ready,
        _ => ReplicaState.Draining,
    };

    private void Enter(ReplicaPhase phase)
    {
        lock (_gate)
        {
            if (phase <= Phase)
            {
                return;
            }

            (Phase, PhaseSince) = (phase, clock.GetUtcNow());
            ReadyAt ??= phase is ReplicaPhase.Ready ? PhaseSince : null;
        }

        changed();
    }
}

/// <summary>How long engines are waited for.</summary>
/// <param name="Loading">Until one is ready.</param>
/// <param name="ProbeInterval">Between two questions whether one is still as it should be.</param>
/// <param name="ProbeTimeout">For the answer to one.</param>
/// <param name="HostStops">Completes when the host stops: then none is waited for longer than <see cref="HostPatience"/>.</param>
internal sealed record ReplicaTimes(TimeSpan Loading, TimeSpan ProbeInterval, TimeSpan ProbeTimeout, Task HostStops)
{
    public static readonly TimeSpan HostPatience = TimeSpan.FromSeconds(8);
}
