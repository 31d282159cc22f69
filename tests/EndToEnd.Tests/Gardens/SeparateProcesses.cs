using ModelGarden.Hosting;
using ModelGarden.Testing;

namespace ModelGarden.EndToEnd.Tests.Gardens;

/// <summary>A garden of one process a service, as it runs on many machines: on PostgreSQL where the tests have one, else on SQLite.</summary>
internal sealed class SeparateProcesses : RunningGarden
{
    private readonly Dictionary<string, Child> _services = [];
    private TestDatabase? _database;

    protected override async Task BeginAsync()
    {
        if (TestDatabase.IsThere)
        {
            _database ??= await TestDatabase.CreateAsync();
        }

        foreach (var name in ServiceNames.All)
        {
            var settings = SettingsOf(name);
            _services[name] = Child.Start($"AppHost/bin/*/net10.0/ModelGarden.{char.ToUpperInvariant(name[0])}{name[1..]}.dll", settings);
        }

        await Task.WhenAll(_services.Select(service => service.Value.SaysAsync($"{service.Key} is ready")));
    }

    public override Task KillAsync() => Task.WhenAll(_services.Values.Select(service => service.KillAsync()));

    protected override async ValueTask EndAsync()
    {
        foreach (var service in _services.Values)
        {
            await service.DisposeAsync();
        }

        if (_database is { } database)
        {
            _database = null;
            await database.DisposeAsync();
        }
    }

    private Dictionary<string, string> SettingsOf(string service)
    {
        var settings = new Dictionary<string, string>
        {
            ["Garden__Data"] = Data,
            ["Garden__Database"] = _database?.ConnectionString ?? "",
            ["Garden__ServiceSecret"] = "a secret of tests, long enough for all",
            ["Garden__Deployment__InstalledEngines"] = Engines.Folder,
            ["Logging__LogLevel__Default"] = "Warning",
        };
        foreach (var name in ServiceNames.All)
        {
            settings[$"Garden__Services__{name}__Grpc"] = name is ServiceNames.Gateway ? $"http://127.0.0.1:{FreePort()}" : $"unix:{Data}/{name}.sock";
            settings[$"Garden__Services__{name}__Http"] = name is ServiceNames.Gateway ? Url : $"unix:{Data}/{name}.http.sock";
        }

        if (service is ServiceNames.Identity)
        {
            settings["Garden__AdminToken"] = AdminToken;
        }

        return settings;
    }
}
