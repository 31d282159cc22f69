using System.Collections.Concurrent;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Grpc.Net.Client.Configuration;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;

namespace ModelGarden.Hosting.Calls;

/// <summary>
/// The way to the other services. Every call carries somebody's internal token and a deadline, is tried again with growing pauses while the
/// other side is not reachable (all our RPCs are idempotent), and fails with the <see cref="ErrorException"/> that the other side meant.
/// </summary>
public sealed class Peers(IOptions<GardenOptions> options, IServiceProvider services, IHttpContextAccessor contexts) : IDisposable
{
    private const int MaximumMessage = 32 << 20;
    private readonly ConcurrentDictionary<string, Lazy<GrpcChannel>> _channels = new();
    private readonly ConcurrentDictionary<string, Lazy<HttpClient>> _clients = new();

    /// <summary>Calls on behalf of whoever called us: the other side applies its rules to him.</summary>
    public CallInvoker AsCaller(string service) => Invoker(service, _ => new(contexts.HttpContext?.GetCaller().InternalToken
        ?? throw new InvalidOperationException("no request is being served: use AsService")));

    /// <summary>Calls with a token that stands for somebody, for work that goes on after his request.</summary>
    public CallInvoker As(string service, Caller caller) => Invoker(service, _ => new(caller.InternalToken));

    /// <summary>Calls in this service's own name.</summary>
    public CallInvoker AsService(string service) => Invoker(service, services.GetRequiredService<IServiceTokens>().GetAsync);

    /// <summary>Plain HTTP to a service's HTTP address, in this service's own name; relative URLs.</summary>
    public HttpClient Http(string service) => _clients.GetOrAdd(service, name => new(() => CreateClient(name))).Value;

    public void Dispose()
    {
        foreach (var channel in _channels.Values.Where(channel => channel.IsValueCreated))
        {
            channel.Value.Dispose();
        }

        foreach (var client in _clients.Values.Where(client => client.IsValueCreated))
        {
            client.Value.Dispose();
        }
    }

    internal CallInvoker AsNobody(string service) => Invoker(service, null);

    private CallInvoker Invoker(string service, Func<CancellationToken, ValueTask<string>>? token) =>
        _channels.GetOrAdd(service, name => new(() => CreateChannel(name))).Value
            .Intercept(new PeerInterceptor(service, token));

    private GrpcChannel CreateChannel(string service)
    {
        var address = AddressOf(service, endpoints => endpoints.Grpc, nameof(ServiceEndpoints.Grpc));
        return GrpcChannel.ForAddress(address.Uri, new GrpcChannelOptions
        {
            HttpHandler = new BrokenConnections(address.CreateHandler()),
            DisposeHttpClient = true,
            MaxReceiveMessageSize = MaximumMessage,
            MaxSendMessageSize = MaximumMessage,
            ServiceConfig = new() { MethodConfigs = { Retries() } },
        });
    }

    private HttpClient CreateClient(string service)
    {
        var address = AddressOf(service, endpoints => endpoints.Http, nameof(ServiceEndpoints.Http));
        return new(new ServiceTokenHandler(services.GetRequiredService<IServiceTokens>(), address.CreateHandler()))
        {
            BaseAddress = address.Uri,
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    private ServiceAddress AddressOf(string service, Func<ServiceEndpoints, string> pick, string kind) =>
        options.Value.Services.TryGetValue(service, out var endpoints) && pick(endpoints) is { Length: > 0 } address
            ? ServiceAddress.Create(address).OrThrow()
            : throw new ErrorException(Error.Unavailable("NOT_CONFIGURED", $"Garden:Services:{service}:{kind} is not set"));

    private static MethodConfig Retries() => new()
    {
        Names = { MethodName.Default },
        RetryPolicy = new()
        {
            MaxAttempts = 5,
            InitialBackoff = TimeSpan.FromMilliseconds(50),
            MaxBackoff = TimeSpan.FromSeconds(2),
            BackoffMultiplier = 3,
            RetryableStatusCodes = { StatusCode.Unavailable },
        },
    };
}
