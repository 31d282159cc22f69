using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using ModelGarden.Artifacts;
using ModelGarden.Catalog;
using ModelGarden.Deployment;
using ModelGarden.Entitlement;
using ModelGarden.Gateway;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Health;
using ModelGarden.Hub;
using ModelGarden.Identity;
using ModelGarden.Kernel;
using ModelGarden.Search;
using ModelGarden.Serving;

namespace ModelGarden.AppHost;

/// <summary>A whole garden in one process: every service in a host of its own, wired through memory, behind the Gateway's two ports.</summary>
internal sealed class Garden : IAsyncDisposable
{
    private readonly GardenSettings _settings;
    private readonly DataFolder _folder;
    private readonly string _serviceSecret;
    private readonly string _id = Guid.NewGuid().ToString("n");
    private WebApplication[] _apps = [];

    private Garden(GardenSettings settings, DataFolder folder)
    {
        (_settings, _folder) = (settings, folder);
        _serviceSecret = folder.Secret("service-secret", () => RandomNumberGenerator.GetHexString(64, lowercase: true)).Secret;
        (AdminToken, IsAdminTokenNew) = settings.AdminToken is { } given ? (given, false) : folder.Secret("admin-token", NewToken);
    }

    /// <summary>In the order in which they start; the Gateway last, so that its port opens when there is something behind it.</summary>
    public static IReadOnlyList<ServiceDefinition> Services { get; } =
    [
        IdentityModule.Definition,
        EntitlementModule.Definition,
        ArtifactsModule.Definition,
        CatalogModule.Definition,
        SearchModule.Definition,
        DeploymentModule.Definition,
        ServingModule.Definition,
        HubModule.Definition,
    ];

    public string AdminToken { get; }

    public bool IsAdminTokenNew { get; }

    public string Url => UrlOf(_settings.Port);

    public string GrpcUrl => UrlOf(_settings.GrpcPort);

    /// <summary>What is still waited for, for people.</summary>
    private string Waiting => string.Join("; ", Services.Append(GatewayModule.Definition)
        .Zip(_apps, (service, app) => (service.Name, ReadinessOf(app).Waiting))
        .Where(service => service.Waiting.Count > 0)
        .Select(service => $"{service.Name} waits for {string.Join(", ", service.Waiting)}"));

