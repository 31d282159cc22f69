using Microsoft.Extensions.Options;
using ModelGarden.Hosting;

namespace ModelGarden.Deployment;

/// <summary>Settings of this service, section <c>Garden:Deployment</c>.</summary>
internal sealed class DeploymentOptions
{
    public const string Section = GardenOptions.Section + ":Deployment";

    /// <summary>The folder with <c>engines.json</c>; empty: <c>deploy/engines</c> in a folder above the program.</summary>
    public string Engines { get; set; } = "";

    /// <summary>A folder where engines are installed already, laid out as <see cref="Engines"/> is; empty: they are installed on first need.</summary>
    public string InstalledEngines { get; set; } = "";

    /// <summary>Ids of the engines to choose from, with commas, the preferred one first; empty: all of <c>engines.json</c> in its order.</summary>
    public string Runtimes { get; set; } = "";

    /// <summary>Memory that replicas may count on, in bytes; 0: the machine's (or its container's).</summary>
    public long Memory { get; set; }

    /// <summary>Bound of the file cache in bytes; files in use stay beyond it.</summary>
    public long CacheSize { get; set; } = 200L << 30;

    public int MaximumEndpoints { get; set; } = 100;

    /// <summary>Running calls that one replica is thought to bear before another one is started.</summary>
    public int CallsPerReplica { get; set; } = 4;

    public TimeSpan LoadingTimeout { get; set; } = TimeSpan.FromMinutes(5);

    public TimeSpan InstallTimeout { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Between two questions to a ready engine whether it still is.</summary>
    public TimeSpan ProbeInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the answer to one may take; three in a row that fail end the engine.</summary>
    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Between SIGTERM and SIGKILL.</summary>
    public TimeSpan StopGrace { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a draining replica without known calls waits for one that is on its way.</summary>
    public TimeSpan DrainGrace { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a draining replica's calls may take.</summary>
    public TimeSpan DrainLimit { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a replica more than needed is kept.</summary>
    public TimeSpan ScaleDownAfter { get; set; } = TimeSpan.FromSeconds(60);
}

/// <summary>Says at start what is wrong, by the name to set it under.</summary>
internal sealed class DeploymentOptionsValidator : IValidateOptions<DeploymentOptions>
{
    public ValidateOptionsResult Validate(string? name, DeploymentOptions options)
    {
        var faults = Faults(options).ToList();
        return faults.Count is 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static IEnumerable<string> Faults(DeploymentOptions options)
    {
        if (options.Engines.Length > 0 && !File.Exists(Path.Combine(options.Engines, "engines.json")))
        {
            yield return Say(nameof(options.Engines), $"there is no engines.json in '{options.Engines}'");
        }

        if (options.InstalledEngines.Length > 0 && !Directory.Exists(options.InstalledEngines))
        {
            yield return Say(nameof(options.InstalledEngines), $"there is no folder '{options.InstalledEngines}'");
        }

        foreach (var (setting, value) in new[] { (nameof(options.Memory), options.Memory), (nameof(options.CacheSize), options.CacheSize) }.Where(pair => pair.Item2 < 0))
        {
            yield return Say(setting, $"{value} is negative");
        }

        foreach (var (setting, value) in new[] { (nameof(options.CallsPerReplica), options.CallsPerReplica), (nameof(options.MaximumEndpoints), options.MaximumEndpoints) }.Where(pair => pair.Item2 < 1))
        {
            yield return Say(setting, $"{value} is less than 1");
        }

        foreach (var (setting, value) in Times(options).Where(pair => pair.Value <= TimeSpan.Zero || pair.Value > TimeSpan.FromDays(1)))
        {
            yield return Say(setting, $"{value} is not a time between 0 and a day");
        }
    }

    private static IEnumerable<(string Setting, TimeSpan Value)> Times(DeploymentOptions options) =>
    [
        (nameof(options.LoadingTimeout), options.LoadingTimeout),
        (nameof(options.InstallTimeout), options.InstallTimeout),
        (nameof(options.ProbeInterval), options.ProbeInterval),
        (nameof(options.ProbeTimeout), options.ProbeTimeout),
        (nameof(options.StopGrace), options.StopGrace),
        (nameof(options.DrainGrace), options.DrainGrace),
        (nameof(options.DrainLimit), options.DrainLimit),
        (nameof(options.ScaleDownAfter), options.ScaleDownAfter),
    ];

    private static string Say(string setting, string fault) => $"{DeploymentOptions.Section}:{setting}: {fault} (environment: Garden__Deployment__{setting})";
}
