namespace ModelGarden.EndToEnd.Tests.Gardens;

/// <summary>A garden as <c>dotnet run --project AppHost</c> starts it.</summary>
internal sealed class OneProcess(bool sample = false, params IEnumerable<(string Name, string Value)> more) : RunningGarden
{
    private Child? _host;

    public int GrpcPort { get; } = FreePort();

    public Child Host => _host ?? throw new InvalidOperationException("not started");

    public Dictionary<string, string> Settings => new(more.Select(setting => KeyValuePair.Create(setting.Name, setting.Value)))
    {
        ["GARDEN_PORT"] = $"{Port}",
        ["GARDEN_GRPC_PORT"] = $"{GrpcPort}",
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
