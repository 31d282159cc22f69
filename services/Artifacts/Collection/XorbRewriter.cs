using Microsoft.EntityFrameworkCore;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Files;
using ModelGarden.Artifacts.Objects;
using ModelGarden.Artifacts.Quotas;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Collection;

/// <summary>What files need of a xorb.</summary>
/// <param name="Chunks">Numbers, in order.</param>
/// <param name="StoredBytes">What they take in the store.</param>
/// <param name="Files">The layouts that say so, as they were found.</param>
internal sealed record XorbNeed(IReadOnlyList<int> Chunks, long StoredBytes, IReadOnlyList<LayoutRow> Files);

/// <summary>Writes what files need of a mostly dead xorb into a new one, and turns the files over to that, all of them or none.</summary>
internal sealed class XorbRewriter(IDbContextFactory<ArtifactsDbContext> contexts, IObjectStore objects, Xorbs xorbs, XorbCache cache, UsageLedger ledger, TimeProvider clock)
{
    public async Task<XorbNeed> NeedAsync(StoredXorb xorb, CollectionRun run, CancellationToken cancellationToken)
    {
        var files = await FilesAsync(xorb, run, cancellationToken);
        var needed = new bool[xorb.Index.Count];
        foreach (var term in files.SelectMany(file => file.Terms[xorb.Id]))
        {
            needed.AsSpan(term.First..term.End).Fill(true);
        }

        var chunks = Enumerable.Range(0, needed.Length).Where(number => needed[number]).ToList();
        return new(chunks, chunks.Sum(number => (long)xorb.Index.StoredLength(number)), files.ConvertAll(file => file.Row));
    }

    /// <summary>Those that need it.</summary>
    private async Task<List<FileTerms>> FilesAsync(StoredXorb xorb, CollectionRun run, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var digests = await context.FileXorbs.Where(needed => needed.Xorb == xorb.Id).Select(needed => needed.Sha256).Order().ToListAsync(cancellationToken);
        var files = new List<FileTerms>();
        foreach (var digest in digests.Where(digest => !run.IsGone(digest)))
        {
            if (run.Layouts.Find(digest) is { } known)
            {
                files.Add(known);
            }
            else if (await context.Layouts.AsNoTracking().SingleOrDefaultAsync(row => row.Sha256 == digest, cancellationToken) is { } row)
            {
                files.Add(run.Layouts.Keep(row));
            }
        }

        return files;
    }

    /// <summary>False: something has changed since the need was seen; another time.</summary>
    public async Task<bool> RewriteAsync(XorbRow row, StoredXorb xorb, XorbNeed need, DateTimeOffset touchedBefore, CancellationToken cancellationToken)
    {
        var (key, index) = await CopyAsync(xorb, need, cancellationToken);
        var rewritten = await xorbs.AddAsync(index, key, row.Tenant, TimeSpan.Zero, cancellationToken);
        if (rewritten.Object != key)
        {
            await objects.DeleteAsync(key, cancellationToken);
        }

        return await TurnOverAsync(xorb, rewritten, need, touchedBefore, cancellationToken);
    }

    private async Task<bool> TurnOverAsync(StoredXorb xorb, StoredXorb rewritten, XorbNeed need, DateTimeOffset touchedBefore, CancellationToken cancellationToken)
    {
        var isTurnedOver = await contexts.TryStepAsync(context => TurnOverAsync(context, xorb, rewritten, need, touchedBefore, cancellationToken), cancellationToken);
        if (isTurnedOver)
        {
            cache.Forget(xorb.Id);
        }

        return isTurnedOver;
    }

    private async Task<bool> TurnOverAsync(ArtifactsDbContext context, StoredXorb xorb, StoredXorb rewritten, XorbNeed need, DateTimeOffset touchedBefore, CancellationToken cancellationToken)
    {
        foreach (var file in need.Files)
        {
            if (!await TurnOverAsync(context, file, xorb, rewritten, need, cancellationToken))
            {
                return false;
            }
        }

        await MoveUsageAsync(context, xorb, rewritten, need, cancellationToken);
        return await XorbDeletion.DeleteAsync(context, xorb, touchedBefore, clock.GetUtcNow(), cancellationToken);
    }

