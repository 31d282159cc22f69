using System.Globalization;
using System.Text;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Artifacts.Collection;
using ModelGarden.Artifacts.Files;
using ModelGarden.Artifacts.Objects;
using ModelGarden.Artifacts.Quotas;
using ModelGarden.Persistence;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Chunks;

/// <summary>
/// The xorbs that there are and the chunks in them. What is found here to be used by a file under way is touched, so that it is not collected before that
/// file is stored; should it be gone after all, the database refuses the file (a file's xorbs are foreign keys) and it is sent again.
/// </summary>
internal sealed class Xorbs(IDbContextFactory<ArtifactsDbContext> contexts, XorbCache cache, XorbFaults faults, UsageLedger ledger, TimeProvider clock)
{
    /// <summary>How fresh a touch is good enough: much shorter than any grace period.</summary>
    public static readonly TimeSpan TouchEvery = TimeSpan.FromHours(1);

    // SQL of a thousand rows is some 30 KiB: one statement a full xorb.
    private const int RowsOfAStatement = 2048;

    // What the smallest object takes on a disk.
    private const int Block = 4096;

    // Common chunks are in very many xorbs. Where the oldest are all damaged or gone, the chunk is taken for a new one.
    private const int PlacesOfAChunk = 8;

    public async ValueTask<StoredXorb?> FindAsync(long id, CancellationToken cancellationToken)
    {
        if (cache.Find(id) is { } known)
        {
            return known;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await cache.FindAsync(context, id, cancellationToken);
    }

    /// <summary>What a file's chunks take in the store, each time that it has them.</summary>
    /// <exception cref="FileNotFoundException">A xorb was collected since it was found.</exception>
    public async Task<long> LengthAsync(FileLayout layout, CancellationToken cancellationToken)
    {
        var length = 0L;
        foreach (var term in layout.Terms)
        {
            var xorb = await FindAsync(term.Xorb, cancellationToken) ?? throw new FileNotFoundException($"xorb {term.Xorb} of a file under way is not there any more");
            length += xorb.Index.Start(term.End) - xorb.Index.Start(term.First);
        }

        return length;
    }

    public async Task<StoredXorb?> FindAsync(XetHash hash, CancellationToken cancellationToken)
    {
        var text = hash.ToString();
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return cache.Keep(await context.Xorbs.SingleOrDefaultAsync(row => row.Hash == text, cancellationToken));
    }

    /// <summary>A xorb that this tenant has sent lately; whether others have is not its business.</summary>
    public async Task<StoredXorb?> FindOfTenantAsync(string tenant, XetHash hash, CancellationToken cancellationToken)
    {
        var (text, now) = (hash.ToString(), clock.GetUtcNow());
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return cache.Keep(await context.Xorbs.SingleOrDefaultAsync(
            row => row.Hash == text && context.TenantXorbs.Any(known => known.Tenant == tenant && known.Xorb == row.Id && known.KnownUntil > now), cancellationToken));
    }

    /// <summary>A xorb that this tenant has sent, with this chunk, that it may name until then.</summary>
    public async Task<StoredXorb?> FindWithChunkAsync(string tenant, XetHash chunk, DateTimeOffset until, CancellationToken cancellationToken)
    {
        foreach (var place in await PlacesOfTenantAsync(tenant, KeyOf(chunk), until, cancellationToken))
        {
            if (await UsableAsync(chunk, place, cancellationToken) is { } found)
            {
                return found.Xorb;
            }
        }

        return null;
    }

    /// <summary>
    /// Writes down a xorb whose object is in the store. Where another of that hash was quicker, it counts and the answer's object is another one: the caller's
    /// can go.
    /// </summary>
    /// <param name="index">Of its chunks.</param>
    /// <param name="stored">Its object.</param>
    /// <param name="tenant">Who sent what it was made of, in lower case.</param>
    /// <param name="grace">How long it stays, needed or not, and this tenant is told of it, who sent it as it is; none: it was made here, of chunks that nobody had, which is not to be told.</param>
    /// <param name="cancellationToken">Nothing is kept then.</param>
    public async Task<StoredXorb> AddAsync(XorbIndex index, ObjectKey stored, string tenant, TimeSpan grace, CancellationToken cancellationToken) => cache.Keep(await contexts.TransactAsync(
        async (context, transaction) =>
        {
            var row = await AddAsync(context, index, stored, tenant, grace, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return row;
        },
        cancellationToken))!;

    private async Task<XorbRow> AddAsync(ArtifactsDbContext context, XorbIndex index, ObjectKey stored, string tenant, TimeSpan grace, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var (hash, time, until) = (index.Hash.ToString(), now.ToUnixTimeMilliseconds(), grace > TimeSpan.Zero ? (now + grace).ToUnixTimeMilliseconds() : 0);
        var inserted = await context.Database.SqlQuery<long>(
            $"""
            INSERT INTO xorbs (hash, object, tenant, stored_bytes, chunks, touched_at, scrubbed_at, kept_until)
            VALUES ({hash}, {stored.Value}, {tenant}, {index.Length}, {index.ToBytes()}, {time}, {time}, {until})
            ON CONFLICT (hash) DO UPDATE SET touched_at = excluded.touched_at, kept_until = CASE WHEN excluded.kept_until > xorbs.kept_until THEN excluded.kept_until ELSE xorbs.kept_until END
            RETURNING id AS "Value"
            """).ToListAsync(cancellationToken);
        var row = await context.Xorbs.AsNoTracking().SingleAsync(xorb => xorb.Id == inserted[0], cancellationToken);
        if (row.Object == stored.Value)
        {
            await AddChunksAsync(context, row.Id, index, cancellationToken);
        }
        else if (row.DamagedChunks > 0)
        {
            row = await HealAsync(context, row, index, stored, cancellationToken);
        }

        if (until > 0)
        {
            await context.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO tenant_xorbs (tenant, xorb, known_until, sent_bytes) VALUES ({tenant}, {row.Id}, {until}, {Math.Max(index.Length, Block)})
                ON CONFLICT (tenant, xorb) DO UPDATE SET known_until = excluded.known_until, sent_bytes = excluded.sent_bytes
                """,
                cancellationToken);
        }

        return row;
    }

    /// <summary>The same chunks in the same order have come again, whole: they take the place of the damaged ones, for all files that need them.</summary>
    private async Task<XorbRow> HealAsync(ArtifactsDbContext context, XorbRow row, XorbIndex index, ObjectKey stored, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await context.Xorbs.Where(found => found.Id == row.Id).ExecuteUpdateAsync(
            found => found.SetProperty(xorb => xorb.Object, stored.Value).SetProperty(xorb => xorb.StoredBytes, index.Length).SetProperty(xorb => xorb.Chunks, index.ToBytes())
                .SetProperty(xorb => xorb.DamagedChunks, 0).SetProperty(xorb => xorb.Fault, "").SetProperty(xorb => xorb.ScrubbedAt, now),
            cancellationToken);
        await GarbageObject.AddAsync(context, row.Object, now, cancellationToken);
        var healed = await context.Xorbs.AsNoTracking().SingleAsync(xorb => xorb.Id == row.Id, cancellationToken);
        if (!healed.Chunks.AsSpan().SequenceEqual(row.Chunks))
        {
            await ledger.EncodeAsync(context, row.ToStoredXorb(), healed.ToStoredXorb(), cancellationToken);
        }

        return healed;
    }

    /// <summary>Where these chunks are, those that are anywhere; to be used by a file under way.</summary>
    public async Task<IReadOnlyDictionary<XetHash, ChunkPlace>> LocateAsync(IReadOnlyCollection<XetHash> hashes, CancellationToken cancellationToken)
    {
        var found = new Dictionary<XetHash, ChunkPlace>();
        if (hashes.Count is 0)
        {
            return found;
        }

        var rows = await RowsAsync(hashes, cancellationToken);
        foreach (var hash in hashes)
        {
            foreach (var row in rows[KeyOf(hash)].Take(PlacesOfAChunk))
            {
                if (await UsableAsync(hash, row.Place, cancellationToken) is { } place)
                {
                    found[hash] = place;
                    break;
                }
            }
        }

        return found;
    }

    /// <summary>Keeps a xorb from being collected for a while; false: it is gone.</summary>
    public async ValueTask<bool> TouchAsync(StoredXorb xorb, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (cache.TouchedAt(xorb.Id) > now - TouchEvery)
        {
            return true;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.Xorbs.Where(row => row.Id == xorb.Id).ExecuteUpdateAsync(row => row.SetProperty(found => found.TouchedAt, now), cancellationToken) is 0)
        {
            cache.Forget(xorb.Id);
            return false;
        }

        cache.Touched(xorb.Id, now);
        return true;
    }

    /// <summary>Keeps these from being collected that a file under way refers to; one that is gone all the same is found out when that file is added.</summary>
    public async Task TouchAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        foreach (var some in ids.Chunk(RowsOfAStatement))
        {
            await context.Xorbs.Where(row => some.Contains(row.Id)).ExecuteUpdateAsync(row => row.SetProperty(found => found.TouchedAt, now), cancellationToken);
        }
    }

    /// <summary>What is known of these may be old.</summary>
    public void Forget(IEnumerable<long> ids)
    {
        foreach (var id in ids)
        {
            cache.Forget(id);
        }
    }

    /// <summary>To be thrown where a xorb's object is not there: collected since it was looked up, or lost.</summary>
    public FileNotFoundException Missing(StoredXorb xorb)
    {
        faults.Report(xorb, "the store has no such object");
        return new($"xorb {xorb.Hash} of a stored file is not in the store");
    }

    /// <summary>How the database calls a chunk: the first of its hash's words.</summary>
    public static long KeyOf(XetHash hash) => unchecked((long)hash.Word(0));

    private async Task<List<long>> PlacesOfTenantAsync(string tenant, long key, DateTimeOffset until, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Chunks.Where(row => row.Key == key && context.TenantXorbs.Any(known => known.Tenant == tenant && known.Xorb == row.Place / Place.ChunksInAXorb && known.KnownUntil > until))
            .Select(row => row.Place).Order().Take(PlacesOfAChunk).ToListAsync(cancellationToken);
    }

    /// <summary>The oldest places of each, in order. Where one is in so many xorbs that no room is left for others, these are asked for again without it.</summary>
    private async Task<ILookup<long, ChunkRow>> RowsAsync(IReadOnlyCollection<XetHash> hashes, CancellationToken cancellationToken)
    {
        var (found, left) = (new List<ChunkRow>(), hashes.Select(KeyOf).Distinct().ToArray());
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        while (left.Length > 0)
        {
            var (keys, limit) = (left, left.Length * PlacesOfAChunk);
            var rows = await context.Chunks.AsNoTracking().Where(row => keys.Contains(row.Key)).OrderBy(row => row.Key).ThenBy(row => row.Place).Take(limit).ToListAsync(cancellationToken);
            found.AddRange(rows);
            left = rows.Count < limit ? [] : Array.FindAll(left, key => key > rows[^1].Key);
        }

        return found.ToLookup(row => row.Key);
    }

    /// <summary>The key is a quarter of the hash: the xorb's own index has all of it.</summary>
    private async ValueTask<ChunkPlace?> UsableAsync(XetHash hash, long place, CancellationToken cancellationToken)
    {
        var number = Place.NumberOf(place);
        return await FindAsync(Place.XorbOf(place), cancellationToken) is { } xorb && xorb.Index.Chunks[number].Hash == hash && !xorb.IsDamaged && await TouchAsync(xorb, cancellationToken)
            ? new ChunkPlace(xorb, number)
            : null;
    }

    private static async Task AddChunksAsync(ArtifactsDbContext context, long xorb, XorbIndex index, CancellationToken cancellationToken)
    {
        foreach (var numbers in Enumerable.Range(0, index.Count).Chunk(RowsOfAStatement))
        {
            var sql = new StringBuilder("INSERT INTO chunks (key, place) VALUES ");
            foreach (var number in numbers)
            {
                sql.Append(CultureInfo.InvariantCulture, $"({KeyOf(index.Chunks[number].Hash)},{Place.Of(xorb, number)}),");
            }

            sql.Length--;

            // Numbers of our own making: nothing to escape.
            await context.Database.ExecuteSqlRawAsync(sql.ToString(), cancellationToken);
        }
    }
}
