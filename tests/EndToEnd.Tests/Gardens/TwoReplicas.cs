using System.Net.Http.Headers;
using ModelGarden.Hosting;

namespace ModelGarden.EndToEnd.Tests.Gardens;

/// <summary>Gateway, Hub and Catalog twice, each Hub with a Catalog of its own, and all else once, on one PostgreSQL.</summary>
internal sealed class TwoReplicas : SeparateProcesses
{
    private readonly string _second = $"http://127.0.0.1:{FreePort()}";

    protected override bool HasDatabase => true;

    /// <summary>Calls one side.</summary>
    public HttpClient At(int replica) => new()
    {
        BaseAddress = new Uri(UrlOf(replica)),
        Timeout = TimeSpan.FromMinutes(1),
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", AdminToken) },
    };

    public string UrlOf(int replica) => replica is 0 ? Url : _second;

    /// <summary>SIGKILL to the second Hub and its Catalog; its Gateway goes on, and finds nobody.</summary>
    public Task KillSecondAsync() => Task.WhenAll(KillAsync(ServiceNames.Hub, 1), KillAsync(ServiceNames.Catalog, 1));

    protected override int ReplicasOf(string service) => service is ServiceNames.Gateway or ServiceNames.Hub or ServiceNames.Catalog ? 2 : 1;

    protected override (string Http, string Grpc) AddressOf(string service, int replica) => service switch
    {
        ServiceNames.Gateway => (UrlOf(replica), $"http://127.0.0.1:{FreePort()}"),
        _ when replica is 1 && ReplicasOf(service) is 2 => Sockets($"{service}-2"),
        _ => Sockets(service),
    };
}
