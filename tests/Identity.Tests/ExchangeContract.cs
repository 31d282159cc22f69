using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Identity.OAuth;
using ModelGarden.Identity.Trust;
using ModelGarden.Kernel;
using ModelGarden.Testing;

namespace ModelGarden.Identity.Tests;

/// <summary>Tokens of a CI's jobs swapped for ones of the garden, on either engine; and everything that RFC 8725 warns of.</summary>
public abstract class ExchangeContract
{
    private const string Audience = "https://garden.example";
    private const string Repository = "acme/llama";

    private static CancellationToken Cancel => Patience.Cancel;

    public static TheoryData<string> Attacks =>
    [
        "none", "none-unsigned", "hs256-of-the-public-key", "rs256-key-as-es256", "another-alg-than-the-key's", "es512", "no-alg",
        "crit", "b64", "zip", "typ-at+jwt", "typ-internal", "no-kid", "unknown-kid", "kid-of-a-secret", "embedded-jwk", "jku",
        "another-issuer", "no-audience", "another-audience", "audience-of-objects", "no-sub", "no-exp", "no-iat", "exp-as-text", "nbf-as-text", "expired", "from-the-future", "not-yet", "for-ever",
        "claim-twice", "header-twice", "claims-changed", "signature-cut", "signature-of-another", "padding", "stray-bits", "five-parts", "two-parts", "too-long", "no-json", "array", "not-utf-8", "der-signature",
        "another-subject", "another-case", "no-claim", "claim-as-list", "empty",
    ];

    [Fact]
    public async Task Exchange_OfAJobsToken_IsTheServiceAccountForOneRepository()
    {
        await using var issuer = await IssuerDouble.StartAsync();
        await using var garden = await StartAsync();
        var trusted = await TrustAsync(garden, issuer);

        var (status, body) = await garden.PostAsync("/oauth/token", Shown(issuer.Sign(Claims(garden, issuer))));

        Assert.Equal((HttpStatusCode.OK, "read write", 600), (status, (string?)body["scope"], (int)body["expires_in"]!));
        Assert.Equal("urn:ietf:params:oauth:token-type:access_token", (string?)body["issued_token_type"]);
        var who = await garden.WhoHasAsync(body["access_token"]);
        Assert.Equal((PrincipalKind.ServiceAccount, "robot", "acme", Repository), (who.Kind, who.Name, who.Tenant, who.Repository));
        Assert.Equal([Scopes.Read, Scopes.Write], who.Scopes);

        // The bound is in the signed word that every service trusts, and this one is held to it too.
        var answer = await garden.AuthenticateAsync((string)body["access_token"]!);
        Assert.Equal(Repository, (await garden.With(answer.InternalToken).WhoAmIAsync(new(), cancellationToken: Cancel)).Repository);
        await IdentityGarden.RefusedAsync(ErrorCode.PermissionDenied, "OTHER_REPOSITORY", garden.With(answer.InternalToken).ListTokensAsync(new(), cancellationToken: Cancel));

        await garden.As(People.Admin()).DeleteTrustedIssuerAsync(new() { Id = trusted.Id }, cancellationToken: Cancel);
        await IdentityGarden.RefusedAsync(ErrorCode.Unauthenticated, "TOKEN_REVOKED", garden.AsGateway().AuthenticateAsync(new() { Credential = (string)body["access_token"]! }, cancellationToken: Cancel));
        await garden.RefusedAsync("invalid_request", "/oauth/token", Shown(issuer.Sign(Claims(garden, issuer))));
    }

    [Fact]
    public async Task Exchange_AsHuggingFacesClientSendsIt_IsJson()
    {
        await using var issuer = await IssuerDouble.StartAsync();
        await using var garden = await StartAsync();
        await TrustAsync(garden, issuer);
        var fields = new JsonObject(Shown(issuer.Sign(Claims(garden, issuer), issuer.Header("RS256"))).Select(field => KeyValuePair.Create(field.Name, (JsonNode?)field.Value)));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/oauth/token") { Content = new StringContent(fields.ToJsonString(), Encoding.UTF8, "application/json") };

        var (status, body) = await garden.SendAsync(request);

        Assert.Equal((HttpStatusCode.OK, "Bearer"), (status, (string?)body["token_type"]));
    }

