using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Access;
using ModelGarden.Hosting.Calls;

namespace ModelGarden.Gateway.Credentials;

/// <summary>
/// The callers behind the credentials of the last half minute. Identity's and Entitlement's feeds take out what has changed, so that a revoked
/// token ends at once; the half minute bounds how old an answer can be while a feed is broken.
/// </summary>
internal sealed class CredentialCache(Peers peers, TimeProvider clock)
{
    private const int Limit = 100_000;
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);
    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private long _evictions;

    /// <summary>The caller with this credential; throws Identity's refusal.</summary>
    public async ValueTask<Caller> GetAsync(Credential credential, CancellationToken cancellationToken)
    {
        // Kept by its hash: a dump of this process shows no credential for longer than its request.
        var key = $"{credential.Kind} {Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(credential.Text)))}";
        if (_entries.TryGetValue(key, out var entry) && entry.Until > clock.GetUtcNow())
        {
            return entry.Caller;
        }

        var evictions = Interlocked.Read(ref _evictions);
        var identity = new Identity.IdentityClient(peers.AsService(ServiceNames.Identity));
        var answer = await identity.AuthenticateAsync(credential.ToRequest(), cancellationToken: cancellationToken);
        var caller = new Caller(answer.Principal, answer.InternalToken);
        if (evictions == Interlocked.Read(ref _evictions))
        {
            // Otherwise the answer may be older than the change that was just told.
            Keep(key, new(caller, clock.GetUtcNow() + Lifetime));
        }

        return caller;
    }

    public void EvictToken(string id) => Evict(caller => caller.Principal.TokenId == id);

    public void EvictSession(string id) => Evict(caller => caller.Principal.SessionId == id);

    /// <summary>Whoever of a tenant is signed in by a session.</summary>
    public void EvictSessionsOf(string tenant) => Evict(caller => caller.Principal.SessionId.Length > 0 && caller.IsOf(tenant));

    public void EvictAccount(string name) => Evict(caller => string.Equals(caller.Principal.Name, name, StringComparison.OrdinalIgnoreCase));

    public void EvictAll() => Evict(_ => true);

    private void Evict(Predicate<Caller> match)
    {
        Interlocked.Increment(ref _evictions);
        foreach (var (key, entry) in _entries)
        {
            if (match(entry.Caller))
            {
                _entries.TryRemove(key, out _);
            }
        }
    }

    private void Keep(string key, Entry entry)
    {
        if (_entries.Count >= Limit)
        {
            _entries.Clear();
        }

        _entries[key] = entry;
    }

    private sealed record Entry(Caller Caller, DateTimeOffset Until);
}
