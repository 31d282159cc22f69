using System.Net;
using System.Net.Sockets;
using ModelGarden.Kernel;

namespace ModelGarden.Identity.SignIn;

/// <summary>
/// Bounds the wrong tries from one network address, whatever they try: 50 at once, then 10 a minute. Kept by each replica for itself. An IPv6 address counts as its network of 64 bits, which is
/// what a subscriber is given.
/// </summary>
internal sealed class AddressGate(TimeProvider clock)
{
    public const int Burst = 50;
    private const int Limit = 50_000;
    private const int NetworkBytes = 8;
    private static readonly TimeSpan ForEach = TimeSpan.FromSeconds(6);

    private readonly Lock _gate = new();

    // How far each has used up what it may, as a time: the generic cell rate algorithm.
    private readonly Dictionary<string, DateTimeOffset> _used = new(StringComparer.Ordinal);

    /// <summary>Takes one try; the refusal if there is none left.</summary>
    public Error? Take(string address)
    {
        var (key, now) = (NetworkOf(address), clock.GetUtcNow());
        lock (_gate)
        {
            MakeRoom(now);
            var used = _used.GetValueOrDefault(key) is var before && before > now ? before : now;
            if (used + ForEach > now + (Burst * ForEach))
            {
                return Error.Exhausted("TOO_MANY_TRIES", "too many wrong tries from your network: wait a minute, then try again");
            }

            _used[key] = used + ForEach;
            return null;
        }
    }

    /// <summary>The try was right: it does not count.</summary>
    public void GiveBack(string address)
    {
        var key = NetworkOf(address);
        lock (_gate)
        {
            if (_used.TryGetValue(key, out var used))
            {
                _used[key] = used - ForEach;
            }
        }
    }

    private static string NetworkOf(string address) => IPAddress.TryParse(address, out var ip) && ip is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false }
        ? Convert.ToHexStringLower(ip.GetAddressBytes().AsSpan(0, NetworkBytes))
        : address;

    private void MakeRoom(DateTimeOffset now)
    {
        if (_used.Count < Limit)
        {
            return;
        }

        foreach (var idle in _used.Where(one => one.Value <= now).Select(one => one.Key).ToList())
        {
            _used.Remove(idle);
        }

        // More networks than that at once are an attack that no count of addresses stops.
        if (_used.Count >= Limit)
        {
            _used.Clear();
        }
    }
}