    [Theory]
    [InlineData("acme/other", "invalid_request")]
    [InlineData("models/acme/llama", "")]
    [InlineData("datasets/acme/llama", "invalid_request")]
    [InlineData("ACME/Llama", "")]
    [InlineData("acme", "invalid_target")]
    [InlineData("", "invalid_target")]
    [InlineData("https://elsewhere.example/acme/llama", "invalid_target")]
    public async Task Exchange_ForAResource_IsForTheOneThatIsTrusted(string resource, string error)
    {
        await using var issuer = await IssuerDouble.StartAsync();
        await using var garden = await StartAsync();
        await TrustAsync(garden, issuer);

        var (_, body) = await garden.PostAsync("/oauth/token", Shown(issuer.Sign(Claims(garden, issuer)), resource));

        Assert.Equal(error, (string?)body["error"] ?? "");
    }

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task Exchange_OfATokenThatIsNotRight_IsRefused(string attack)
    {
        await using var issuer = await IssuerDouble.StartAsync();
        await using var stranger = await IssuerDouble.StartAsync();
        await using var garden = await StartAsync();
        await TrustAsync(garden, issuer);

        await garden.RefusedAsync("invalid_request", "/oauth/token", Shown(Forge(attack, issuer, stranger, Claims(garden, issuer), garden.Clock.GetUtcNow())));

        // The same token without the attack is taken.
        Assert.Equal(HttpStatusCode.OK, (await garden.PostAsync("/oauth/token", Shown(issuer.Sign(Claims(garden, issuer))))).Status);
    }

    /// <summary>Everybody can have a token of a host of jobs: what is wrong with it here is not for him to learn.</summary>
    [Fact]
    public async Task Exchange_WhateverDoesNotFit_IsRefusedInTheSameWords()
    {
        await using var issuer = await IssuerDouble.StartAsync();
        await using var stranger = await IssuerDouble.StartAsync();
        await using var silent = await IssuerDouble.StartAsync();
        await using var garden = await StartAsync();
        await TrustAsync(garden, issuer);
        await garden.As(People.Admin()).CreateTrustedIssuerAsync(Wish(silent.Address, ("sub", "repo:acme/app:*")), cancellationToken: Cancel);
        silent.Claimed = "https://accounts.example";
        var now = garden.Clock.GetUtcNow();
        var told = new List<string>();

        foreach (var attack in new[] { "another-issuer", "another-audience", "another-subject", "no-claim", "unknown-kid", "signature-of-another", "claims-changed" })
        {
            told.Add(await garden.RefusedAsync("invalid_request", "/oauth/token", Shown(Forge(attack, issuer, stranger, Claims(garden, issuer), now))));
        }

        told.Add(await garden.RefusedAsync("invalid_request", "/oauth/token", Shown(issuer.Sign(Claims(garden, issuer)), "acme/other")));
        told.Add(await garden.RefusedAsync("invalid_request", "/oauth/token", Shown(issuer.Sign(Claims(garden, issuer)), "nobody/other")));
        told.Add(await garden.RefusedAsync("invalid_request", "/oauth/token", Shown(silent.Sign(Claims(garden, silent)))));

        Assert.Single(told.Distinct());
    }

