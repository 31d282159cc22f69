using System.Text.RegularExpressions;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Testing;

namespace ModelGarden.Clients;

/// <summary>npm's <c>openid-client</c>, certified by the OpenID Foundation, against a garden: signing in, devices, a program's own token, a CI's, and the end of all of them.</summary>
public abstract partial class OpenIdClientContract(ClientGarden garden)
{
    private const string Password = "plum harbour lantern";

    private static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public async Task OpenId_FromDiscoveryToRevocation_IsAsTheStandardsSay()
    {
        var (operating, admin) = (garden.IdentityAs(People.Operator), garden.IdentityAs(People.Admin()));
        var name = $"olga-{Guid.NewGuid():n}";
        await operating.CreateAccountAsync(new() { Name = name, Tenant = "acme", Roles = { Roles.Engineer } }, cancellationToken: Cancel);
        await operating.CreateAccountAsync(new() { Name = $"{name}-robot", Tenant = "acme", Kind = PrincipalKind.ServiceAccount }, cancellationToken: Cancel);
        await SetPasswordAsync((await operating.CreatePasswordResetAsync(new() { Account = name }, cancellationToken: Cancel)).Path);
        var client = await admin.CreateClientAsync(new() { Name = "Notebook", IsConfidential = true, RedirectUris = { "https://app.example/callback" } }, cancellationToken: Cancel);
        var program = await admin.CreateClientAsync(
            new() { Name = "Nightly", IsConfidential = true, Account = $"{name}-robot", Grants = { "client_credentials" }, Scopes = { Scopes.Read } }, cancellationToken: Cancel);

        var (issuer, repository) = ($"http://127.0.0.1:{ClientGarden.FreePort()}", $"acme/of-{name}");
        await admin.CreateTrustedIssuerAsync(
            new() { Issuer = issuer, Audience = garden.Address, Claims = { ["sub"] = "repo:acme/app:*" }, Account = $"{name}-robot", Repository = repository, LifetimeMinutes = 5 }, cancellationToken: Cancel);

        var result = await garden.RunAsync(
            "openid", "", ("GARDEN_URL", garden.Address), ("PERSON", name), ("PASSWORD", Password), ("CLIENT_ID", client.Client.Id), ("CLIENT_SECRET", client.Secret),
            ("PROGRAM_ID", program.Client.Id), ("PROGRAM_SECRET", program.Secret), ("ISSUER", issuer), ("REPOSITORY", repository));

        Assert.True((bool)result["ok"]!, result.ToJsonString());
        Assert.Equal((name, name, name, 401), ((string?)result["code"]!["sub"], (string?)result["code"]!["name"], (string?)result["code"]!["account"], (int)result["code"]!["ended"]!));
        Assert.Equal("""["read"]""", result["code"]!["scopes"]!.ToJsonString());
        Assert.Equal(("hf_garden_", name), ((string?)result["device"]!["token"], (string?)result["device"]!["hub"]));
        Assert.Equal($"{name}-robot", (string?)result["program"]);
        Assert.Equal(($"{name}-robot", repository), ((string?)result["exchange"]!["name"], (string?)result["exchange"]!["repository"]));
    }

    private async Task SetPasswordAsync(string path)
    {
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(garden.Address) };
        var form = FormToken.Match(await browser.GetStringAsync(new Uri(path, UriKind.Relative), Cancel)).Groups[1].Value;
        using var request = new HttpRequestMessage(HttpMethod.Post, "/account/reset")
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["form"] = form, ["link"] = path.Split('=')[1], ["password"] = Password }),
            Headers = { { "Origin", garden.Address } },
        };
        using var response = await browser.SendAsync(request, Cancel);
        Assert.Equal(System.Net.HttpStatusCode.SeeOther, response.StatusCode);
    }

    [GeneratedRegex("name=\"form\" value=\"([^\"]+)\"")]
    private static partial Regex FormToken { get; }
}

[Collection(typeof(SqliteGarden))]
public sealed class SqliteOpenIdClientTests(SqliteGarden garden) : OpenIdClientContract(garden);

[Collection(typeof(PostgresGarden))]
public sealed class PostgresOpenIdClientTests(PostgresGarden garden) : OpenIdClientContract(garden);