    /// <summary>The same chunks at other places, for those who have the files: locked by now.</summary>
    private async Task MoveUsageAsync(ArtifactsDbContext context, StoredXorb from, StoredXorb to, XorbNeed need, CancellationToken cancellationToken)
    {
        var tenants = new SortedDictionary<string, ChunkChanges>(StringComparer.Ordinal);
        foreach (var file in need.Files)
        {
            var before = file.ToLayout();
            var after = Renumber(before, from, to, need);
            foreach (var held in await context.TenantFiles.Where(held => held.Sha256 == file.Sha256 && held.CountedTo > 0).ToListAsync(cancellationToken))
            {
                var changes = tenants.GetValueOrDefault(held.Tenant) ?? (tenants[held.Tenant] = new());
                changes.Add(before, -1, to: held.CountedTo).Add(after, 1, to: held.CountedTo);
            }
        }

        foreach (var (tenant, changes) in tenants)
        {
            await ledger.ChangeAsync(context, tenant, changes, cancellationToken);
        }
    }

    /// <summary>The chunks as they are stored, verified.</summary>
    private async Task<(ObjectKey Key, XorbIndex Index)> CopyAsync(StoredXorb xorb, XorbNeed need, CancellationToken cancellationToken)
    {
        var key = ObjectKey.OfXorb();
        await using var writer = await objects.CreateAsync(key, cancellationToken);
        using var reader = await objects.OpenAsync(xorb.Object, cancellationToken) ?? throw xorbs.Missing(xorb);
        using var chunks = new StoredChunks(xorb, reader);
        var copy = new XorbCopy(writer);
        foreach (var number in need.Chunks)
        {
            if (!await chunks.ReadAsync(number, cancellationToken))
            {
                throw new InvalidChunkException($"chunk {number} of xorb {xorb.Hash} is damaged: {chunks.Fault}");
            }

            await copy.AppendAsync(xorb.Index.Chunks[number], chunks.Current, cancellationToken);
        }

        return (key, await copy.CommitAsync(cancellationToken));
    }

    /// <summary>False: the file is made of something else by now, or gone.</summary>
    private static async Task<bool> TurnOverAsync(ArtifactsDbContext context, LayoutRow file, StoredXorb from, StoredXorb to, XorbNeed need, CancellationToken cancellationToken)
    {
        var terms = Renumber(file.ToLayout(), from, to, need).ToBytes();
        if (await context.Layouts.Where(row => row.Sha256 == file.Sha256 && row.Terms == file.Terms)
            .ExecuteUpdateAsync(row => row.SetProperty(found => found.Terms, terms), cancellationToken) is 0)
        {
            return false;
        }

        await context.Database.ExecuteSqlAsync($"INSERT INTO file_xorbs (sha256, xorb) VALUES ({file.Sha256}, {to.Id}) ON CONFLICT DO NOTHING", cancellationToken);
        await context.FileXorbs.Where(needed => needed.Sha256 == file.Sha256 && needed.Xorb == from.Id).ExecuteDeleteAsync(cancellationToken);
        return true;
    }

    // A term's chunks are all needed, so they stay neighbours.
    private static FileLayout Renumber(FileLayout layout, StoredXorb from, StoredXorb to, XorbNeed need)
    {
        var numbers = need.Chunks.Index().ToDictionary(chunk => chunk.Item, chunk => chunk.Index);
        return layout with
        {
            Terms = [.. layout.Terms.Select(term => term.Xorb == from.Id ? new Term(to.Id, numbers[term.First], numbers[term.First] + term.End - term.First, term.Length) : term)],
        };
    }
}
