using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;
using ModelGarden.Artifacts.Files;

namespace ModelGarden.Artifacts.Chunks;

/// <summary>Xorbs whose index was used lately: some 40 bytes a chunk, 64 MiB in all.</summary>
internal sealed class XorbCache : IDisposable
{
    private const long Limit = 64 << 20;
    private const int BytesOfAChunk = 40;

    // Other replicas of this service repair, rewrite and delete too.
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(10);
    private readonly MemoryCache _xorbs = new(new MemoryCacheOptions { SizeLimit = Limit });

    public StoredXorb? Find(long id) => Entry(id)?.Xorb;

    /// <summary>From the database where it is not known here; null: it is gone.</summary>
    public async ValueTask<StoredXorb?> FindAsync(ArtifactsDbContext context, long id, CancellationToken cancellationToken) =>
        Find(id) ?? Keep(await context.Xorbs.SingleOrDefaultAsync(row => row.Id == id, cancellationToken));

    public StoredXorb? Keep(XorbRow? row)
    {
        if (row is null)
        {
            return null;
        }

        var xorb = row.ToStoredXorb();
        Keep(xorb, row.TouchedAt);
        return xorb;
    }

    /// <summary>When an upload last found it, as far as this process knows.</summary>
    public DateTimeOffset TouchedAt(long id) => Entry(id)?.TouchedAt ?? DateTimeOffset.MinValue;

    public void Keep(StoredXorb xorb, DateTimeOffset touchedAt) =>
        _xorbs.Set(xorb.Id, new Known(xorb) { TouchedAt = touchedAt }, new MemoryCacheEntryOptions { Size = (long)xorb.Index.Count * BytesOfAChunk, AbsoluteExpirationRelativeToNow = KeptFor });

    public void Touched(long id, DateTimeOffset at)
    {
        if (Entry(id) is { } known)
        {
            known.TouchedAt = at;
        }
    }

    public void Forget(long id) => _xorbs.Remove(id);

    public void Dispose() => _xorbs.Dispose();

    private Known? Entry(long id) => _xorbs.Get<Known>(id);

    private sealed class Known(StoredXorb xorb)
    {
        public StoredXorb Xorb => xorb;

        public DateTimeOffset TouchedAt { get; set; }
    }
}
