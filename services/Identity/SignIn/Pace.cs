namespace ModelGarden.Identity.SignIn;

/// <summary>So many at once, then one for each span, of everybody apart: the generic cell rate algorithm. Kept by each replica for itself, in bounded memory.</summary>
/// <param name="clock">What goes by.</param>
/// <param name="burst">How many at once.</param>
/// <param name="forEach">How long until there is one more.</param>
internal sealed class Pace(TimeProvider clock, int burst, TimeSpan forEach)
{
    private const int Limit = 50_000;

    private readonly Lock _gate = new();

    // How far each has used up what it may, as a time.
    private readonly Dictionary<string, DateTimeOffset> _used = new(StringComparer.Ordinal);

    /// <summary>Takes one; false: there is none left.</summary>
    public bool Take(string key)
    {
        var now = clock.GetUtcNow();
        lock (_gate)
        {
            MakeRoom(now);
            var used = _used.GetValueOrDefault(key) is var before && before > now ? before : now;
            if (used + forEach > now + (burst * forEach))
            {
                return false;
            }

            _used[key] = used + forEach;
            return true;
        }
    }

    /// <summary>As if one had not been taken.</summary>
    public void GiveBack(string key)
    {
        lock (_gate)
        {
            if (_used.TryGetValue(key, out var used))
            {
                _used[key] = used - forEach;
            }
        }
    }

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

        // More of them than that at once are an attack that no count stops.
        if (_used.Count >= Limit)
        {
            _used.Clear();
        }
    }
}
