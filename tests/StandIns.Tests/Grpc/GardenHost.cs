using System.IO.Compression;
using System.Net;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelGarden.StandIns.Tests.V1;

namespace ModelGarden.StandIns.Tests.Grpc;

/// <summary>A real Kestrel server of <see cref="GardenService"/> on a free port, and a channel to it.</summary>
public sealed class GardenHost : IAsyncLifetime
{
    public const int MaxReceiveMessageSize = 8 << 20;

    private readonly Action<ListenOptions> _listen;
    private readonly Action<WebApplication> _map;
    private WebApplication? _app;
    private GrpcChannel? _channel;

    public GardenHost()
        : this(_ => { }, app => app.MapGrpcService<GardenService>())
    {
    }

    internal GardenHost(Action<ListenOptions> listen, Action<WebApplication> map)
    {
        _listen = listen;
        _map = map;
    }

    public Uri Address => new(Started.Urls.Single());

    public GrpcChannel Channel => _channel ??= GrpcChannel.ForAddress(Address);

    public Garden.GardenClient Client => new(Channel);

    internal CallLog Log => Started.Services.GetRequiredService<CallLog>();

    private WebApplication Started => _app ?? throw new InvalidOperationException("the host has not been started");

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<CallLog>();
        builder.Services.AddGrpc(options =>
        {
            options.Interceptors.Add<CountingInterceptor>();
            options.ResponseCompressionAlgorithm = "gzip";
            options.ResponseCompressionLevel = CompressionLevel.Fastest;
            options.MaxReceiveMessageSize = MaxReceiveMessageSize;
        });
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            _listen(listen);
        }));
        _app = builder.Build();
        _map(_app);
        await _app.StartAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _channel?.Dispose();
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }
    }

    internal static async Task<GardenHost> StartAsync(Action<ListenOptions>? listen = null, Action<WebApplication>? map = null)
    {
        var host = new GardenHost(listen ?? (_ => { }), map ?? (app => app.MapGrpcService<GardenService>()));
        await host.InitializeAsync();
        return host;
    }
}
