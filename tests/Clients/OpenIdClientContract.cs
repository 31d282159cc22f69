using System.Text.RegularExpressions;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Testing;

namespace ModelGarden.Clients;

/// <summary>npm's <c>openid-client</c>, certified by the OpenID Foundation, against a garden: signing in, devices, a program's own token, and the end of all of them; and a CI's job, which works with the hub's client.</summary>
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

        var result = await garden.RunAsync(
            "openid", "", ("GARDEN_URL", garden.Address), ("PERSON", name), ("PASSWORD", Password), ("CLIENT_ID", client.Client.Id), ("CLIENT_SECRET", client.Secret),
            ("PROGRAM_ID", program.Client.Id), ("PROGRAM_SECRET", program.Secret));

        Assert.True((bool)result["ok"]!, result.ToJsonString());
        Assert.Equal((name, name, name, 401), ((string?)result["code"]!["sub"], (string?)result["code"]!["name"], (string?)result["code"]!["account"], (int)result["code"]!["ended"]!));
        Assert.Equal("""["read"]""", result["code"]!["scopes"]!.ToJsonString());
        Assert.Equal(("hf_garden_", name), ((string?)result["device"]!["token"], (string?)result["device"]!["hub"]));
        Assert.Equal($"{name}-robot", (string?)result["program"]);
    }

    [Fact]
    public async Task Job_OfATrustedCi_WorksOnItsRepositoryAndNoOther()
    {
        var (id, port, admin) = ($"{Guid.NewGuid():n}", ClientGarden.FreePort(), garden.IdentityAs(People.Admin()));
        var (name, repository) = ($"robot-{id}", $"acme/built-{id}");
        await garden.IdentityAs(People.Operator).CreateAccountAsync(new() { Name = name, Tenant = "acme", Kind = PrincipalKind.ServiceAccount, Roles = { Roles.Engineer } }, cancellationToken: Cancel);
        await admin.CreateTrustedIssuerAsync(
            new() { Issuer = $"http://127.0.0.1:{port}", Audience = garden.Address, Claims = { ["sub"] = "repo:acme/app:ref:refs/heads/main" }, Account = name, Repository = repository, LifetimeMinutes = 10 },
            cancellationToken: Cancel);

        var told = await garden.RunAsync(
            "ci-job", garden.Engineer, ("PORT", $"{port}"), ("SUBJECT", "repo:acme/app:ref:refs/heads/main"), ("REPO", repository), ("OTHER_REPO", $"acme/other-{id}"));

        Assert.True((bool)told["ok"]!, told.ToJsonString());
        Assert.Equal($"{name} [true,true,true]", $"{told["name"]} {told["uploaded"]!.ToJsonString()}");
        Assert.All(["elsewhere", "made", "read"], call => Assert.StartsWith($"403 this token is for {repository} alone", (string?)told[call], StringComparison.Ordinal));
        Assert.Equal("""{"token":"hf_garden_","type":"bearer","seconds":600,"scope":"read write"}""", told["openId"]!.ToJsonString());
        AssertRefused(told["refused"]!.AsObject().ToDictionary(one => one.Key, one => (string?)one.Value));
    }

    private static void AssertRefused(Dictionary<string, string?> refused)
    {
        Assert.All(["branch", "forged", "resource", "audience"], fault => Assert.StartsWith("400 invalid_request the subject_token is not taken for this resource: ", refused[fault], StringComparison.Ordinal));
        Assert.StartsWith("400 invalid_request", refused["expired"], StringComparison.Ordinal);
        Assert.StartsWith("400 invalid_target", refused["person"], StringComparison.Ordinal);
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
