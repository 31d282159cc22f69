using System.Net;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Transforms;

namespace ModelGarden.Gateway.Routes;

/// <summary>Which path goes to which service: the whole map of the one public port.</summary>
internal static class GardenProxy
{
    // Answers of models take their time; what is silent for this long is gone.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>Those that are reached from outside.</summary>
    public static Google.Protobuf.Reflection.ServiceDescriptor[] GrpcServices { get; } =
        [Identity.Descriptor, Entitlement.Descriptor, Catalog.Descriptor, Artifacts.Descriptor, Contracts.V1.Search.Descriptor, Contracts.V1.Deployment.Descriptor];

    extension(IServiceCollection services)
    {
        public void AddGardenProxy()
        {
            services.AddSingleton<IForwarderHttpClientFactory, ServiceClientFactory>();
            services.AddReverseProxy().AddTransforms(transforms => transforms.AddRequestTransform(KeepTarget));
            services.AddSingleton<IProxyConfigProvider>(provider => new InMemoryConfigProvider(
                [.. Routes()], [.. Clusters(provider.GetRequiredService<IOptions<GardenOptions>>().Value)]));
        }
    }

    /// <summary>Path and query go on as they came: YARP would encode the percent sign of <c>%2F</c> again, and revisions such as <c>refs%2Fpr%2F1</c> with it.</summary>
    private static ValueTask KeepTarget(RequestTransformContext context)
    {
        var target = context.HttpContext.Features.Get<IHttpRequestFeature>()!.RawTarget;
        if (target.StartsWith('/'))
        {
            context.ProxyRequest.RequestUri = new(context.DestinationPrefix.TrimEnd('/') + target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        }

        return ValueTask.CompletedTask;
    }

    private static IEnumerable<RouteConfig> Routes()
    {
        // Before the REST of the same beginning, which answers for every path that it does not know.
        yield return Http("files", ServiceNames.Artifacts, "/garden/v1/files/{**rest}", -1);
        yield return Http("xet", ServiceNames.Artifacts, "/garden/v1/xet/{**rest}", -1);
        yield return Http("account", ServiceNames.Identity, "/account/{**rest}", 1);
        yield return Http("oauth", ServiceNames.Identity, "/oauth/{**rest}", 1);
        yield return Http("oidc-discovery", ServiceNames.Identity, "/.well-known/openid-configuration", 1);
        yield return Http("oauth-discovery", ServiceNames.Identity, "/.well-known/oauth-authorization-server", 1);
        yield return Http("openai", ServiceNames.Serving, "/v1/{**rest}", 1);
        yield return Http("kserve", ServiceNames.Serving, "/kserve/{**rest}", 1);
        foreach (var service in GrpcServices)
        {
            // Before gRPC's own answer for services that are not mapped here.
            yield return new() { RouteId = $"grpc-{service.Name}", ClusterId = $"{service.Name.ToLowerInvariant()}-grpc", Order = -1, Match = new() { Path = $"/{service.FullName}/{{**method}}" } };
        }

        // The Hub's protocol insists on the root: what nobody else claims is its.
        yield return Http("hub", ServiceNames.Hub, "/{**rest}", 100);
    }

    private static RouteConfig Http(string id, string service, string path, int order) =>
        new() { RouteId = id, ClusterId = $"{service}-http", Order = order, Match = new() { Path = path } };

    private static IEnumerable<ClusterConfig> Clusters(GardenOptions options)
    {
        foreach (var (service, endpoints) in options.Services)
        {
            if (endpoints.Http.Length > 0)
            {
                yield return Cluster($"{service}-http", endpoints.Http, HttpVersion.Version11);
            }

            if (endpoints.Grpc.Length > 0)
            {
                yield return Cluster($"{service}-grpc", endpoints.Grpc, HttpVersion.Version20);
            }
        }
    }

    private static ClusterConfig Cluster(string id, string address, Version version) => new()
    {
        ClusterId = id,
        HttpRequest = new() { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact, ActivityTimeout = Patience },
        Metadata = new Dictionary<string, string> { [ServiceClientFactory.Address] = address },
        Destinations = new Dictionary<string, DestinationConfig>
        {
            ["service"] = new() { Address = ServiceAddress.Create(address).OrThrow().Uri.ToString() },
        },
    };
}

/// <summary>Connects a cluster to its service, over a Unix socket where the address is one.</summary>
internal sealed class ServiceClientFactory : IForwarderHttpClientFactory
{
    public const string Address = "garden-address";

    public HttpMessageInvoker CreateClient(ForwarderHttpClientContext context)
    {
        if (context.OldClient is not null && context.OldMetadata?.GetValueOrDefault(Address) == context.NewMetadata?.GetValueOrDefault(Address))
        {
            return context.OldClient;
        }

        var handler = ServiceAddress.Create(context.NewMetadata![Address]).OrThrow().CreateHandler();
        handler.AutomaticDecompression = DecompressionMethods.None;
        handler.ActivityHeadersPropagator = null;
        return new(handler, disposeHandler: true);
    }
}
