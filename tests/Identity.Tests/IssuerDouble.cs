using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ModelGarden.Identity.Tests;

/// <summary>The OIDC issuer of somebody's CI, on a real port: its keys, and tokens that it or an attacker signs.</summary>
internal sealed class IssuerDouble : IAsyncDisposable
{
    private readonly WebApplication _app;

    private IssuerDouble(WebApplication app) => _app = app;

    public ECDsa Key { get; set; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public RSA Rsa { get; } = RSA.Create(2048);

    /// <summary>Of <see cref="Key"/>.</summary>
    public string KeyId { get; set; } = "k1";

    /// <summary>What its configuration says; null: itself.</summary>
    public string? Claimed { get; set; }

    /// <summary>What it answers when it is asked for its keys; null: them.</summary>
    public string? Answer { get; set; }

    public int Asked { get; private set; }

    public string Address => _app.Urls.Single();

    public static async Task<IssuerDouble> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0));
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var issuer = new IssuerDouble(app);
        app.Run(issuer.AnswerAsync);
        await app.StartAsync();
        return issuer;
    }

    /// <summary>The claims of one of its jobs.</summary>
    public JsonObject Claims(DateTimeOffset now, string audience) => new()
    {
        ["iss"] = Address,
        ["aud"] = audience,
        ["sub"] = "repo:acme/app:ref:refs/heads/main",
        ["repository"] = "acme/app",
        ["iat"] = now.ToUnixTimeSeconds(),
        ["exp"] = now.AddMinutes(5).ToUnixTimeSeconds(),
    };

    public JsonObject Header(string algorithm = "ES256") => new() { ["alg"] = algorithm, ["typ"] = "JWT", ["kid"] = algorithm is "ES256" ? KeyId : "rsa" };

    /// <summary>Signed with the issuer's key, as the header says.</summary>
    public string Sign(JsonObject claims, JsonObject? header = null) => Sign(claims.ToJsonString(), (header ?? Header()).ToJsonString());

    /// <summary>The same of any text.</summary>
    public string Sign(string claims, string header)
    {
        var signed = $"{Part(header)}.{Part(claims)}";
        var bytes = Encoding.ASCII.GetBytes(signed);
        var signature = header.Contains("\"RS256\"", StringComparison.Ordinal) ? Rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : header.Contains("\"PS256\"", StringComparison.Ordinal) ? Rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pss)
            : Key.SignData(bytes, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    public static string Part(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Key.Dispose();
        Rsa.Dispose();
    }

    private Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Path == "/.well-known/openid-configuration")
        {
            return context.Response.WriteAsync(new JsonObject { ["issuer"] = Claimed ?? Address, ["jwks_uri"] = $"{Address}/keys" }.ToJsonString());
        }

        Asked++;
        return context.Response.WriteAsync(Answer ?? new JsonObject { ["keys"] = new JsonArray(EcKey(), RsaKey(), new JsonObject { ["kty"] = "oct", ["kid"] = "secret", ["k"] = "c2VjcmV0" }) }.ToJsonString());
    }

    private JsonObject EcKey()
    {
        var point = Key.ExportParameters(false).Q;
        return new() { ["kty"] = "EC", ["crv"] = "P-256", ["kid"] = KeyId, ["use"] = "sig", ["x"] = Base64Url.EncodeToString(point.X), ["y"] = Base64Url.EncodeToString(point.Y) };
    }

    private JsonObject RsaKey()
    {
        var key = Rsa.ExportParameters(false);
        return new() { ["kty"] = "RSA", ["kid"] = "rsa", ["alg"] = "RS256", ["n"] = Base64Url.EncodeToString(key.Modulus), ["e"] = Base64Url.EncodeToString(key.Exponent) };
    }
}
