using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Access;
using ModelGarden.Hosting.Calls;

namespace ModelGarden.Testing;

/// <summary>
/// Some services of a garden, started for real in this process on Unix sockets and a folder of their own. Tokens are signed with a key
/// of the test's, so a test can be anyone without Identity; where Identity is among the services, it keeps its own key.
/// </summary>
public sealed class TestGarden : IAsyncDisposable
{
    private static readonly ECDsa Key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly Dictionary<string, WebApplication> _apps = [];
    private readonly Dictionary<string, GrpcChannel> _channels = [];
    private readonly ConcurrentBag<(string Service, Reconnecting Handler)> _connections = [];
    private readonly Dictionary<string, string?> _settings = [];
    private readonly TimeProvider? _clock;

    private TestGarden(TestDatabase? database, TimeProvider? clock)
    {
        _clock = clock;
        Data = Directory.CreateTempSubdirectory("garden-").FullName;
        Set("Data", Data);
        Set("ServiceSecret", "a secret of tests, long enough for all");
        Set("Database", database?.ConnectionString ?? "");
        foreach (var name in ServiceNames.All)
        {
            Set($"Services:{name}:Grpc", $"unix:{Data}/{name}.sock");
            Set($"Services:{name}:Http", $"unix:{Data}/{name}.http.sock");
        }
    }

    /// <summary>The folder that holds everything of this garden.</summary>
    public string Data { get; }

    /// <summary>Starts these services, with SQLite and the system's clock.</summary>
    public static Task<TestGarden> StartAsync(params ServiceDefinition[] services) => StartAsync(null, null, null, services);

    /// <param name="database">Null: SQLite.</param>
    /// <param name="clock">Null: the system's.</param>
    /// <param name="settings">More settings, below <c>Garden:</c>, such as <c>PublicUrl</c>.</param>
    /// <param name="services">Which; doubles of others are definitions like any.</param>
    public static async Task<TestGarden> StartAsync(
        TestDatabase? database, TimeProvider? clock, IReadOnlyDictionary<string, string>? settings, params ServiceDefinition[] services)
    {
        var garden = new TestGarden(database, clock);
        foreach (var (key, value) in settings ?? new Dictionary<string, string>())
        {
            garden.Set(key, value);
        }

        foreach (var service in services)
        {
            await garden.StartServiceAsync(service);
        }

        return garden;
    }

    /// <summary>Stops a service in good order, if it runs, and starts it on the same data.</summary>
    public async Task RestartAsync(ServiceDefinition service)
    {
        await StopAsync(service.Name);
        await StartServiceAsync(service);
    }

    /// <summary>Changes a setting below <c>Garden:</c> for services that are started from now on.</summary>
    public void Change(string key, string value) => Set(key, value);

    /// <summary>Stops a service in good order, if it runs.</summary>
    public async Task StopAsync(string service)
    {
        if (_apps.Remove(service, out var app))
        {
            await app.StopAsync();
            await app.DisposeAsync();
            foreach (var (_, handler) in _connections.Where(one => one.Service == service))
            {
                handler.Reconnect();
            }
        }
    }

    /// <summary>A service's own parts, for looking inside.</summary>
    public IServiceProvider PartsOf(string service) => _apps[service].Services;

    /// <summary>Calls a service as someone.</summary>
    public CallInvoker As(Principal principal, string service) => ChannelOf(service).Intercept(metadata =>
    {
        metadata.Add("authorization", $"Bearer {TokenOf(principal, _clock)}");
        return metadata;
    });

    /// <summary>Calls a service without any token.</summary>
    public CallInvoker AsNobody(string service) => ChannelOf(service).CreateCallInvoker();

    /// <summary>Plain HTTP to a service, as someone or as nobody.</summary>
    public HttpClient Http(string service, Principal? principal = null)
    {
        var address = HttpAddressOf(service);
        var handler = Connect(service, address);
        return new(principal is null ? handler : new Signing(() => TokenOf(principal, _clock), handler)) { BaseAddress = address.Uri };
    }

    /// <summary>A connection for plain HTTP to a service, for a request that a test writes byte by byte: a client sends all of a body before it reads the answer.</summary>
    public async Task<Stream> OpenAsync(string service)
    {
        using var handler = HttpAddressOf(service).CreateHandler();
        return await handler.ConnectCallback!(null!, Patience.Cancel);
    }

    /// <summary>The internal token of someone, made now by the garden's clock or the system's.</summary>
    public static string TokenOf(Principal principal, TimeProvider? clock = null) =>
        InternalToken.Sign(principal, "test", Key, (clock ?? TimeProvider.System).GetUtcNow());

    /// <summary>Calls a service with a token that someone gave, such as Identity.</summary>
    public CallInvoker With(string internalToken, string service) => ChannelOf(service).Intercept(metadata =>
    {
        metadata.Add("authorization", $"Bearer {internalToken}");
        return metadata;
    });

