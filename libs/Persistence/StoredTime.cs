namespace ModelGarden.Persistence;

/// <summary>Times as databases keep them.</summary>
public static class StoredTime
{
    extension(TimeProvider clock)
    {
        /// <summary>Now, in the milliseconds that are kept: what is answered before it was stored is what will be read.</summary>
        public DateTimeOffset GetStoredNow() => DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());
    }
}
