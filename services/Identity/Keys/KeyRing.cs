using System.Security.Cryptography;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;

namespace ModelGarden.Identity.Keys;

/// <summary>The keys in use by this replica: signs with the newest, verifies with all, and looks into the store when an unknown one turns up.</summary>
internal sealed class KeyRing(KeyStore store, TimeProvider clock) : ISigningKeys, IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim _gate = new(1, 1);

    // Keys are few and live for a month: those that were replaced are left to the collector, as a request may still hold one.
    private volatile Held? _held;
    private long _lookedAt;

    /// <summary>Signs for a principal; the token and when it ends.</summary>
    public (string Token, DateTimeOffset ExpiresAt) Sign(Principal principal)
    {
        var held = _held ?? throw new InvalidOperationException("the signing keys are not loaded yet");
        var now = clock.GetUtcNow();
        return (InternalToken.Sign(principal, held.SigningId, held.Signer, now), DateTimeOffset.FromUnixTimeSeconds((now + InternalToken.Lifetime).ToUnixTimeSeconds()));
    }

    public async ValueTask<ECDsa?> FindAsync(string keyId, CancellationToken cancellationToken)
    {
        if (_held?.Keys.GetValueOrDefault(keyId) is { } known)
        {
            return known;
        }

        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_held?.Keys.ContainsKey(keyId) is not true && (_lookedAt is 0 || clock.GetElapsedTime(_lookedAt) >= Pause))
            {
                _lookedAt = clock.GetTimestamp();
                Hold(await store.ListAsync(cancellationToken));
            }
        }
        finally
        {
            _gate.Release();
        }

        return _held?.Keys.GetValueOrDefault(keyId);
    }

    /// <summary>Takes these keys into use, newest first.</summary>
    public void Hold(IReadOnlyList<SigningKeyRow> keys)
    {
        var held = _held;
        if (keys.Count > 0 && (held is null || !held.Keys.Keys.Order(StringComparer.Ordinal).SequenceEqual(keys.Select(key => key.Id).Order(StringComparer.Ordinal))))
        {
            _held = new(keys[0].Id, keys.ToDictionary(key => key.Id, Import));
        }
    }

    public void Dispose() => _gate.Dispose();

    private static ECDsa Import(SigningKeyRow row)
    {
        var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(row.PrivateKey, out _);
        return key;
    }

    private sealed record Held(string SigningId, IReadOnlyDictionary<string, ECDsa> Keys)
    {
        public ECDsa Signer { get; } = Keys[SigningId];
    }
}