    [Fact]
    public async Task Exchange_IsInTheAuditTrail_WithTheJobsSubject()
    {
        await using var issuer = await IssuerDouble.StartAsync();
        await using var garden = await StartAsync();
        var trusted = await TrustAsync(garden, issuer);
        var program = await garden.As(People.Admin()).CreateClientAsync(new() { Name = "Registry", IsConfidential = true, RedirectUris = { OAuthGarden.Callback } }, cancellationToken: Cancel);

        var (_, body) = await garden.PostAsync("/oauth/token", Shown(issuer.Sign(Claims(garden, issuer))));

        var told = (await garden.AuditUntilAsync(record => record.Action is "token.exchange")).Single(record => record.Action is "token.exchange");
        Assert.Equal("robot", told.Subject);
        var detail = JsonNode.Parse(told.Detail)!;
        Assert.Equal((issuer.Address, "repo:acme/app:ref:refs/heads/main", trusted.Id, Repository), ((string?)detail["issuer"], (string?)detail["subject"], (string?)detail["client"], (string?)detail["repository"]));

        // Who takes such a token in for a service of his own learns what it is bound to.
        var (_, known) = await garden.PostAsync("/oauth/introspect", ("token", (string)body["access_token"]!), ("client_id", program.Client.Id), ("client_secret", program.Secret));
        Assert.Equal((true, Repository), ((bool)known["active"]!, (string?)known["repository"]));
    }

    [Fact]
    public async Task Keys_ThatTurn_AreFoundWithoutBeingAskedForAllTheTime()
    {
        await using var issuer = await IssuerDouble.StartAsync();
        await using var garden = await StartAsync();
        await TrustAsync(garden, issuer);
        Assert.Equal(HttpStatusCode.OK, (await garden.PostAsync("/oauth/token", Shown(issuer.Sign(Claims(garden, issuer))))).Status);
        (issuer.Key, issuer.KeyId) = (ECDsa.Create(ECCurve.NamedCurves.nistP256), "k2");

        for (var i = 0; i < 5; i++)
        {
            await garden.RefusedAsync("invalid_request", "/oauth/token", Shown(issuer.Sign(Claims(garden, issuer))));
        }

        Assert.Equal(1, issuer.Asked);
        garden.Clock.Jump(TimeSpan.FromSeconds(30));
        Assert.Equal(HttpStatusCode.OK, (await garden.PostAsync("/oauth/token", Shown(issuer.Sign(Claims(garden, issuer))))).Status);
        Assert.Equal(2, issuer.Asked);
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("{}")]
    [InlineData("""{"keys":[]}""")]
    [InlineData("""{"keys":[{"kty":"EC","crv":"P-256","kid":"k1","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","y":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}]}""")]
    public async Task Keys_ThatAreNone_LetNobodyIn(string keys)
    {
        await using var issuer = await IssuerDouble.StartAsync();
        await using var garden = await StartAsync();
        await TrustAsync(garden, issuer);
        issuer.Answer = keys;

        await garden.RefusedAsync("invalid_request", "/oauth/token", Shown(issuer.Sign(Claims(garden, issuer))));
    }

    [Fact]
    public async Task Keys_OfAnIssuerThatSaysItIsAnother_AreNotTaken()
    {
        await using var issuer = await IssuerDouble.StartAsync();
        await using var garden = await StartAsync();
        await TrustAsync(garden, issuer);
        issuer.Claimed = "https://accounts.example";

        await garden.RefusedAsync("invalid_request", "/oauth/token", Shown(issuer.Sign(Claims(garden, issuer))));
        Assert.Equal(0, issuer.Asked);
    }

    [Theory]
    [InlineData("http://127.0.0.2", "BAD_ISSUER")]
    [InlineData("http://issuer.example", "BAD_ISSUER")]
    [InlineData("https://issuer.example/?x", "BAD_ISSUER")]
    [InlineData("https://ann@issuer.example", "BAD_ISSUER")]
    [InlineData("file:///etc/passwd", "BAD_ISSUER")]
    [InlineData("", "BAD_ISSUER")]
    public async Task Trust_InAnIssuerThatIsNone_IsRefused(string issuer, string reason)
    {
        await using var garden = await StartAsync();
        await garden.As(People.Admin()).CreateAccountAsync(new() { Name = "robot", Kind = PrincipalKind.ServiceAccount }, cancellationToken: Cancel);

        await IdentityGarden.RefusedAsync(ErrorCode.InvalidArgument, reason, garden.As(People.Admin()).CreateTrustedIssuerAsync(Wish(issuer, ("sub", "repo:acme/*")), cancellationToken: Cancel));
    }

