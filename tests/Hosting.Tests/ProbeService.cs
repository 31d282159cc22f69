using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using Endpoint = ModelGarden.Contracts.V1.Endpoint;

namespace ModelGarden.Hosting.Tests;

/// <summary>What a probe does when it is called; each test says it anew.</summary>
internal sealed class Probe
{
    public Func<QueryRequest, ServerCallContext, Task<QueryResponse>> OnQuery { get; set; } = (_, _) => Task.FromResult(new QueryResponse());

    public Func<GetEndpointRequest, IServerStreamWriter<Endpoint>, ServerCallContext, Task> OnWatch { get; set; } = (_, _, _) => Task.CompletedTask;

    public Func<IAsyncStreamReader<PushRequest>, ServerCallContext, Task<PushResponse>> OnPush { get; set; } = (_, _) => Task.FromResult(new PushResponse());

    public Func<HttpContext, Task> OnHttp { get; set; } = context => context.Response.WriteAsync(context.GetCaller().ToString());

    /// <summary>A service under the name of Search that does what this says.</summary>
    public ServiceDefinition Search(Action<WebApplicationBuilder>? add = null) => new(
        ServiceNames.Search,
        builder =>
        {
            builder.Services.AddSingleton(this);
            // Errors on purpose are no news; some log is on as in every garden, for ASP.NET Core traces no requests without.
            builder.Logging.AddFilter("ModelGarden", LogLevel.None);
            add?.Invoke(builder);
        },
        app =>
        {
            app.MapGarden<SearchProbe>(Contracts.V1.Search.Descriptor);
            app.MapGet("/probe", (HttpContext context) => OnHttp(context));
        });

    /// <summary>A service under the name of Deployment that does what this says; it has a stream.</summary>
    public ServiceDefinition Deployment(Action<WebApplicationBuilder>? add = null) => new(
        ServiceNames.Deployment,
        builder =>
        {
            builder.Services.AddSingleton(this);
            // Errors on purpose are no news; some log is on as in every garden, for ASP.NET Core traces no requests without.
            builder.Logging.AddFilter("ModelGarden", LogLevel.None);
            add?.Invoke(builder);
        },
        app => app.MapGarden<DeploymentProbe>(Contracts.V1.Deployment.Descriptor));

    /// <summary>A service under the name of Catalog that does what this says; it takes a stream of requests.</summary>
    public ServiceDefinition Catalog() => new(
        ServiceNames.Catalog,
        builder =>
        {
            builder.Services.AddSingleton(this);
            builder.Logging.AddFilter("ModelGarden", LogLevel.None);
        },
        app => app.MapGarden<CatalogProbe>(Contracts.V1.Catalog.Descriptor));

    private sealed class CatalogProbe(Probe probe) : Contracts.V1.Catalog.CatalogBase
    {
        public override Task<PushResponse> Push(IAsyncStreamReader<PushRequest> requestStream, ServerCallContext context) => probe.OnPush(requestStream, context);
    }

    private sealed class SearchProbe(Probe probe) : Contracts.V1.Search.SearchBase
    {
        public override Task<QueryResponse> Query(QueryRequest request, ServerCallContext context) => probe.OnQuery(request, context);
    }

    private sealed class DeploymentProbe(Probe probe) : Contracts.V1.Deployment.DeploymentBase
    {
        public override Task WatchEndpoint(GetEndpointRequest request, IServerStreamWriter<Endpoint> responseStream, ServerCallContext context) =>
            probe.OnWatch(request, responseStream, context);
    }
}
