using ModelGarden.Hosting;
using ModelGarden.Testing;

namespace ModelGarden.EndToEnd.Tests.Gardens;

/// <summary>A garden of one process a service, as it runs on many machines: on PostgreSQL where the tests have one, else on SQLite.</summary>
internal class SeparateProcesses : RunningGarden
{
    private readonly Dictionary<(string Service, int Replica), Child> _services = [];
    private TestDatabase? _database;

    public override Task KillAsync() => Task.WhenAll(_services.Values.Select(service => service.KillAsync()));

    protected virtual bool HasDatabase => TestDatabase.IsThere;

    protected virtual int ReplicasOf(string service) => 1;

    /// <summary>Where a service is to the services of this replica.</summary>
    protected virtual (string Http, string Grpc) AddressOf(string service, int replica) =>
        service is ServiceNames.Gateway ? (Url, $"http://127.0.0.1:{FreePort()}") : Sockets(service);

    protected Task KillAsync(string service, int replica) => _services[(service, replica)].KillAsync();

    protected (string Http, string Grpc) Sockets(string name) => ($"unix:{Data}/{name}.http.sock", $"unix:{Data}/{name}.sock");

    protected override async Task BeginAsync()
    {
        if (HasDatabase)
        {
            _database ??= await TestDatabase.CreateAsync();
        }

        foreach (var name in ServiceNames.All)
        {
            foreach (var replica in Enumerable.Range(0, ReplicasOf(name)))
            {
                _services[(name, replica)] = Start(name, replica);
            }
        }

        await Task.WhenAll(_services.Select(service => service.Value.SaysAsync($"{service.Key.Service} is ready")));
    }

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

    private Child Start(string service, int replica)
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
            (settings[$"Garden__Services__{name}__Http"], settings[$"Garden__Services__{name}__Grpc"]) = AddressOf(name, replica);
        }

        if (service is ServiceNames.Identity)
        {
            settings["Garden__AdminToken"] = AdminToken;
        }

        return Child.Start($"AppHost/bin/*/net10.0/ModelGarden.{char.ToUpperInvariant(service[0])}{service[1..]}.dll", settings);
    }
}