    [Fact]
    public async Task Trust_BeyondItsMaker_IsRefused()
    {
        await using var garden = await StartAsync();
        await garden.As(People.Admin()).CreateAccountAsync(new() { Name = "robot", Kind = PrincipalKind.ServiceAccount }, cancellationToken: Cancel);
        var admin = garden.As(People.Admin());
        const string issuer = "https://issuer.example";
        var other = Wish(issuer, ("sub", "repo:acme/app"));
        other.Repository = "other/llama";
        var wide = Wish(issuer, ("sub", "repo:acme/app"));
        wide.Scopes.Add(Scopes.Admin);

        await IdentityGarden.RefusedAsync(ErrorCode.InvalidArgument, "BAD_CONDITION", admin.CreateTrustedIssuerAsync(Wish(issuer), cancellationToken: Cancel));
        await IdentityGarden.RefusedAsync(ErrorCode.InvalidArgument, "BAD_CONDITION", admin.CreateTrustedIssuerAsync(Wish(issuer, ("sub", "*")), cancellationToken: Cancel));
        await IdentityGarden.RefusedAsync(ErrorCode.InvalidArgument, "BAD_CONDITION", admin.CreateTrustedIssuerAsync(Wish(issuer, ("sub", "r*:*p")), cancellationToken: Cancel));
        foreach (var (name, pattern) in new[] { ("sub", "repo:*"), ("sub", "repo:acme*"), ("repository", "*"), ("repository", "ac*"), ("ref", "refs/heads/main"), ("aud", "x"), ("iss", issuer), ("event_name", "push"), ("sub", "https://*"), ("sub", "https://ci.example/*"), ("sub", "system:serviceaccount:*"), ("sub", "repo::*"), ("run_attempt", "1"), ("project_path", "https://*"), ("repository_visibility", "public") })
        {
            await IdentityGarden.RefusedAsync(ErrorCode.InvalidArgument, "BAD_CONDITION", admin.CreateTrustedIssuerAsync(Wish(issuer, (name, pattern)), cancellationToken: Cancel));
        }

        await IdentityGarden.RefusedAsync(ErrorCode.PermissionDenied, "NOT_YOUR_NAMESPACE", admin.CreateTrustedIssuerAsync(other, cancellationToken: Cancel));
        await IdentityGarden.RefusedAsync(ErrorCode.InvalidArgument, "BAD_SCOPE", admin.CreateTrustedIssuerAsync(wide, cancellationToken: Cancel));
        await IdentityGarden.RefusedAsync(ErrorCode.PermissionDenied, "ROLE_MISSING", garden.As(People.Engineer()).CreateTrustedIssuerAsync(Wish(issuer, ("sub", "repo:acme/app")), cancellationToken: Cancel));
        var made = await admin.CreateTrustedIssuerAsync(Wish(issuer, ("sub", "repo:acme/app")), cancellationToken: Cancel);
        Assert.Equal(made, Assert.Single((await admin.ListTrustedIssuersAsync(new(), cancellationToken: Cancel)).Issuers));
        await IdentityGarden.RefusedAsync(ErrorCode.NotFound, "ISSUER_NOT_FOUND", garden.As(People.Admin("other")).DeleteTrustedIssuerAsync(new() { Id = made.Id }, cancellationToken: Cancel));
    }

