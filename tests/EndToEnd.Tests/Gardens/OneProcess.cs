namespace ModelGarden.EndToEnd.Tests.Gardens;

/// <summary>A garden as <c>dotnet run --project AppHost</c> starts it.</summary>
internal sealed class OneProcess(bool sample = false) : RunningGarden
{
    private readonly int _grpcPort = FreePort();
    private Child? _host;

    public Child Host => _host ?? throw new InvalidOperationException("not started");

    public Dictionary<string, string> Settings => new()
    {
        ["GARDEN_PORT"] = $"{Port}",
        ["GARDEN_GRPC_PORT"] = $"{_grpcPort}",
        ["GARDEN_DATA"] = Data,
        ["GARDEN_ADMIN_TOKEN"] = AdminToken,
        ["GARDEN_SAMPLE"] = sample ? "true" : "false",
        ["Garden__Deployment__InstalledEngines"] = Engines.Folder,
    };

    protected override async Task BeginAsync()
    {
        _host = Child.Start("AppHost/bin/*/net10.0/ModelGarden.AppHost.dll", Settings);
        await _host.SaysAsync("garden models search");
    }

    public override Task KillAsync() => Host.KillAsync();

    protected override ValueTask EndAsync() => _host?.DisposeAsync() ?? ValueTask.CompletedTask;
}
