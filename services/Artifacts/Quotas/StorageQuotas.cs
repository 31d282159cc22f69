using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Files;
using ModelGarden.Artifacts.Uploads;
using ModelGarden.Kernel;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Quotas;

/// <summary>What tenants may hold, and what is refused to those who would hold more.</summary>
internal sealed class StorageQuotas(IDbContextFactory<ArtifactsDbContext> contexts, IOptions<ArtifactsOptions> options, ArtifactsMetrics metrics, TimeProvider clock)
{
    private readonly StorageLimits _defaults = new(options.Value.TenantLogicalBytes, options.Value.TenantStoredBytes);

    public async Task<StorageUse> DescribeAsync(string tenant, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return new(await UsageAsync(context, tenant, cancellationToken), await LimitsAsync(context, tenant, cancellationToken), await AnnouncedAsync(context, tenant, "", cancellationToken));
    }

    /// <summary>Null: as for everybody; 0: no limit.</summary>
    public async Task SetAsync(string tenant, long? logicalBytes, long? storedBytes, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO tenant_quotas (tenant, logical_bytes, stored_bytes) VALUES ({tenant}, {logicalBytes}, {storedBytes})
            ON CONFLICT (tenant) DO UPDATE SET logical_bytes = excluded.logical_bytes, stored_bytes = excluded.stored_bytes
            """,
            cancellationToken);
    }

    /// <summary>Why an upload of a file that the tenant does not have is not to begin; null: it may. Others may be quicker: what counts is whether it can be stored.</summary>
    public async Task<Error?> RefusalAsync(ArtifactsDbContext context, string tenant, Sha256Digest digest, long size, CancellationToken cancellationToken)
    {
        var limits = await LimitsAsync(context, tenant, cancellationToken);
        if (limits == default || size is 0)
        {
            return null;
        }

        var (used, announced) = (await UsageAsync(context, tenant, cancellationToken), await AnnouncedAsync(context, tenant, digest.Hex, cancellationToken));
        return Counted(limits.LogicalBytes > 0 && size > limits.LogicalBytes - used.LogicalBytes - announced
            ? ArtifactsErrors.QuotaLogical(tenant, limits.LogicalBytes, used.LogicalBytes, announced, size)
            : await FullAsync(context, limits, used, cancellationToken));
    }

    /// <summary>Why nothing at all may come from this tenant; null: there is some room.</summary>
    public async Task<Error?> FullAsync(string tenant, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var limits = await LimitsAsync(context, tenant, cancellationToken);
        if (limits == default)
        {
            return null;
        }

        var used = await UsageAsync(context, tenant, cancellationToken);
        return Counted(limits.LogicalBytes > 0 && used.LogicalBytes >= limits.LogicalBytes
            ? ArtifactsErrors.QuotaLogical(tenant, limits.LogicalBytes, used.LogicalBytes, 0, 1)
            : await FullAsync(context, limits, used, cancellationToken));
    }

    /// <summary>
    /// Why so many bytes more may not come that are no file yet; null: they may. Xorbs stay for <see cref="ArtifactsOptions.XetGrace"/>, parts until their upload ends, whether a file is made
    /// of them or not: together they may be twice what the tenant may keep, and a xorb more, for who has some room left may send one.
    /// </summary>
    public async Task<Error?> SentRefusalAsync(string tenant, long bytes, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var limits = await LimitsAsync(context, tenant, cancellationToken);
        if (limits == default)
        {
            return null;
        }

        var (sent, most) = (await SentAsync(context, tenant, cancellationToken), (2 * limits.Smallest) + XetLimits.XorbRead);
        return Counted(bytes > most - sent ? ArtifactsErrors.QuotaSent(tenant, most, sent, bytes) : null);
    }

    /// <summary>Within the transaction in which a tenant was given a file, whose layout is locked.</summary>
    public async Task<QuotaDecision> DecideAsync(ArtifactsDbContext context, NewFile file, LayoutRow layout, Measured? measured, CancellationToken cancellationToken)
    {
        var after = await UsageAsync(context, file.Tenant, cancellationToken);
        var plan = measured is not null && measured.Plan.Version == after.Version && measured.Terms.AsSpan().SequenceEqual(layout.Terms) ? measured.Plan : null;
        return await DecideAsync(context, new(after, file.Size, layout.StoredBytes, plan), cancellationToken);
    }

    /// <summary>As things stand, for so many bytes more.</summary>
    /// <param name="tenant">In lower case.</param>
    /// <param name="size">How many bytes of files.</param>
    /// <param name="storedBytes">What they take at most.</param>
    /// <param name="plan">What they take; null: not known.</param>
    /// <param name="cancellationToken">Nothing is changed.</param>
    public async Task<QuotaDecision> DecideAsync(string tenant, long size, long storedBytes, UsagePlan? plan, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var used = await UsageAsync(context, tenant, cancellationToken);
        return await DecideAsync(context, new(used.With(size, storedBytes), size, storedBytes, plan), cancellationToken);
    }

    private async Task<QuotaDecision> DecideAsync(ArtifactsDbContext context, UsageChange change, CancellationToken cancellationToken)
    {
        var (after, limits) = (change.After, await LimitsAsync(context, change.After.Tenant, cancellationToken));
        if (IsBeyond(limits.LogicalBytes, after.LogicalBytes, change.Size))
        {
            return Refused(ArtifactsErrors.QuotaLogical(after.Tenant, limits.LogicalBytes, after.LogicalBytes - change.Size, 0, change.Size));
        }

        if (!IsBeyond(limits.StoredBytes, after.StoredBytes + after.UncountedBytes, change.StoredBytes))
        {
            return QuotaDecision.Accepted;
        }

        if (change.Plan is not { } plan)
        {
            return QuotaDecision.Unknown;
        }

        var others = after.UncountedBytes - change.StoredBytes;
        return !IsBeyond(limits.StoredBytes, after.StoredBytes + others + plan.StoredBytes, plan.StoredBytes) ? QuotaDecision.Accepted
            : others > 0 || await GivesBackAsync(context, after.Tenant, cancellationToken) ? QuotaDecision.Unknown
            : Refused(ArtifactsErrors.QuotaStored(after.Tenant, limits.StoredBytes, after.StoredBytes, plan.StoredBytes));
    }

    private static Task<bool> GivesBackAsync(ArtifactsDbContext context, string tenant, CancellationToken cancellationToken) =>
        context.Returns.AnyAsync(given => given.Tenant == tenant, cancellationToken);

    private QuotaDecision Refused(Error refusal) => QuotaDecision.Refused(Counted(refusal)!);

    /// <summary>Only what is certain: what is not counted yet, or to be given back, decides when a file is added.</summary>
    private static async Task<Error?> FullAsync(ArtifactsDbContext context, StorageLimits limits, TenantUsage used, CancellationToken cancellationToken) =>
        limits.StoredBytes > 0 && used.StoredBytes >= limits.StoredBytes && !await GivesBackAsync(context, used.Tenant, cancellationToken)
            ? ArtifactsErrors.QuotaStored(used.Tenant, limits.StoredBytes, used.StoredBytes, null)
            : null;

    // Who is beyond a limit that was lowered may still add what takes nothing.
    private static bool IsBeyond(long limit, long after, long more) => limit > 0 && more > 0 && after > limit;

    private Error? Counted(Error? refusal)
    {
        if (refusal is not null)
        {
            metrics.RefusedForQuota(refusal.Reason);
        }

        return refusal;
    }

    private async Task<StorageLimits> LimitsAsync(ArtifactsDbContext context, string tenant, CancellationToken cancellationToken)
    {
        var own = await context.Quotas.SingleOrDefaultAsync(quota => quota.Tenant == tenant, cancellationToken);
        return new(own?.LogicalBytes ?? _defaults.LogicalBytes, own?.StoredBytes ?? _defaults.StoredBytes);
    }

    private async Task<long> SentAsync(ArtifactsDbContext context, string tenant, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var xorbs = await context.TenantXorbs.Where(sent => sent.Tenant == tenant && sent.KnownUntil > now).SumAsync(sent => sent.SentBytes, cancellationToken);
        return xorbs + await context.Sessions.Where(session => session.Tenant == tenant && session.PartSize > 0)
            .SumAsync(session => session.PartSize * context.Parts.Count(part => part.Session == session.Id), cancellationToken);
    }

    private static async Task<TenantUsage> UsageAsync(ArtifactsDbContext context, string tenant, CancellationToken cancellationToken) =>
        await context.Usages.SingleOrDefaultAsync(usage => usage.Tenant == tenant, cancellationToken) ?? TenantUsage.Nothing(tenant);

    /// <summary>What uploads of other files that are begun, and whose URLs are good, will bring.</summary>
    private async Task<long> AnnouncedAsync(ArtifactsDbContext context, string tenant, string except, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return await context.Sessions
            .Where(session => session.Tenant == tenant && session.CompletedAt == UploadSession.Never && session.ExpiresAt > now && session.Sha256 != except
                && !context.TenantFiles.Any(held => held.Tenant == tenant && held.Sha256 == session.Sha256))
            .GroupBy(session => session.Sha256).Select(sessions => sessions.Max(session => session.Size)).SumAsync(cancellationToken);
    }
}

/// <param name="Usage">What the tenant holds.</param>
/// <param name="Limits">What it may hold.</param>
/// <param name="AnnouncedBytes">What its uploads under way will bring.</param>
internal sealed record StorageUse(TenantUsage Usage, StorageLimits Limits, long AnnouncedBytes);

/// <param name="After">What the tenant holds then, with as much uncounted as what comes takes at most.</param>
/// <param name="Size">How many bytes of files come.</param>
/// <param name="StoredBytes">What they take at most.</param>
/// <param name="Plan">What they take; null: not known, or not any more.</param>
internal sealed record UsageChange(TenantUsage After, long Size, long StoredBytes, UsagePlan? Plan);