    public async ValueTask DisposeAsync()
    {
        foreach (var channel in _channels.Values)
        {
            channel.Dispose();
        }

        foreach (var app in _apps.Values.Reverse())
        {
            await app.StopAsync();
            await app.DisposeAsync();
        }

        Directory.Delete(Data, recursive: true);
    }

    private ServiceAddress HttpAddressOf(string service) => ServiceAddress.Create(_settings[$"Garden:Services:{service}:Http"]).OrThrow();

    private void Set(string key, string? value) => _settings[$"Garden:{key}"] = value;

    private async Task StartServiceAsync(ServiceDefinition service)
    {
        var app = GardenService.Build(service, [], _settings, Override);
        _apps[service.Name] = app;
        await app.StartAsync();
    }

    private void Override(WebApplicationBuilder builder)
    {
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        var own = builder.Services.Last(descriptor => descriptor.ServiceType == typeof(ISigningKeys)).ImplementationFactory;
        builder.Services.Replace(ServiceDescriptor.Singleton<ISigningKeys>(provider => new TestKeys(provider, own?.Invoke(provider) as ISigningKeys)));
        if (builder.Services.All(descriptor => descriptor.ImplementationType?.Assembly.GetName().Name != "ModelGarden.Identity"))
        {
            builder.Services.Replace(ServiceDescriptor.Singleton<IServiceTokens>(provider => new TestServiceTokens(provider.GetRequiredService<ServiceIdentity>(), _clock)));
        }

        if (_clock is not null)
        {
            builder.Services.Replace(ServiceDescriptor.Singleton(_clock));
        }
    }

    private GrpcChannel ChannelOf(string service)
    {
        if (!_channels.TryGetValue(service, out var channel))
        {
            var address = ServiceAddress.Create(_settings[$"Garden:Services:{service}:Grpc"]).OrThrow();
            channel = _channels[service] = GrpcChannel.ForAddress(address.Uri, new() { HttpHandler = Connect(service, address), DisposeHttpClient = true, MaxReceiveMessageSize = null });
        }

        return channel;
    }

    /// <summary>Knows the test's key, and asks Identity's real keys for all others; in Identity itself, its own.</summary>
    private sealed class TestKeys(IServiceProvider services, ISigningKeys? own) : ISigningKeys
    {
        public async ValueTask<ECDsa?> FindAsync(string keyId, CancellationToken cancellationToken)
        {
            if (keyId is "test")
            {
                return Key;
            }

            if (own is not null)
            {
                return await own.FindAsync(keyId, cancellationToken);
            }

            var identity = new Identity.IdentityClient(services.GetRequiredService<Peers>().AsService(ServiceNames.Identity));
            var keys = await identity.ListSigningKeysAsync(new(), cancellationToken: cancellationToken);
            if (keys.Keys.FirstOrDefault(key => key.Id == keyId) is not { } found)
            {
                return null;
            }

            var imported = ECDsa.Create();
            imported.ImportSubjectPublicKeyInfo(found.PublicKey.Span, out _);
            return imported;
        }
    }

    private sealed class TestServiceTokens(ServiceIdentity self, TimeProvider? clock) : IServiceTokens
    {
        public ValueTask<string> GetAsync(CancellationToken cancellationToken) => new(TokenOf(People.Service(self.Name), clock));
    }

    private Reconnecting Connect(string service, ServiceAddress address)
    {
        var handler = new Reconnecting(address.CreateHandler);
        _connections.Add((service, handler));
        return handler;
    }

    /// <summary>
    /// Connects anew when a service was stopped: a call that is made before the end of an old connection has been noticed would be lost with it. Services call one another
    /// by clients that try such calls again; those of tests do not, so that nothing is hidden.
    /// </summary>
    private sealed class Reconnecting(Func<HttpMessageHandler> connect) : HttpMessageHandler
    {
        private readonly Lock _gate = new();
        private readonly List<HttpMessageInvoker> _all = [new(connect())];

        public void Reconnect()
        {
            lock (_gate)
            {
                _all.Add(new(connect()));
            }
        }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            HttpMessageInvoker newest;
            lock (_gate)
            {
                newest = _all[^1];
            }

            return newest.SendAsync(request, cancellationToken);
        }

        protected override void Dispose(bool disposing)
        {
            _all.ForEach(one => one.Dispose());
            base.Dispose(disposing);
        }
    }

    /// <summary>Gives each request a token of its own, which is young however far a test has moved the clock.</summary>
    private sealed class Signing(Func<string> token, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Authorization ??= new AuthenticationHeaderValue("Bearer", token());
            return base.SendAsync(request, cancellationToken);
        }
    }
}
