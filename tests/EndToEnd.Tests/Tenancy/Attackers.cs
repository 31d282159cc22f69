using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Access;
using ModelGarden.Identity.Tests;
using ModelGarden.Testing;

namespace ModelGarden.EndToEnd.Tests.Tenancy;

/// <summary>Somebody who has no business with what is alpha's.</summary>
/// <param name="Name">For people.</param>
/// <param name="Token">That he shows; empty: none.</param>
/// <param name="Principal">Who he is to services that are called past the Gateway.</param>
internal sealed record Attacker(string Name, string Token, Principal Principal);

/// <summary>The tenant that attacks, and one token of alpha's own that is for another repository.</summary>
internal sealed class Beta(TenancyGarden garden, Alpha alpha, IssuerDouble issuer)
{
    public const string Tenant = "beta";
    private const string Own = Tenant + "/own";
    private const string Robot = "bot";
    private static readonly byte[] Content = Encoding.UTF8.GetBytes("what beta has of its own, and sent itself");
    private static readonly Principal AdminPrincipal = People.Person("bea", Tenant, Roles.Admin, Roles.Legal);

    /// <summary>The first of them is who the tables' expectations are about.</summary>
    public IReadOnlyList<Attacker> All { get; private set; } = [];

    public Attacker Admin => All[0];

    /// <summary>Where the admin is signed in.</summary>
    public Browsing Browser { get; } = new(garden);

    /// <summary>For the Xet protocol, which has tokens of its own: reads and writes in a repository of beta's.</summary>
    public string XetToken { get; private set; } = "";

    private static CancellationToken Cancel => Patience.Cancel;

    public async Task SettleAsync()
    {
        await garden.TenantAsync(Tenant, "Beta");
        var admin = await garden.PersonAsync("bea", Tenant, Roles.Admin, Roles.Legal);
        var engineer = await garden.PersonAsync("ben", Tenant, Roles.Engineer);
        var member = await garden.PersonAsync("bob", Tenant, Roles.Legal);
        await garden.As(AdminPrincipal).CreateAccountAsync(new() { Name = Robot, Kind = PrincipalKind.ServiceAccount, Roles = { Roles.Engineer } }, cancellationToken: Cancel);
        await new Contracts.V1.Catalog.CatalogClient(garden.Inside.As(AdminPrincipal, ServiceNames.Catalog)).CreateRepositoryAsync(new() { Name = Own }, cancellationToken: Cancel);
        await garden.As(AdminPrincipal).CreateTrustedIssuerAsync(alpha.Trust(Robot, Own, "repo:beta/works"), cancellationToken: Cancel);
        await CredentialsAsync();
        All =
        [
            new("admin of another tenant", admin, AdminPrincipal),
            new("engineer of another tenant", engineer, People.Person("ben", Tenant, Roles.Engineer)),
            new("member of another tenant", member, People.Person("bob", Tenant, Roles.Legal)),
            new("nobody", "", People.Anonymous),
            new("token of another tenant's repository", await ExchangeAsync(Own, "repo:beta/works"), Bound(Robot, Tenant, Own)),
            new("token of another repository of its own", await ExchangeAsync($"{Alpha.Tenant}/ci", "repo:magpie/works"), Bound(Alpha.JobAccount, Alpha.Tenant, $"{Alpha.Tenant}/ci")),
        ];
    }

    private async Task CredentialsAsync()
    {
        var client = await garden.As(AdminPrincipal).CreateClientAsync(new() { Name = "Beta's notebook", IsConfidential = true, RedirectUris = { "https://beta.example/callback" } }, cancellationToken: Cancel);
        alpha.Names.AddKnown("ownClient", $"client_id={client.Client.Id}&client_secret={client.Secret}");
        await Browser.SetPasswordAsync((await garden.As(AdminPrincipal).CreatePasswordResetAsync(new() { Account = "bob" }, cancellationToken: Cancel)).Path, "bob");
        alpha.Names.AddKnown("form", Browser.FormToken);
        alpha.Names.AddKnown("job", Sign("repo:beta/works"));
        await SendOwnAsync();
    }

    /// <summary>Has a file, whose signed address an attacker may change.</summary>
    private async Task SendOwnAsync()
    {
        var (artifacts, services) = (new Contracts.V1.Artifacts.ArtifactsClient(garden.Inside.As(AdminPrincipal, ServiceNames.Artifacts)), new Contracts.V1.Artifacts.ArtifactsClient(garden.Inside.As(People.Service(ServiceNames.Hub), ServiceNames.Artifacts)));
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(Content));
        var prepared = await artifacts.PrepareUploadAsync(new() { Sha256 = sha256, Size = Content.Length }, cancellationToken: Cancel);
        using var sent = await garden.SendAsync("", "PUT", prepared.Url, new ByteArrayContent(Content));
        Assert.True(sent.IsSuccessStatusCode);
        var signed = await services.SignDownloadAsync(new() { Sha256 = sha256, Tenant = Tenant, AllowUnclean = true }, cancellationToken: Cancel);
        alpha.Names.AddKnown("signature", signed.Url[signed.Url.IndexOf('?', StringComparison.Ordinal)..]);
        XetToken = (await services.SignXetAccessAsync(new() { Tenant = Tenant, Repository = Own, Write = true, AllowUnclean = true }, cancellationToken: Cancel)).Token;
    }

    /// <summary>A job's token for one repository.</summary>
    private async Task<string> ExchangeAsync(string repository, string subject)
    {
        using var form = new FormUrlEncodedContent(
        [
            new("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"), new("subject_token_type", "urn:ietf:params:oauth:token-type:id_token"), new("subject_token", Sign(subject)), new("resource", repository),
        ]);
        using var answer = await garden.SendAsync("", "POST", "/oauth/token", form);
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.True(answer.IsSuccessStatusCode, text);
        return (string)JsonNode.Parse(text)!["access_token"]!;
    }

    private string Sign(string subject)
    {
        var claims = issuer.Claims(DateTimeOffset.UtcNow, garden.Url);
        claims["sub"] = subject;
        return issuer.Sign(claims);
    }

    private static Principal Bound(string name, string tenant, string repository) => new(People.Person(name, tenant, Roles.Engineer)) { Kind = PrincipalKind.ServiceAccount, Repository = repository };
}
