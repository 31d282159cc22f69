namespace ModelGarden.Deployment.Reconciling;

/// <summary>Who calls an endpoint, as far as sleeping and scaling go by it. Told from many threads.</summary>
internal sealed class Activity(bool awake, DateTimeOffset? lastCallAt, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private DateTimeOffset _idleSince = clock.GetUtcNow();
    private DateTimeOffset _neededAt = clock.GetUtcNow();

    public bool Awake { get; private set; } = awake;

    public DateTimeOffset? LastCallAt { get; private set; } = lastCallAt;

    public DateTimeOffset IdleSince => _idleSince;

    /// <summary>When as many replicas as there are were last needed.</summary>
    public DateTimeOffset NeededAt => _neededAt;

    /// <summary>Somebody calls, or is about to.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            if (!Awake)
            {
                (Awake, _idleSince) = (true, clock.GetUtcNow());
            }
        }
    }

    public void Sleep()
    {
        lock (_gate)
        {
            Awake = false;
        }
    }

    /// <summary>Serving's word: running calls are calls now, whatever the time that it gives.</summary>
    public void Called(int running, DateTimeOffset? at)
    {
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            DateTimeOffset? last = running > 0 || at > now ? now : at;
            _idleSince = last > _idleSince ? last.Value : _idleSince;
            LastCallAt = last > (LastCallAt ?? DateTimeOffset.MinValue) ? last : LastCallAt;
        }
    }

    /// <summary>Takes over what the replicas themselves say.</summary>
    /// <param name="readyAt">When the youngest became ready: who was waited for while it loaded has its full time to be called.</param>
    /// <param name="allNeeded">None is there more than the running calls need.</param>
    public void Look(DateTimeOffset? readyAt, bool allNeeded)
    {
        lock (_gate)
        {
            _idleSince = readyAt > _idleSince ? readyAt.Value : _idleSince;
            _neededAt = allNeeded ? clock.GetUtcNow() : _neededAt;
        }
    }
}
