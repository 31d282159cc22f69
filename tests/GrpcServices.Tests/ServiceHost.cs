using System.Net;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ModelGarden.GrpcServices.Health;
using ModelGarden.GrpcServices.Reflection;

namespace ModelGarden.GrpcServices.Tests;

/// <summary>A real server on a free port with health, reflection and one service to describe.</summary>
internal sealed class ServiceHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ServiceHost(WebApplication app)
    {
        _app = app;
        Address = new Uri(app.Urls.Single());
        Channel = GrpcChannel.ForAddress(Address);
    }

    public Uri Address { get; }

    public GrpcChannel Channel { get; }

    public HealthRegistry Health => _app.Services.GetRequiredService<HealthRegistry>();

    public static async Task<ServiceHost> StartAsync(params Google.Protobuf.Reflection.ServiceDescriptor[] described)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGardenHealth().AddGardenReflection(described);
        var app = builder.Build();
        app.MapGardenHealth();
        app.MapGardenReflection().WithMetadata(new Marker());
        app.MapGrpcService<GreeterService>();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new ServiceHost(app);
    }

    /// <summary>The full names of the methods whose endpoints carry what was added to the reflection endpoints.</summary>
    public IEnumerable<string?> MarkedEndpoints() => _app.Services.GetRequiredService<Microsoft.AspNetCore.Routing.EndpointDataSource>()
        .Endpoints.Where(endpoint => endpoint.Metadata.GetMetadata<Marker>() is not null)
        .Select(endpoint => endpoint.Metadata.GetMetadata<Grpc.AspNetCore.Server.GrpcMethodMetadata>()?.Method.FullName);

    public Task StopAsync() => _app.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        await _app.DisposeAsync();
    }

    private sealed class Marker;
}
