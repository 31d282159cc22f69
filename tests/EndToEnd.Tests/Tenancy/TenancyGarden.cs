using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Artifacts;
using ModelGarden.Catalog;
using ModelGarden.Contracts.V1;
using ModelGarden.Deployment;
using ModelGarden.EndToEnd.Tests.Gardens;
using ModelGarden.Entitlement;
using ModelGarden.Gateway;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Access;
using ModelGarden.Hosting.Health;
using ModelGarden.Hub;
using ModelGarden.Identity;
using ModelGarden.Search;
using ModelGarden.Serving;
using ModelGarden.Testing;

namespace ModelGarden.EndToEnd.Tests.Tenancy;

/// <summary>A whole garden in the test's process, behind its real Gateway on two ports: called through it with tokens that Identity gave out, or past it.</summary>
internal sealed class TenancyGarden : IAsyncDisposable
{
    private readonly GrpcChannel _front;

    private TenancyGarden(TestGarden inside, TestDatabase? database, string url, string grpcUrl)
    {
        (Inside, Database, Url) = (inside, database, url);
        _front = GrpcChannel.ForAddress(grpcUrl);
        Http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ActivityHeadersPropagator = null }) { BaseAddress = new(url) };
    }

    public TestGarden Inside { get; }

    /// <summary>Where strangers call.</summary>
    public string Url { get; }

    /// <summary>Keeps nothing and follows nothing.</summary>
    public HttpClient Http { get; }

    private TestDatabase? Database { get; }

    private static CancellationToken Cancel => Patience.Cancel;

    /// <param name="database">Null: SQLite.</param>
    public static async Task<TenancyGarden> StartAsync(TestDatabase? database)
    {
        var (url, grpcUrl) = ($"http://127.0.0.1:{RunningGarden.FreePort()}", $"http://127.0.0.1:{RunningGarden.FreePort()}");
        var settings = new Dictionary<string, string>
        {
            [$"Services:{ServiceNames.Gateway}:Http"] = url,
            [$"Services:{ServiceNames.Gateway}:Grpc"] = grpcUrl,
            ["Webhooks:AllowedNetworks"] = "127.0.0.1/32",
            ["Issuers:AllowedNetworks"] = "127.0.0.1/32",
            ["Deployment:InstalledEngines"] = Engines.Folder,
        };
        var inside = await TestGarden.StartAsync(
            database, null, settings, IdentityModule.Definition, EntitlementModule.Definition, ArtifactsModule.Definition, CatalogModule.Definition, SearchModule.Definition, DeploymentModule.Definition,
            ServingModule.Definition, HubModule.Definition, GatewayModule.Definition);
        foreach (var service in ServiceNames.All)
        {
            await inside.PartsOf(service).GetRequiredService<Readiness>().WhenReadyAsync(Cancel).InTimeAsync(service);
        }

        return new(inside, database, url, grpcUrl);
    }

    /// <summary>Calls through the Gateway.</summary>
    /// <param name="token">Empty: without one.</param>
    public CallInvoker Front(string token) => token.Length is 0 ? _front.CreateCallInvoker() : _front.Intercept(metadata =>
    {
        metadata.Add("authorization", $"Bearer {token}");
        return metadata;
    });

    /// <summary>One request through the Gateway, its target as it is written here.</summary>
    public async Task<HttpResponseMessage> SendAsync(string token, string verb, string target, HttpContent? content = null, params IEnumerable<(string Name, string Value)> headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(verb), new Uri(Url + target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true })) { Content = content };
        request.Headers.Authorization = token.Length is 0 ? null : new AuthenticationHeaderValue("Bearer", token);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await Http.SendAsync(request, Cancel);
    }

    /// <summary>Makes an account with these roles and a token for it.</summary>
    public async Task<string> PersonAsync(string name, string tenant, params string[] roles)
    {
        await As(People.Operator).CreateAccountAsync(new() { Name = name, Tenant = tenant, DisplayName = $"{name} of {tenant}", Email = $"{name}@{tenant}.example", Roles = { roles } }, cancellationToken: Cancel);
        return (await As(People.Person(name, tenant, roles)).CreateTokenAsync(new() { DisplayName = $"laptop of {name}" }, cancellationToken: Cancel)).Secret;
    }

    public async Task TenantAsync(string name, string title) =>
        await new Contracts.V1.Entitlement.EntitlementClient(Inside.As(People.Operator, ServiceNames.Entitlement)).CreateTenantAsync(new() { Name = name, DisplayName = title }, cancellationToken: Cancel);

    /// <summary>A token that one of this garden's services would take, had Identity signed it.</summary>
    public static string Forged(Principal principal)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return InternalToken.Sign(principal, "test", key, DateTimeOffset.UtcNow);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        _front.Dispose();
        await Inside.DisposeAsync();
        if (Database is not null)
        {
            await Database.DisposeAsync();
        }
    }

    /// <summary>Identity, called past the Gateway.</summary>
    public Contracts.V1.Identity.IdentityClient As(Principal principal) => new(Inside.As(principal, ServiceNames.Identity));
}
