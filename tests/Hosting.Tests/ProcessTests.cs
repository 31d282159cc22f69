using System.Text;
using Grpc.Net.Client;
using ModelGarden.Contracts.V1;
using ModelGarden.Testing;

namespace ModelGarden.Hosting.Tests;

/// <summary>A service as its users run it: a process with settings, signals and an exit code.</summary>
public sealed class ProcessTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("garden-").FullName;

    private static CancellationToken Cancel => Patience.Cancel;

    private string SocketPath => Path.Combine(_folder, "identity.sock");

    private Dictionary<string, string> Settings => new()
    {
        ["Garden__Data"] = _folder,
        ["Garden__ServiceSecret"] = "a secret of tests, long enough for all",
        ["Garden__Services__identity__Grpc"] = $"unix:{SocketPath}",
    };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Start_WithoutSettings_SaysEachFaultInALineAndExits()
    {
        await using var victim = VictimProcess.Start(new Dictionary<string, string>());

        var (code, errors) = await victim.EndAsync();

        Assert.Equal(1, code);
        Assert.Equal(
            [
                "identity: Garden:Data is not set: name a folder that this service may write to (environment: Garden__Data)",
                "identity: Garden:ServiceSecret is shorter than 32 characters: set the same random text for every service (environment: Garden__ServiceSecret)",
                "identity: Garden:Services:identity:Grpc and :Http are not set: at least one is needed, to listen on, such as http://127.0.0.1:5001 or unix:/path/to.sock (environment: Garden__Services__identity__Grpc)",
            ],
            errors);
    }

    [Fact]
    public async Task Start_OnAnAddressThatIsTaken_SaysSoAndExits()
    {
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        await using var victim = VictimProcess.Start(new Dictionary<string, string>(Settings) { ["Garden__Services__identity__Grpc"] = $"http://{taken.LocalEndpoint}" });

        var (code, errors) = await victim.EndAsync();

        Assert.Equal(1, code);
        Assert.Contains("address already in use", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Terminate_WhileACallRuns_FinishesItAndExitsInGoodOrder()
    {
        await using var victim = VictimProcess.Start(Settings);
        await victim.SaysAsync("identity is ready");
        using var channel = Channel();
        using var call = new Identity.IdentityClient(channel).IssueServiceTokenAsync(new() { Service = "wait" }, cancellationToken: Cancel);
        await victim.SaysAsync("waiting");

        victim.Terminate();

        Assert.Equal("wait", (await call).InternalToken);
        Assert.Equal((0, ""), await OutcomeAsync(victim));
        Assert.False(File.Exists(SocketPath));
    }

    [Fact]
    public async Task Start_WhereAKilledProcessLeftItsSocket_TakesItOver()
    {
        await using (var killed = VictimProcess.Start(Settings))
        {
            await killed.SaysAsync("identity is ready");
            killed.Kill();
            await killed.EndAsync();
        }

        Assert.True(File.Exists(SocketPath));
        await using var next = VictimProcess.Start(Settings);
        await next.SaysAsync("identity is ready");
        Assert.Equal("hello", await CallAsync());
    }

    [Fact]
    public async Task Start_WhereALivingProcessListens_LeavesItAlone()
    {
        await using var living = VictimProcess.Start(Settings);
        await living.SaysAsync("identity is ready");
        await using var second = VictimProcess.Start(Settings);

        Assert.Equal((1, $"identity: another process listens on {SocketPath}: stop it, or name another path to listen on"), await OutcomeAsync(second));
        Assert.Equal("hello", await CallAsync());
    }

    [Fact]
    public async Task Start_WhereAFileLiesInTheSocketsPlace_LeavesItAlone()
    {
        await File.WriteAllTextAsync(SocketPath, "somebody's work", Cancel);
        await using var victim = VictimProcess.Start(Settings);

        Assert.Equal((1, $"identity: {SocketPath} is a file, not a socket: name another path to listen on, or move it away"), await OutcomeAsync(victim));
        Assert.Equal("somebody's work", await File.ReadAllTextAsync(SocketPath, Cancel));
    }

    [Fact]
    public async Task Run_WhoseBackgroundBreaks_StopsAndExitsWithAFault()
    {
        await using var victim = VictimProcess.Start(Settings, "--Victim:Crash=true");

        Assert.Equal(1, (await victim.EndAsync()).Code);
    }

    [Fact]
    public void EveryService_IsRunAsTheVictimIs()
    {
        foreach (var folder in Directory.GetDirectories(Repo.PathOf("services")).Where(folder => File.Exists(Path.Combine(folder, "Program.cs"))))
        {
            var program = File.ReadAllText(Path.Combine(folder, "Program.cs"), Encoding.UTF8);
            Assert.Matches(@"^return await ModelGarden\.Hosting\.GardenService\.RunAsync\(ModelGarden\.\w+\.\w+Module\.Definition, args\);\s*$", program);
        }
    }

    private static async Task<(int Code, string Errors)> OutcomeAsync(VictimProcess victim)
    {
        var (code, errors) = await victim.EndAsync();
        return (code, string.Join('\n', errors));
    }

    private async Task<string> CallAsync()
    {
        using var channel = Channel();
        return (await new Identity.IdentityClient(channel).IssueServiceTokenAsync(new() { Service = "hello" }, cancellationToken: Cancel)).InternalToken;
    }

    private GrpcChannel Channel()
    {
        var address = ServiceAddress.Create($"unix:{SocketPath}").OrThrow();
        return GrpcChannel.ForAddress(address.Uri, new() { HttpHandler = address.CreateHandler(), DisposeHttpClient = true });
    }
}