    private static string Forge(string attack, IssuerDouble issuer, IssuerDouble stranger, JsonObject claims, DateTimeOffset now)
    {
        var header = issuer.Header();
        string With(string name, JsonNode? value)
        {
            claims[name] = value;
            return issuer.Sign(claims);
        }

        string Without(string name)
        {
            claims.Remove(name);
            return issuer.Sign(claims);
        }

        string Headed(string name, JsonNode? value)
        {
            header[name] = value;
            return issuer.Sign(claims, header);
        }

        var good = issuer.Sign(claims);
        var parts = good.Split('.');
        var soon = now.ToUnixTimeSeconds();
        switch (attack)
        {
            case "none-unsigned": return $"{IssuerDouble.Part("""{"alg":"none","kid":"k1"}""")}.{parts[1]}.";
            case "none": return Headed("alg", "none");
            case "hs256-of-the-public-key":
                header["alg"] = "HS256";
                var signed = $"{IssuerDouble.Part(header.ToJsonString())}.{parts[1]}";
                return $"{signed}.{System.Buffers.Text.Base64Url.EncodeToString(HMACSHA256.HashData(issuer.Key.ExportSubjectPublicKeyInfo(), Encoding.ASCII.GetBytes(signed)))}";
            case "rs256-key-as-es256": return Headed("kid", "rsa");
            case "another-alg-than-the-key's": return issuer.Sign(claims, issuer.Header("PS256"));
            case "es512": return Headed("alg", "ES512");
            case "no-alg": header.Remove("alg"); return issuer.Sign(claims, header);
            case "crit": return Headed("crit", new JsonArray("exp"));
            case "b64": return Headed("b64", false);
            case "zip": return Headed("zip", "DEF");
            case "typ-at+jwt": return Headed("typ", "at+jwt");
            case "typ-internal": return Headed("typ", "garden+jwt");
            case "no-kid": header.Remove("kid"); return issuer.Sign(claims, header);
            case "unknown-kid": return Headed("kid", "k9");
            case "kid-of-a-secret": return Headed("kid", "secret");
            case "embedded-jwk":
                var point = stranger.Key.ExportParameters(false).Q;
                header["jwk"] = new JsonObject { ["kty"] = "EC", ["crv"] = "P-256", ["x"] = System.Buffers.Text.Base64Url.EncodeToString(point.X), ["y"] = System.Buffers.Text.Base64Url.EncodeToString(point.Y) };
                return stranger.Sign(claims, header);
            case "jku": header["jku"] = $"{stranger.Address}/keys"; return stranger.Sign(claims, header);
            case "another-issuer": claims["iss"] = stranger.Address; return stranger.Sign(claims);
            case "no-audience": return Without("aud");
            case "another-audience": return With("aud", "https://other.example");
            case "audience-of-objects": return With("aud", new JsonArray(Audience, new JsonObject()));
            case "no-sub": return Without("sub");
            case "no-exp": return Without("exp");
            case "no-iat": return Without("iat");
            case "exp-as-text": return With("exp", $"{soon + 300}");
            case "nbf-as-text": return With("nbf", "now");
            case "expired": return With("exp", soon - 60);
            case "from-the-future": return With("iat", soon + 120);
            case "not-yet": return With("nbf", soon + 120);
            case "for-ever": return With("exp", soon + (366 * 86_400));
            case "claim-twice": return issuer.Sign(claims.ToJsonString().Replace("\"sub\":", "\"sub\":\"repo:evil/app\",\"sub\":", StringComparison.Ordinal), header.ToJsonString());
            case "header-twice": return issuer.Sign(claims.ToJsonString(), header.ToJsonString().Replace("\"kid\":", "\"kid\":\"k9\",\"kid\":", StringComparison.Ordinal));
            case "claims-changed": claims["repository"] = "acme/app2"; return $"{parts[0]}.{IssuerDouble.Part(claims.ToJsonString())}.{parts[2]}";
            case "signature-cut": return good[..^10];
            case "signature-of-another": return stranger.Sign(claims, header);
            case "padding": return $"{good}==";
            case "stray-bits": return good[..^1] + (char)(good[^1] + 1);
            case "five-parts": return $"{good}.{parts[1]}.{parts[2]}";
            case "two-parts": return $"{parts[0]}.{parts[1]}";
            case "too-long": return With("more", new string('x', 17 << 10));
            case "no-json": return issuer.Sign("{", header.ToJsonString());
            case "array": return issuer.Sign("[]", header.ToJsonString());
            case "not-utf-8": return $"{parts[0]}.{System.Buffers.Text.Base64Url.EncodeToString([(byte)'{', 0xC3, 0x28, (byte)'}'])}.{parts[2]}";
            case "der-signature":
                var bytes = Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}");
                return $"{parts[0]}.{parts[1]}.{System.Buffers.Text.Base64Url.EncodeToString(issuer.Key.SignData(bytes, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence))}";
            case "another-subject": return With("sub", "repo:acme/application:ref:refs/heads/main");
            case "another-case": return With("sub", "repo:ACME/app:ref:refs/heads/main");
            case "no-claim": return Without("repository");
            case "claim-as-list": return With("repository", new JsonArray("acme/app"));
            case "empty": return "";
            default: throw new ArgumentOutOfRangeException(nameof(attack), attack, null);
        }
    }

    private static JsonObject Claims(IdentityGarden garden, IssuerDouble issuer) => issuer.Claims(garden.Clock.GetUtcNow(), Audience);

    private static (string Name, string Value)[] Shown(string token, string resource = Repository) =>
    [
        ("grant_type", OAuthGrants.TokenExchange), ("subject_token_type", "urn:ietf:params:oauth:token-type:id_token"), ("subject_token", token), ("resource", resource),
    ];

    private static CreateTrustedIssuerRequest Wish(string issuer, params (string Name, string Pattern)[] claims)
    {
        var wish = new CreateTrustedIssuerRequest { Issuer = issuer, Audience = Audience, Account = "robot", Repository = Repository, LifetimeMinutes = 10 };
        foreach (var (name, pattern) in claims)
        {
            wish.Claims[name] = pattern;
        }

        return wish;
    }

    private static async Task<TrustedIssuer> TrustAsync(IdentityGarden garden, IssuerDouble issuer)
    {
        await garden.As(People.Admin()).CreateAccountAsync(new() { Name = "robot", Kind = PrincipalKind.ServiceAccount }, cancellationToken: Cancel);
        return await garden.As(People.Admin()).CreateTrustedIssuerAsync(Wish(issuer.Address, ("sub", "repo:acme/app:*"), ("repository", "acme/app")), cancellationToken: Cancel);
    }

    private protected abstract Task<IdentityGarden> StartAsync();
}

public sealed class SqliteExchangeTests : ExchangeContract
{
    private protected override Task<IdentityGarden> StartAsync() => IdentityGarden.StartAsync(null, ("Issuers:AllowedNetworks", "127.0.0.1/32"));
}

public sealed class PostgresExchangeTests : ExchangeContract
{
    private protected override async Task<IdentityGarden> StartAsync() => await IdentityGarden.StartAsync(await TestDatabase.CreateAsync(), ("Issuers:AllowedNetworks", "127.0.0.1/32"));
}

/// <summary>Patterns of claims.</summary>
public sealed class ClaimPatternTests
{
    [Theory]
    [InlineData("acme/app", "acme/app", true)]
    [InlineData("acme/app", "acme/app2", false)]
    [InlineData("acme/*", "acme/", true)]
    [InlineData("acme/*", "acme", false)]
    [InlineData("*main", "refs/heads/main", true)]
    [InlineData("a*b*c", "a-b-b-c", true)]
    [InlineData("a*b*c", "a-c-b", false)]
    [InlineData("ab*ba", "aba", false)]
    [InlineData("*aa*aa*", "aaa", false)]
    [InlineData("*aa*aa*", "aaaa", true)]
    public void Fits_OfAPattern_IsWholeAndInOrder(string pattern, string value, bool fits) => Assert.Equal(fits, ClaimPattern.Fits(pattern, value));
}
