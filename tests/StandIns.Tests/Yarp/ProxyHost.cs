using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace ModelGarden.StandIns.Tests.Yarp;

/// <summary>The real YARP before two HTTP/1.1 servers (<c>/any</c>, <c>/sticky</c>) and one HTTP/2 server (<c>/h2</c>).</summary>
public sealed class ProxyHost : IAsyncLifetime
{
    public const string AffinityCookie = ".garden.affinity";

    private readonly List<Backend> _backends = [];
    private WebApplication? _app;

    public Uri Http1 { get; private set; } = null!;

    public Uri Http2 { get; private set; } = null!;

    internal IReadOnlyList<Backend> Backends => _backends;

    public async ValueTask InitializeAsync()
    {
        _backends.Add(await Backend.StartAsync("one", HttpProtocols.Http1));
        _backends.Add(await Backend.StartAsync("two", HttpProtocols.Http1));
        _backends.Add(await Backend.StartAsync("three", HttpProtocols.Http2));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        builder.Services.AddReverseProxy().LoadFromMemory([Route("any"), Route("sticky"), Route("h2")], Clusters());
        _app = builder.Build();
        _app.MapReverseProxy();
        await _app.StartAsync(TestContext.Current.CancellationToken);
        Http1 = new Uri(_app.Urls.First());
        Http2 = new Uri(_app.Urls.Last());
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        foreach (var backend in _backends)
        {
            await backend.DisposeAsync();
        }
    }

    private static RouteConfig Route(string name) => new()
    {
        RouteId = name,
        ClusterId = name,
        Match = new() { Path = $"/{name}/{{**rest}}" },
        Transforms = [new Dictionary<string, string> { ["PathRemovePrefix"] = $"/{name}" }],
    };

    private ClusterConfig[] Clusters() =>
    [
        new() { ClusterId = "any", LoadBalancingPolicy = "RoundRobin", Destinations = Destinations(_backends[0], _backends[1]) },
        new()
        {
            ClusterId = "sticky",
            LoadBalancingPolicy = "RoundRobin",
            Destinations = Destinations(_backends[0], _backends[1]),
            SessionAffinity = new() { Enabled = true, Policy = "HashCookie", AffinityKeyName = AffinityCookie },
        },
        new()
        {
            ClusterId = "h2",
            Destinations = Destinations(_backends[2]),
            HttpRequest = new ForwarderRequestConfig
            {
                Version = HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            },
        },
    ];

    private static Dictionary<string, DestinationConfig> Destinations(params Backend[] backends) =>
        backends.ToDictionary(backend => backend.Address, backend => new DestinationConfig { Address = backend.Address });
}
