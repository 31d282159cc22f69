using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;

namespace ModelGarden.Identity.Keys;

/// <summary>The keys that id tokens are signed with, for strangers to verify. None of them is one for internal tokens.</summary>
internal sealed class OutsideKeyStore(IDbContextFactory<IdentityDbContext> contexts, TimeProvider clock, IdentityMetrics metrics, ILogger<OutsideKeyStore> logger)
    : KeyStore(contexts, clock, metrics, logger)
{
    protected override string Purpose => "outside";

    protected override int Turn => 2;
}

/// <summary>Signs JWTs (RFC 7519) with ES256 for strangers, and shows the public keys by which they verify them (RFC 7517).</summary>
internal sealed class OutsideKeys(OutsideKeyStore store)
{
    private volatile SigningKeyRow? _newest;

    /// <summary>Sees to their rotation, and takes the newest into use.</summary>
    public async Task KeepAsync(CancellationToken cancellationToken) => _newest = (await store.KeepAsync(cancellationToken))[0];

    public string Sign(JsonObject claims)
    {
        var row = _newest ?? throw new InvalidOperationException("the signing keys are not loaded yet");
        using var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(row.PrivateKey, out _);
        var signed = $"{Part(new() { ["alg"] = "ES256", ["typ"] = "JWT", ["kid"] = row.Id })}.{Part(claims)}";
        return $"{signed}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation))}";
    }

    /// <summary>Out of the store: what another replica signed with a key that is seconds old is verified too.</summary>
    public async Task<JsonObject> PublicAsync(CancellationToken cancellationToken) => new() { ["keys"] = new JsonArray([.. (await store.ListAsync(cancellationToken)).Select(ToJwk)]) };

    private static JsonObject ToJwk(SigningKeyRow row)
    {
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(row.PublicKey, out _);
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        return new()
        {
            ["kty"] = "EC",
            ["crv"] = "P-256",
            ["use"] = "sig",
            ["alg"] = "ES256",
            ["kid"] = row.Id,
            ["x"] = Base64Url.EncodeToString(point.X),
            ["y"] = Base64Url.EncodeToString(point.Y),
        };
    }

    private static string Part(JsonObject json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString()));
}
