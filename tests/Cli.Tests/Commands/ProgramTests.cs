using ModelGarden.Cli.Tests.Doubles;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Tests.Commands;

/// <summary>Programs that act for people, what people let them do, and jobs of a CI.</summary>
public sealed class ProgramTests : IAsyncLifetime
{
    private GardenDouble _garden = null!;
    private Machine _machine = null!;

    public async ValueTask InitializeAsync()
    {
        _garden = await GardenDouble.StartAsync();
        _machine = new(_garden);
    }

    public async ValueTask DisposeAsync()
    {
        _machine.Dispose();
        await _garden.DisposeAsync();
    }

    [Fact]
    public async Task Clients_Create_SendsWhatWasSaidAndWritesTheSecretAlone()
    {
        CreateClientRequest? sent = null;
        _garden.On<CreateClientRequest>("CreateClient", request =>
        {
            sent = request;
            return new CreateClientResponse { Client = new() { Id = "c1", Tenant = "acme", Name = request.Name }, Secret = request.IsConfidential ? "s3cret" : "" };
        });

        var ran = (await _machine.RunAsync(
            "clients", "create", "Note book", "--confidential", "--redirect-uri", "https://app.example/done", "--grant", "device_code", "--grant", "refresh_token", "--scope", "read", "--tenant", "acme", "--account", "robot")).Ok();

        Assert.Equal(
            new CreateClientRequest
            {
                Name = "Note book",
                IsConfidential = true,
                RedirectUris = { "https://app.example/done" },
                Grants = { "urn:ietf:params:oauth:grant-type:device_code", "refresh_token" },
                Scopes = { "read" },
                Tenant = "acme",
                Account = "robot",
            },
            sent);
        Assert.Equal("s3cret\n", ran.Out);
        Assert.Contains("client c1 of acme", ran.Err, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", ran.Err, StringComparison.Ordinal);
        Assert.Matches(@"id +c1\n", (await _machine.RunAsync("clients", "create", "Open")).Ok().Out);
        Assert.Equal(ExitCodes.Usage, (await _machine.RunAsync("clients", "create", " ")).Code);
    }

    [Fact]
    public async Task Clients_ListShowRotateAndDelete()
    {
        var client = new OAuthClient { Id = "c1", Name = "Notebook", Tenant = "acme", IsConfidential = true, RedirectUris = { "https://app.example/done" }, Grants = { "urn:ietf:params:oauth:grant-type:device_code" } };
        _garden.On<ListClientsRequest>("ListClients", _ => new ListClientsResponse { Clients = { client } });
        _garden.On<RotateClientSecretRequest>("RotateClientSecret", request => new CreateClientResponse { Client = new() { Id = request.Id, Tenant = "acme" }, Secret = "n3w" });
        _garden.On<DeleteClientRequest>("DeleteClient", _ => new DeleteClientResponse());

        Assert.Matches("c1 +Notebook +confidential +device_code", (await _machine.RunAsync("clients", "list")).Ok().Out);
        Assert.Contains("https://app.example/done", (await _machine.RunAsync("clients", "show", "c1")).Ok().Out, StringComparison.Ordinal);
        Assert.Contains("CLIENT_NOT_FOUND", (await _machine.RunAsync("clients", "show", "c2")).Err, StringComparison.Ordinal);
        Assert.Equal("n3w\n", (await _machine.RunAsync("clients", "rotate-secret", "c1")).Ok().Out);
        Assert.Equal(ExitCodes.Usage, (await _machine.RunAsync("clients", "delete", "c1")).Code);
        Assert.Contains("client c1 is deleted", (await _machine.RunAsync("clients", "delete", "c1", "--yes")).Ok().Err, StringComparison.Ordinal);
        Assert.Single(_garden.Requests, request => request.Verb is "DELETE");
    }

    [Fact]
    public async Task Trust_CreateListAndDelete()
    {
        CreateTrustedIssuerRequest? sent = null;
        _garden.On<CreateTrustedIssuerRequest>("CreateTrustedIssuer", request =>
        {
            sent = request;
            return new TrustedIssuer { Id = "t1", Repository = request.Repository, Claims = { request.Claims } };
        });
        _garden.On<ListTrustedIssuersRequest>("ListTrustedIssuers", _ => new ListTrustedIssuersResponse { Issuers = { new TrustedIssuer { Id = "t1", Repository = "acme/llama", Claims = { ["sub"] = "repo:acme/app:*" } } } });
        _garden.On<DeleteTrustedIssuerRequest>("DeleteTrustedIssuer", _ => new DeleteTrustedIssuerResponse());

        var ran = (await _machine.RunAsync(
            "trust", "create", "acme/llama", "--issuer", "https://ci.example", "--account", "robot", "--claim", "sub=repo:acme/app:ref=*", "--claim", "repository=acme/app", "--minutes", "10", "--scope", "write")).Ok();

        Assert.Equal(
            new CreateTrustedIssuerRequest
            {
                Repository = "acme/llama",
                Issuer = "https://ci.example",
                Account = "robot",
                Claims = { ["sub"] = "repo:acme/app:ref=*", ["repository"] = "acme/app" },
                LifetimeMinutes = 10,
                Scopes = { "write" },
            },
            sent);
        Assert.Matches(@"id +t1\n", ran.Out);
        Assert.Contains("sub=repo:acme/app:*", (await _machine.RunAsync("trust", "list")).Ok().Out, StringComparison.Ordinal);
        Assert.Contains("trust t1 is deleted", (await _machine.RunAsync("trust", "delete", "t1", "-y")).Ok().Err, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Usage, (await _machine.RunAsync("trust", "create", "acme/llama", "--issuer", "https://ci.example", "--account", "robot", "--claim", "sub")).Code);
        Assert.Equal(ExitCodes.Usage, (await _machine.RunAsync("trust", "create", "llama", "--issuer", "https://ci.example", "--account", "robot")).Code);
    }

    [Fact]
    public async Task Grants_ListAndRevoke()
    {
        _garden.On<ListGrantsRequest>("ListGrants", request => new ListGrantsResponse { Grants = { new ProgramGrant { Id = "g1", Account = request.Account, ClientName = "Notebook", ClientTenant = "acme", Scopes = { "read", "write" } } } });
        _garden.On<EndGrantRequest>("EndGrant", _ => new EndGrantResponse());

        Assert.Matches("g1 +ann +Notebook +acme +read, write", (await _machine.RunAsync("grants", "list", "--account", "ann")).Ok().Out);
        Assert.Equal("g1", (string?)(await _machine.RunAsync("grants", "list", "--json")).Ok().Json["grants"]![0]!["id"]);
        Assert.Contains("grant g1 has ended", (await _machine.RunAsync("grants", "revoke", "g1")).Ok().Err, StringComparison.Ordinal);
    }
}
