using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using ModelGarden.Deployment.Endpoints;
using ModelGarden.Deployment.Engines;
using ModelGarden.Deployment.Files;
using ModelGarden.Deployment.Licenses;
using ModelGarden.Deployment.Processes;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Waiting;

namespace ModelGarden.Deployment.Reconciling;

/// <summary>What all reconcilers share: the store, the clock, and where on this machine things lie.</summary>
internal sealed class ReconcilerParts
{
    private static readonly GrowingPause Pause = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
    private readonly string _folder;
    private readonly FileCache _files;
    private readonly EngineInstaller _installer;
    private readonly EngineManifest _manifest;
    private readonly ReplicaTimes _times;
    private readonly TaskCompletionSource _hostStops = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ReconcilerParts(
        IOptions<GardenOptions> garden, IOptions<DeploymentOptions> options, EndpointStore store, EngineManifest manifest, IFileSource source,
        Withdrawals withdrawals, DeploymentMetrics metrics, TimeProvider clock)
    {
        var own = options.Value;
        (Store, Withdrawals, Clock, Metrics, Limits, _manifest) = (store, withdrawals, clock, metrics, Limits.From(own), manifest);
        _folder = Path.GetFullPath(Path.Combine(garden.Value.Data, ServiceNames.Deployment));
        _files = new(Path.Combine(_folder, "files"), own.CacheSize, source);
        _installer = new(manifest, Path.Combine(_folder, "engines"), own.InstalledEngines, own.InstallTimeout);
        _times = new(own.LoadingTimeout, own.ProbeInterval, own.ProbeTimeout, _hostStops.Task);
    }

    public EndpointStore Store { get; }

    public Withdrawals Withdrawals { get; }

    public TimeProvider Clock { get; }

    public DeploymentMetrics Metrics { get; }

    public Limits Limits { get; }

    private string Replicas => Path.Combine(_folder, "replicas");

    /// <summary>Clears what a killed process left behind; its engines have ended by themselves, or are about to.</summary>
    public void Clear()
    {
        try
        {
            Directory.Delete(Replicas, recursive: true);
        }
        catch (IOException)
        {
            // None was there, or one of those engines is still about to end: what stays is in nobody's way.
        }
    }

    /// <summary>From now on no engine is waited for beyond <see cref="ReplicaTimes.HostPatience"/>.</summary>
    public void HostStops() => _hostStops.TrySetResult();

    public EndpointLog OpenLog(string endpointId) => new(Path.Combine(_folder, "logs", $"{endpointId}.log"), Clock);

    /// <summary>After 1 s, 2 s, 4 s … 60 s, each a quarter more or less, so that a garden's endpoints do not all come back at once.</summary>
    public DateTimeOffset RetryAt(int failures) => Clock.GetUtcNow() + Pause.After(failures);

    public TargetPreparation Prepare(Target target, StoredEndpoint endpoint, Action changed) =>
        new(target, endpoint.Tenant, endpoint.Name, _files, _installer, _manifest, RetryAt, changed);

    public EngineReplica CreateReplica(TargetPreparation prepared, EndpointLog log, Action changed)
    {
        var id = $"r-{RandomNumberGenerator.GetHexString(10, lowercase: true)}";
        var folder = new ReplicaFolder(Path.Combine(Replicas, id), prepared.Paths);
        return new(id, prepared.Target, prepared.ToLaunch(), folder, log, _times, Metrics, Clock, changed);
    }
}
