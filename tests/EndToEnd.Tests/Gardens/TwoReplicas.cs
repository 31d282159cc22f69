using System.Net.Http.Headers;
using ModelGarden.Hosting;
using ModelGarden.Testing;

namespace ModelGarden.EndToEnd.Tests.Gardens;

/// <summary>Gateway, Hub and Catalog twice, each Hub with a Catalog of its own, and all else once, on one PostgreSQL.</summary>
internal sealed class TwoReplicas : RunningGarden
{
    private static readonly string[] Twice = [ServiceNames.Gateway, ServiceNames.Hub, ServiceNames.Catalog];
    private readonly Dictionary<(string Service, int Replica), Child> _services = [];
    private readonly string _second = $"http://127.0.0.1:{FreePort()}";
    private TestDatabase? _database;

    /// <summary>Calls one side.</summary>
    public HttpClient At(int replica) => new()
    {
        BaseAddress = new Uri(UrlOf(replica)),
        Timeout = TimeSpan.FromMinutes(1),
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", AdminToken) },
    };

    public string UrlOf(int replica) => replica is 0 ? Url : _second;

    /// <summary>SIGKILL to the second Hub and its Catalog; its Gateway goes on, and finds nobody.</summary>
    public Task KillSecondAsync() => Task.WhenAll(_services[(ServiceNames.Hub, 1)].KillAsync(), _services[(ServiceNames.Catalog, 1)].KillAsync());

    public override Task KillAsync() => Task.WhenAll(_services.Values.Select(service => service.KillAsync()));

    protected override async Task BeginAsync()
    {
        _database ??= await TestDatabase.CreateAsync();
        foreach (var name in ServiceNames.All)
        {
            foreach (var replica in Enumerable.Range(0, Twice.Contains(name) ? 2 : 1))
            {
                _services[(name, replica)] = SeparateProcesses.Start(name, Data, _database, other => AddressOf(other, replica));
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

    private (string Http, string Grpc) AddressOf(string name, int replica) => name is ServiceNames.Gateway
        ? (UrlOf(replica), $"http://127.0.0.1:{FreePort()}")
        : SeparateProcesses.Sockets(Data, replica is 1 && Twice.Contains(name) ? $"{name}-2" : name);
}
