using Microsoft.EntityFrameworkCore;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Files;

namespace ModelGarden.Artifacts.Quotas;

/// <summary>
/// Keeps what each tenant holds. Files and their sizes are exact in the transaction in which they change. What their chunks take in the store is planned with reads only and
/// then written if nothing has changed meanwhile, so that nobody waits for it. It is counted by chunks' hashes, each at the length of the first place where the tenant's files
/// have it: by places alone a tenant would be charged twice for a chunk that another tenant's xorb has as well, and so learn of it.
/// Locks are taken in this order: the files' layouts, the tenants' files, the tenants' usage.
/// </summary>
internal sealed class UsageLedger(XorbCache xorbs, ChunkCensus census)
{
    /// <summary>The file's layout, locked against rewriting, counting and deletion until the transaction ends; null: there is none.</summary>
    public static async Task<LayoutRow?> LockLayoutAsync(ArtifactsDbContext context, string sha256, CancellationToken cancellationToken)
    {
        var rows = context.Layouts.Where(row => row.Sha256 == sha256);
        await rows.ExecuteUpdateAsync(row => row.SetProperty(found => found.XetHash, found => found.XetHash), cancellationToken);
        return await rows.SingleOrDefaultAsync(cancellationToken);
    }

    /// <summary>Gives a file that is there to a tenant; its chunks are counted later. False: the tenant has it already.</summary>
    public static async Task<bool> HoldAsync(ArtifactsDbContext context, string tenant, string sha256, DateTimeOffset now, DateTimeOffset namedAt, CancellationToken cancellationToken)
    {
        if (await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO tenant_files (tenant, sha256, added_at, named_at, counted_to, uncounted_bytes)
            SELECT {tenant}, sha256, {now.ToUnixTimeMilliseconds()}, {namedAt.ToUnixTimeMilliseconds()}, 0, stored_bytes FROM file_layouts WHERE sha256 = {sha256}
            ON CONFLICT DO NOTHING
            """,
            cancellationToken) is 0)
        {
            return false;
        }

        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO tenant_usage (tenant, files, logical_bytes, stored_bytes, uncounted_bytes, version)
            SELECT held.tenant, 1, files.size, 0, held.uncounted_bytes, 0 FROM tenant_files AS held JOIN files ON files.sha256 = held.sha256 WHERE held.tenant = {tenant} AND held.sha256 = {sha256}
            ON CONFLICT (tenant) DO UPDATE SET files = tenant_usage.files + 1, logical_bytes = tenant_usage.logical_bytes + excluded.logical_bytes,
                uncounted_bytes = tenant_usage.uncounted_bytes + excluded.uncounted_bytes
            """,
            cancellationToken);
        return true;
    }

    /// <summary>Takes a file, whose layout is locked, out of the usage of one who has it. What is counted of its chunks is given back later.</summary>
    public static async Task LetGoAsync(ArtifactsDbContext context, TenantFile held, FileRow file, LayoutRow? layout, CancellationToken cancellationToken)
    {
        await context.Usages.Where(usage => usage.Tenant == held.Tenant).ExecuteUpdateAsync(
            usage => usage.SetProperty(found => found.Files, found => found.Files - 1).SetProperty(found => found.LogicalBytes, found => found.LogicalBytes - file.Size)
                .SetProperty(found => found.UncountedBytes, found => found.UncountedBytes - held.UncountedBytes),
            cancellationToken);
        await ReturnAsync(context, held, layout, cancellationToken);
    }

    /// <summary>A file is made of something else by now: those who have it are counted anew. Its old layout was locked before it went.</summary>
    public static async Task ReplaceAsync(ArtifactsDbContext context, LayoutRow old, CancellationToken cancellationToken)
    {
        var storedBytes = await context.Layouts.Where(row => row.Sha256 == old.Sha256).Select(row => row.StoredBytes).SingleAsync(cancellationToken);
        var holders = await context.TenantFiles.Where(held => held.Sha256 == old.Sha256).ToListAsync(cancellationToken);
        await context.TenantFiles.Where(held => held.Sha256 == old.Sha256).ExecuteUpdateAsync(
            held => held.SetProperty(found => found.CountedTo, 0).SetProperty(found => found.UncountedBytes, storedBytes), cancellationToken);
        foreach (var held in holders.OrderBy(held => held.Tenant, StringComparer.Ordinal))
        {
            await context.Usages.Where(usage => usage.Tenant == held.Tenant).ExecuteUpdateAsync(
                usage => usage.SetProperty(found => found.UncountedBytes, found => found.UncountedBytes + storedBytes - held.UncountedBytes), cancellationToken);
            await ReturnAsync(context, held, old, cancellationToken);
        }
    }

    /// <summary>What a change of needs will be worth; null: what it is computed from has changed meanwhile. Nothing is written.</summary>
    public async Task<UsagePlan?> PlanAsync(ArtifactsDbContext context, string tenant, ChunkChanges changes, CancellationToken cancellationToken)
    {
        // The version first: what is read after it may be newer than it, and then the plan is void.
        var version = await context.Usages.Where(usage => usage.Tenant == tenant).Select(usage => usage.Version).SingleOrDefaultAsync(cancellationToken);
        var (planned, storedBytes) = (new Dictionary<long, ChunkCounts>(), 0L);
        foreach (var id in changes.Xorbs)
        {
            if (await xorbs.FindAsync(context, id, cancellationToken) is not { } xorb)
            {
                return null;
            }

            var before = await ChunkCensus.CountsAsync(context, tenant, xorb, cancellationToken);
            if (before.TryWith(changes.Of(id)) is not { } after)
            {
                return null;
            }

            storedBytes += await census.CompareAsync(context, tenant, xorb, before, after, planned, cancellationToken);
            planned[id] = after;
        }

        return new(tenant, version, storedBytes, planned);
    }

