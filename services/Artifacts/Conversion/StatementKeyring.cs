using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Artifacts.Files;

namespace ModelGarden.Artifacts.Conversion;

/// <summary>Loads the key of statements before the first one is signed, and makes it at the very first start.</summary>
internal sealed class StatementKeyring(IDbContextFactory<ArtifactsDbContext> contexts, TimeProvider clock) : IHostedService
{
    private byte[]? _key;
    private byte[] _publicKey = [];

    /// <summary>As SubjectPublicKeyInfo.</summary>
    public byte[] PublicKey => _key is null ? throw new InvalidOperationException("the service has not started") : _publicKey;

    /// <summary>Its SHA-256: how envelopes name it.</summary>
    public string KeyId => Convert.ToHexStringLower(SHA256.HashData(PublicKey));

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (key, now) = (made.ExportPkcs8PrivateKey(), clock.GetUtcNow().ToUnixTimeMilliseconds());
        await context.Database.ExecuteSqlAsync($"INSERT INTO statement_keys (id, private_key, created_at) VALUES (1, {key}, {now}) ON CONFLICT (id) DO NOTHING", cancellationToken);
        _key = (await context.StatementKeys.SingleAsync(row => row.Id == 1, cancellationToken)).PrivateKey;
        using var kept = Open();
        _publicKey = kept.ExportSubjectPublicKeyInfo();
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The signature of these bytes: ECDSA with SHA-256 in DER, as other tools verify it.</summary>
    public byte[] Sign(byte[] bytes)
    {
        using var key = Open();
        return key.SignData(bytes, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
    }

    private ECDsa Open()
    {
        var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(_key ?? throw new InvalidOperationException("the service has not started"), out _);
        return key;
    }
}
