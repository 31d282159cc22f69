using Microsoft.EntityFrameworkCore;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Files;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Quotas;

/// <summary>Says what a change of a tenant's needs of one xorb is worth, given that the tenant may need the same chunks in other xorbs.</summary>
internal sealed class ChunkCensus(XorbCache xorbs)
{
    /// <param name="context">Reads.</param>
    /// <param name="tenant">Whose needs.</param>
    /// <param name="xorb">Of what.</param>
    /// <param name="before">How it was.</param>
    /// <param name="after">How it will be.</param>
    /// <param name="planned">What the tenant will need of other xorbs, where that is to differ from what is written down.</param>
    /// <param name="cancellationToken">Nothing is changed.</param>
    public async Task<long> CompareAsync(
        ArtifactsDbContext context, string tenant, StoredXorb xorb, ChunkCounts before, ChunkCounts after, IReadOnlyDictionary<long, ChunkCounts> planned, CancellationToken cancellationToken)
    {
        var index = xorb.Index;
        var changed = Enumerable.Range(0, index.Count).Where(number => before.IsNeeded(number) != after.IsNeeded(number)).Select(number => index.Chunks[number].Hash).ToHashSet();
        if (changed.Count is 0)
        {
            return 0;
        }

        var elsewhere = await ElsewhereAsync(context, tenant, xorb.Id, changed, planned, cancellationToken);
        return Worth(xorb, after, changed, elsewhere) - Worth(xorb, before, changed, elsewhere);
    }

    /// <summary>The same chunks, encoded otherwise.</summary>
    public async Task<long> CompareAsync(ArtifactsDbContext context, string tenant, StoredXorb before, StoredXorb after, CancellationToken cancellationToken)
    {
        var counts = await CountsAsync(context, tenant, before, cancellationToken);
        var needed = Enumerable.Range(0, before.Index.Count).Where(counts.IsNeeded).Select(number => before.Index.Chunks[number].Hash).ToHashSet();
        var elsewhere = await ElsewhereAsync(context, tenant, before.Id, needed, new Dictionary<long, ChunkCounts>(), cancellationToken);
        return Worth(after, counts, needed, elsewhere) - Worth(before, counts, needed, elsewhere);
    }

    public static async Task<ChunkCounts> CountsAsync(ArtifactsDbContext context, string tenant, StoredXorb xorb, CancellationToken cancellationToken)
    {
        var row = await context.TenantChunks.SingleOrDefaultAsync(known => known.Tenant == tenant && known.Xorb == xorb.Id, cancellationToken);
        return row is null ? ChunkCounts.None(xorb.Index.Count) : ChunkCounts.FromBytes(row.Counts, xorb.Index.Count);
    }

    /// <summary>What these chunks take together, each at its first place.</summary>
    private static long Worth(StoredXorb xorb, ChunkCounts counts, HashSet<XetHash> hashes, Dictionary<XetHash, FoundChunk> elsewhere)
    {
        var first = new Dictionary<XetHash, FoundChunk>(elsewhere);
        for (var number = 0; number < xorb.Index.Count; number++)
        {
            var hash = xorb.Index.Chunks[number].Hash;
            if (counts.IsNeeded(number) && hashes.Contains(hash) && (!first.TryGetValue(hash, out var known) || known.Place > Place.Of(xorb.Id, number)))
            {
                first[hash] = FoundChunk.In(xorb, number);
            }
        }

        return first.Values.Sum(chunk => (long)chunk.Length);
    }

    /// <summary>The first places in other xorbs where the tenant's files have these chunks.</summary>
    private async Task<Dictionary<XetHash, FoundChunk>> ElsewhereAsync(
        ArtifactsDbContext context, string tenant, long xorb, HashSet<XetHash> hashes, IReadOnlyDictionary<long, ChunkCounts> planned, CancellationToken cancellationToken)
    {
        var found = new Dictionary<XetHash, FoundChunk>();
        var places = await PlacesAsync(context, tenant, xorb, hashes, planned, cancellationToken);
        foreach (var some in places.GroupBy(Place.XorbOf).OrderBy(some => some.Key))
        {
            if (await xorbs.FindAsync(context, some.Key, cancellationToken) is not { } other)
            {
                continue;
            }

            var open = some.Order().Select(Place.NumberOf).Where(number => hashes.Contains(other.Index.Chunks[number].Hash) && !found.ContainsKey(other.Index.Chunks[number].Hash)).ToList();
            if (open.Count > 0)
            {
                Take(found, other, open, planned.GetValueOrDefault(other.Id) ?? await CountsAsync(context, tenant, other, cancellationToken));
            }
        }

        return found;
    }

    private static async Task<List<long>> PlacesAsync(
        ArtifactsDbContext context, string tenant, long xorb, HashSet<XetHash> hashes, IReadOnlyDictionary<long, ChunkCounts> planned, CancellationToken cancellationToken)
    {
        var (keys, others) = (hashes.Select(Xorbs.KeyOf).ToArray(), planned.Keys.ToArray());
        return await context.Chunks
            .Where(row => keys.Contains(row.Key) && row.Place / Place.ChunksInAXorb != xorb
                && (context.TenantChunks.Any(known => known.Tenant == tenant && known.Xorb == row.Place / Place.ChunksInAXorb) || others.Contains(row.Place / Place.ChunksInAXorb)))
            .Select(row => row.Place).ToListAsync(cancellationToken);
    }

    private static void Take(Dictionary<XetHash, FoundChunk> found, StoredXorb xorb, List<int> numbers, ChunkCounts counts)
    {
        foreach (var number in numbers.Where(counts.IsNeeded))
        {
            found.TryAdd(xorb.Index.Chunks[number].Hash, FoundChunk.In(xorb, number));
        }
    }

    /// <summary>Where a chunk is, and what it takes in the store there.</summary>
    private readonly record struct FoundChunk(long Place, int Length)
    {
        public static FoundChunk In(StoredXorb xorb, int number) => new(Chunks.Place.Of(xorb.Id, number), xorb.Index.StoredLength(number));
    }
}
