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
            _services[name] = Start(name, Data, _database, other => other is ServiceNames.Gateway ? (Url, $"http://127.0.0.1:{FreePort()}") : Sockets(Data, other));
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

    public static (string Http, string Grpc) Sockets(string data, string name) => ($"unix:{data}/{name}.http.sock", $"unix:{data}/{name}.sock");

    /// <summary>Starts a service alone.</summary>
    /// <param name="service">Which.</param>
    /// <param name="data">The garden's folder.</param>
    /// <param name="database">Null: SQLite in the folder.</param>
    /// <param name="addressOf">Where each service is to it, itself among them.</param>
    public static Child Start(string service, string data, TestDatabase? database, Func<string, (string Http, string Grpc)> addressOf)
    {
        var settings = new Dictionary<string, string>
        {
            ["Garden__Data"] = data,
            ["Garden__Database"] = database?.ConnectionString ?? "",
            ["Garden__ServiceSecret"] = "a secret of tests, long enough for all",
            ["Garden__Deployment__InstalledEngines"] = Engines.Folder,
            ["Logging__LogLevel__Default"] = "Warning",
        };
        foreach (var name in ServiceNames.All)
        {
            (settings[$"Garden__Services__{name}__Http"], settings[$"Garden__Services__{name}__Grpc"]) = addressOf(name);
        }

        if (service is ServiceNames.Identity)
        {
            settings["Garden__AdminToken"] = AdminToken;
        }

        return Child.Start($"AppHost/bin/*/net10.0/ModelGarden.{char.ToUpperInvariant(service[0])}{service[1..]}.dll", settings);
    }
}
