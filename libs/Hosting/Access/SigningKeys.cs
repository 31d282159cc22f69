using System.Security.Cryptography;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Calls;

namespace ModelGarden.Hosting.Access;

/// <summary>The public keys that internal tokens are verified with.</summary>
public interface ISigningKeys
{
    /// <summary>The key of this id, or null if Identity has none such.</summary>
    ValueTask<ECDsa?> FindAsync(string keyId, CancellationToken cancellationToken);
}

/// <summary>Identity's keys, asked for when an unknown id turns up, at most once a second.</summary>
internal sealed class RemoteSigningKeys(Peers peers, TimeProvider clock) : ISigningKeys, IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim _gate = new(1, 1);
    private volatile IReadOnlyDictionary<string, ECDsa> _keys = new Dictionary<string, ECDsa>();
    private DateTimeOffset _askedAt = DateTimeOffset.MinValue;

    public async ValueTask<ECDsa?> FindAsync(string keyId, CancellationToken cancellationToken)
    {
        if (_keys.TryGetValue(keyId, out var known))
        {
            return known;
        }

        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (!_keys.ContainsKey(keyId) && clock.GetUtcNow() - _askedAt > Pause)
            {
                _keys = await FetchAsync(cancellationToken);
                _askedAt = clock.GetUtcNow();
            }
        }
        finally
        {
            _gate.Release();
        }

        return _keys.GetValueOrDefault(keyId);
    }

    public void Dispose() => _gate.Dispose();

    private async Task<IReadOnlyDictionary<string, ECDsa>> FetchAsync(CancellationToken cancellationToken)
    {
        var client = new Identity.IdentityClient(peers.AsNobody(ServiceNames.Identity));
        var answer = await client.ListSigningKeysAsync(new(), cancellationToken: cancellationToken);
        return answer.Keys.ToDictionary(key => key.Id, key => Import(key.PublicKey.Span));
    }

    private static ECDsa Import(ReadOnlySpan<byte> publicKey)
    {
        var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(publicKey, out _);
        return key;
    }
}
