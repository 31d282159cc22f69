using ModelGarden.Deployment.Endpoints;
using ModelGarden.Deployment.Engines;
using ModelGarden.Deployment.Files;
using ModelGarden.Deployment.Planner;
using ModelGarden.Deployment.Processes;
using ModelGarden.Kernel;

namespace ModelGarden.Deployment.Reconciling;

/// <summary>
/// One target's way to being startable, and how often it went wrong. Its reconciler alone changes it; the work itself runs beside and
/// tells through <c>changed</c>.
/// </summary>
internal sealed class TargetPreparation(Target target, string tenant, string alias, FileCache files, EngineInstaller installer, EngineManifest manifest, Func<int, DateTimeOffset> retryAt, Action changed)
    : IAsyncDisposable
{
    private readonly CancellationTokenSource _cancel = new();
    private readonly List<FileLease> _leases = [];
    private volatile Attempt _attempt = Attempt.None;
    private volatile string _activity = "";
    private Task _work = Task.CompletedTask;
    private string _root = "";
    private long _fetched;

    public Target Target => target;

    public Attempt Attempt => _attempt;

    /// <summary>What is being done, for people.</summary>
    public string Activity => _activity;

    /// <summary>0 to 1.</summary>
    public double Fetched => target.Files.Sum(file => file.Size) is > 0 and var all ? Math.Floor(100.0 * Interlocked.Read(ref _fetched) / all) / 100 : 0;

    /// <summary>Where the target's files lie; only when it is prepared.</summary>
    public IReadOnlyList<string> Paths => [.. _leases.Select(lease => lease.Path)];

    public Launch ToLaunch()
    {
        var engine = manifest.Find(target.Runtime)!;
        return new(engine, Programs.Find(engine.Executable) ?? engine.Executable, _root, alias, target.Embedding);
    }

    public void Begin()
    {
        Enter(Preparation.Fetching);
        _work = Task.Run(RunAsync);
    }

    /// <summary>A replica of this target did not come up or did not stay up. After a time of health it is the first one again.</summary>
    public void Fail(Failure failure, bool afterHealth)
    {
        var failures = afterHealth ? 1 : _attempt.Failures + 1;
        _attempt = _attempt with { Failures = failures, RetryAt = retryAt(failures), Last = failure };
    }

    public void Forgive() => _attempt = _attempt with { Failures = 0, Last = null };

    /// <summary>Breaks off what is under way, and lets go of the files.</summary>
    public async ValueTask DisposeAsync()
    {
        await _cancel.CancelAsync();
        await _work;
        _cancel.Dispose();
        _leases.ForEach(lease => lease.Dispose());
    }

    private async Task RunAsync()
    {
        Failure? failure;
        try
        {
            failure = await FetchAsync() ?? await InstallAsync();
        }
        catch (OperationCanceledException) when (_cancel.IsCancellationRequested)
        {
            return;
        }
        catch (ErrorException exception)
        {
            failure = From(exception.Error);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or HttpRequestException or System.ComponentModel.Win32Exception)
        {
            failure = new(exception.Message, Severe: false);
        }

        _activity = "";
        if (failure is not null)
        {
            Fail(failure, afterHealth: false);
        }

        Enter(failure is null ? Preparation.Done : Preparation.None);
    }

    private async Task<Failure?> FetchAsync()
    {
        _leases.ForEach(lease => lease.Dispose());
        _leases.Clear();
        long before = 0;
        foreach (var file in target.Files)
        {
            _activity = $"fetching {file.Path} ({Sizes.Say(file.Size)})";
            var lease = await files.GetAsync(file, tenant, bytes => Report(before + bytes), _cancel.Token);
            if (lease.Error is { } error)
            {
                return From(error);
            }

            _leases.Add(lease.Value);
            before += file.Size;
        }

        return null;
    }

    private async Task<Failure?> InstallAsync()
    {
        if (manifest.Find(target.Runtime) is not { } engine)
        {
            return new($"the engine {target.Runtime} is not in engines.json any more: update the endpoint, so that another one is chosen", Severe: true);
        }

        if (Programs.Find(engine.Executable) is null)
        {
            return new($"the engine {engine} needs '{engine.Executable}', which is not on the PATH: install it", Severe: true);
        }

        // What was fetched last is no longer what is done.
        _activity = $"getting the engine {engine} ready";
        Enter(Preparation.Installing);
        var root = await installer.EnsureAsync(engine, Say, _cancel.Token);
        _root = root.Error is null ? root.Value : "";
        return root.Error is { } error ? From(error) with { Severe = true } : null;
    }

    private void Say(string activity)
    {
        _activity = activity;
        changed();
    }

    private void Report(long bytes)
    {
        var before = Fetched;
        Interlocked.Exchange(ref _fetched, bytes);
        if (!Fetched.Equals(before))
        {
            changed();
        }
    }

    private void Enter(Preparation preparation)
    {
        _attempt = _attempt with { Preparation = preparation };
        changed();
    }

    /// <summary>What is not reachable may be so again; all else wants somebody's hand.</summary>
    private static Failure From(Error error) => new(error.Message, Severe: error.Code is not ErrorCode.Unavailable);
}