    /// <summary>Runs until it is told to stop, or a service stops by itself.</summary>
    public static async Task<int> RunAsync(GardenSettings settings, Screen screen)
    {
        var started = Stopwatch.GetTimestamp();
        RequireFreePorts(settings);
        using var folder = DataFolder.Open(settings.Data).OrThrow();
        await using var garden = new Garden(settings, folder);
        using var stop = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Stop(signal, stop));
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Stop(signal, stop));

        screen.Title("ModelGarden");
        try
        {
            await StartWatch.RunAsync(garden.StartAsync, () => garden.Waiting, screen, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }

        screen.Fact("ready", string.Create(CultureInfo.InvariantCulture, $"in {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s"));
        await Samples.LoadAsync(garden.ServicesOf(ServiceNames.Gateway), garden.AdminToken, settings, screen, stop.Token);
        Welcome.Say(screen, garden, settings);
        return await garden.WaitAsync(screen, stop.Token);
    }

    public IServiceProvider ServicesOf(string name) => _apps[IndexOf(name)].Services;

    public async ValueTask DisposeAsync()
    {
        // The Gateway first, so that nothing new comes in; then those who ask, then those who answer.
        foreach (var app in Enumerable.Reverse(_apps))
        {
            await app.StopAsync();
            await app.DisposeAsync();
        }
    }

    private static int IndexOf(string name) => name is ServiceNames.Gateway ? Services.Count : Services.Index().First(service => service.Item.Name == name).Index;

    private static void Stop(PosixSignalContext signal, CancellationTokenSource stop)
    {
        signal.Cancel = true;
        stop.Cancel();
    }

    private static string NewToken() => $"hf_garden_admin_{RandomNumberGenerator.GetHexString(40, lowercase: true)}";

    private static void RequireFreePorts(GardenSettings settings)
    {
        foreach (var (name, port) in new[] { ("GARDEN_PORT", settings.Port), ("GARDEN_GRPC_PORT", settings.GrpcPort) })
        {
            try
            {
                using var probe = new TcpListener(settings.Bind, port);
                probe.Start();
            }
            catch (SocketException exception)
            {
                throw new ErrorException(Error.Conflict("PORT_TAKEN", $"port {port} on {settings.Bind} cannot be opened ({exception.SocketErrorCode}): stop what listens there, or set {name} to another port"), exception);
            }
        }
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        var gateway = new ServiceDefinition(ServiceNames.Gateway, AddGateway, MapGateway) { IsFrontDoor = true };
        // Building is mostly compiling and reading: it goes side by side.
        var building = Services.Append(gateway).Select(service => Task.Run(() => GardenService.Build(service, [], SettingsOf(service.Name)), cancellationToken)).ToList();
        await AllAsync(building);
        WebApplication[] built = [.. building.Select(app => app.Result)];
        _apps = built;
        await AllAsync(built[..^1].Select(app => app.StartAsync(cancellationToken)));
        await Task.WhenAll(built[..^1].Select(app => ReadinessOf(app).WhenReadyAsync(cancellationToken)));
        await built[^1].StartAsync(cancellationToken);
        await ReadinessOf(built[^1]).WhenReadyAsync(cancellationToken);
    }

    /// <summary>Waits for all, and throws the faults of all: who mends a start wants to see them together.</summary>
    private static async Task AllAsync(IEnumerable<Task> tasks)
    {
        var all = Task.WhenAll(tasks);
        try
        {
            await all;
        }
        catch (Exception) when (all.Exception is { InnerExceptions.Count: > 1 })
        {
            ExceptionDispatchInfo.Throw(all.Exception);
        }
    }

    private void AddGateway(WebApplicationBuilder builder)
    {
        GatewayModule.Definition.Add(builder);
        builder.Services.AddSingleton(_ => new GardenStatus([.. Services.Select((service, i) => (service.Name, ReadinessOf(_apps[i])))]));
    }

    private static void MapGateway(WebApplication app)
    {
        GatewayModule.Definition.Map(app);
        app.MapStatusPage();
    }

    private static Readiness ReadinessOf(WebApplication app) => app.Services.GetRequiredService<Readiness>();

    private Dictionary<string, string?> SettingsOf(string service)
    {
        var settings = new Dictionary<string, string?>
        {
            ["Garden:Data"] = _folder.Path,
            ["Garden:Database"] = _settings.Database,
            ["Garden:ServiceSecret"] = _serviceSecret,
            ["Logging:LogLevel:Default"] = _settings.Log,
            ["Garden:Services:gateway:Http"] = Address(_settings.Port),
            ["Garden:Services:gateway:Grpc"] = Address(_settings.GrpcPort),
        };
        foreach (var name in Services.Select(other => other.Name))
        {
            settings[$"Garden:Services:{name}:Grpc"] = $"memory:{_id}/{name}.grpc";
            settings[$"Garden:Services:{name}:Http"] = $"memory:{_id}/{name}.http";
        }

        if (service is ServiceNames.Identity)
        {
            settings["Garden:AdminToken"] = AdminToken;
        }

        return settings;
    }

    private string Address(int port) => $"http://{new IPEndPoint(_settings.Bind, port)}";

    /// <summary>Where people on this machine call: who listens everywhere is also here.</summary>
    private string UrlOf(int port) => $"http://{new IPEndPoint(_settings.Bind switch
    {
        var bind when bind.Equals(IPAddress.Any) => IPAddress.Loopback,
        var bind when bind.Equals(IPAddress.IPv6Any) => IPAddress.IPv6Loopback,
        var bind => bind,
    }, port)}";

    /// <summary>0 when told to stop; 1 when a service stopped by itself, for half a garden is worse than none that is started again.</summary>
    private async Task<int> WaitAsync(Screen screen, CancellationToken stop)
    {
        var stopped = _apps.Select(app => app.WaitForShutdownAsync(CancellationToken.None)).ToList();
        var told = Task.Delay(Timeout.Infinite, stop);
        var first = await Task.WhenAny([told, .. stopped]);
        if (first == told)
        {
            return 0;
        }

        var index = stopped.FindIndex(task => task == first);
        screen.Failure($"{(index < Services.Count ? Services[index].Name : ServiceNames.Gateway)} has stopped by itself: the lines above say why");
        return 1;
    }
}
