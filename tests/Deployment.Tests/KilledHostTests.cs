using System.Diagnostics;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Testing;

namespace ModelGarden.Deployment.Tests;

/// <summary>The service as a process of its own, killed the hard way.</summary>
public sealed class KilledHostTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly ServiceDefinition Nothing = new(ServiceNames.Deployment, _ => { }, _ => { });

    private static CancellationToken Cancel => Testing.Patience.Cancel;

    [Theory]
    [InlineData("model.fake")]
    [InlineData("model.probed")]
    public async Task Host_Killed_ItsEnginesEndAndTheEndpointComesBackWithTheNextHost(string file)
    {
        await using var garden = await DeploymentGarden.StartAsync();
        var pidFile = Path.Combine(garden.Data, "pid");
        garden.Shelf.CommitFake("acme/model", "serve", $""","pidFile":"{pidFile}" """, file);
        await garden.CreateAsync("chat", scaling: new() { MinimumReplicas = 1 });
        await garden.UntilAsync("chat", EndpointState.Ready);
        await garden.RestartAsync(Nothing);
        File.Delete(pidFile);

        using var engine = await StartAndKillHostAsync(garden.Data, pidFile);
        await engine.WaitForExitAsync(Cancel).WaitAsync(Patience, Cancel);

        await garden.RestartAsync();
        var back = await garden.UntilAsync("chat", endpoint => endpoint.State is EndpointState.Ready && endpoint.Replicas.Count is 1 && File.Exists(pidFile));
        Assert.Equal(ReplicaState.Ready, back.Replicas[0].State);
    }

    /// <summary>Starts a host on the data, waits for its engine, kills the host, and answers the engine.</summary>
    private static async Task<Process> StartAndKillHostAsync(string data, string pidFile)
    {
        var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watcher = new FileSystemWatcher(data, Path.GetFileName(pidFile)) { EnableRaisingEvents = true };
        watcher.Changed += (_, _) => written.TrySetResult();
        using var host = Process.Start(HostOn(data))!;
        try
        {
            await written.Task.WaitAsync(Patience, Cancel);
            return Process.GetProcessById(int.Parse(await File.ReadAllTextAsync(pidFile, Cancel), System.Globalization.CultureInfo.InvariantCulture));
        }
        finally
        {
            host.Kill(entireProcessTree: false);
            await host.WaitForExitAsync(Cancel);
        }
    }

    private static ProcessStartInfo HostOn(string data) => new("dotnet")
    {
        ArgumentList =
        {
            typeof(DeploymentModule).Assembly.Location,
            $"--Garden:Data={data}",
            "--Garden:ServiceSecret=a secret of tests, long enough for all",
            $"--Garden:Deployment:Engines={Repo.PathOf("tests/Deployment.Tests/Engine")}",
            $"--Garden:Services:deployment:Grpc=unix:{data}/killed.sock",
        },
    };
}