    /// <summary>Within a transaction: false, and it is to be rolled back, where the tenant's chunks are not those any more that the plan was made for.</summary>
    public static async Task<bool> ApplyAsync(ArtifactsDbContext context, UsagePlan plan, CancellationToken cancellationToken)
    {
        if (await context.Usages.Where(usage => usage.Tenant == plan.Tenant && usage.Version == plan.Version).ExecuteUpdateAsync(
            usage => usage.SetProperty(found => found.StoredBytes, found => found.StoredBytes + plan.StoredBytes).SetProperty(found => found.Version, found => found.Version + 1), cancellationToken) is 0)
        {
            return false;
        }

        foreach (var (xorb, counts) in plan.Counts)
        {
            await WriteAsync(context, plan.Tenant, xorb, counts, cancellationToken);
        }

        return true;
    }

    /// <summary>Plans and writes within one transaction, for changes of one or two xorbs. The tenant's usage stays locked until it ends.</summary>
    /// <exception cref="InvalidDataException">The tenant's counts do not add up.</exception>
    public async Task ChangeAsync(ArtifactsDbContext context, string tenant, ChunkChanges changes, CancellationToken cancellationToken)
    {
        await LockAsync(context, tenant, cancellationToken);
        if (await PlanAsync(context, tenant, changes, cancellationToken) is not { } plan || !await ApplyAsync(context, plan, cancellationToken))
        {
            throw new InvalidDataException($"chunks of {tenant} are given back by more of its files than need them, or their xorb is gone");
        }
    }

    /// <summary>Within the transaction in which a xorb's chunks are replaced by the same ones, encoded otherwise.</summary>
    public async Task EncodeAsync(ArtifactsDbContext context, StoredXorb before, StoredXorb after, CancellationToken cancellationToken)
    {
        var longer = Enumerable.Range(0, before.Index.Count).Sum(number => Math.Max(0, after.Index.StoredLength(number) - before.Index.StoredLength(number)));
        await context.Layouts.Where(row => context.FileXorbs.Any(needed => needed.Sha256 == row.Sha256 && needed.Xorb == before.Id))
            .ExecuteUpdateAsync(row => row.SetProperty(found => found.StoredBytes, found => found.StoredBytes + longer), cancellationToken);
        var tenants = await context.TenantChunks.Where(known => known.Xorb == before.Id).Select(known => known.Tenant).ToListAsync(cancellationToken);
        foreach (var tenant in tenants.Order(StringComparer.Ordinal))
        {
            await LockAsync(context, tenant, cancellationToken);
            var grown = await census.CompareAsync(context, tenant, before, after, cancellationToken);
            await context.Usages.Where(usage => usage.Tenant == tenant).ExecuteUpdateAsync(
                usage => usage.SetProperty(found => found.StoredBytes, found => found.StoredBytes + grown).SetProperty(found => found.Version, found => found.Version + 1), cancellationToken);
        }
    }

    private static Task<int> LockAsync(ArtifactsDbContext context, string tenant, CancellationToken cancellationToken) =>
        context.Usages.Where(usage => usage.Tenant == tenant).ExecuteUpdateAsync(usage => usage.SetProperty(found => found.Version, found => found.Version), cancellationToken);

    private static async Task ReturnAsync(ArtifactsDbContext context, TenantFile held, LayoutRow? layout, CancellationToken cancellationToken)
    {
        if (held.CountedTo > 0 && layout is not null)
        {
            await context.Database.ExecuteSqlAsync(
                $"INSERT INTO tenant_returns (tenant, xet_hash, terms, counted_to) VALUES ({held.Tenant}, {layout.XetHash}, {layout.Terms}, {held.CountedTo})", cancellationToken);
        }
    }

    private static async Task WriteAsync(ArtifactsDbContext context, string tenant, long xorb, ChunkCounts counts, CancellationToken cancellationToken)
    {
        if (counts.IsEmpty)
        {
            await context.TenantChunks.Where(known => known.Tenant == tenant && known.Xorb == xorb).ExecuteDeleteAsync(cancellationToken);
            return;
        }

        await context.Database.ExecuteSqlAsync(
            $"INSERT INTO tenant_chunks (tenant, xorb, counts) VALUES ({tenant}, {xorb}, {counts.ToBytes()}) ON CONFLICT (tenant, xorb) DO UPDATE SET counts = excluded.counts", cancellationToken);
    }
}

/// <param name="Tenant">Whose usage.</param>
/// <param name="Version">Of its chunks, for which the plan is good.</param>
/// <param name="StoredBytes">How much more they will take.</param>
/// <param name="Counts">What its files will need, by xorb.</param>
internal sealed record UsagePlan(string Tenant, long Version, long StoredBytes, IReadOnlyDictionary<long, ChunkCounts> Counts);
