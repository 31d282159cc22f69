using Microsoft.EntityFrameworkCore;
using ModelGarden.Artifacts.Files;
using ModelGarden.Artifacts.Quotas;
using ModelGarden.Persistence;

namespace ModelGarden.Artifacts.Collection;

/// <summary>
/// Has tenants let go of files that stay since others have them: what none of a tenant's own repositories has, and what it has not named lately. Who sends the file again has it again.
/// The last one keeps it: an operator may have put it into the repository of a tenant that never sent it.
/// What a checkpoint was converted to is held as long as the checkpoint is.
/// </summary>
internal sealed class HoldCollection(IDbContextFactory<ArtifactsDbContext> contexts, CatalogFiles catalog)
{
    private const int PageSize = 500;

    public async Task CollectAsync(CollectionRun run, CancellationToken cancellationToken)
    {
        var (sha256, tenant) = ("", "");
        while (await UnnamedAsync(run.Before, sha256, tenant, cancellationToken) is { Count: > 0 } page)
        {
            (sha256, tenant) = (page[^1].Sha256, page[^1].Tenant);
            var used = await catalog.UsedAsync(page, cancellationToken);
            foreach (var held in page.Where(held => !used.Contains((held.Tenant, held.Sha256)) && !run.IsGone(held.Sha256)))
            {
                run.Report.Holds += run.IsDry ? 1 : await ReleaseAsync(held, run.Before, cancellationToken);
            }
        }
    }

    private async Task<List<TenantFile>> UnnamedAsync(DateTimeOffset before, string sha256, string tenant, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.TenantFiles
            .Where(held => held.NamedAt < before && (string.Compare(held.Sha256, sha256) > 0 || (held.Sha256 == sha256 && string.Compare(held.Tenant, tenant) > 0))
                && context.TenantFiles.Any(other => other.Sha256 == held.Sha256 && other.Tenant != held.Tenant)
                && !context.Conversions.Any(made => made.Target == held.Sha256 && context.TenantFiles.Any(source => source.Tenant == held.Tenant && source.Sha256 == made.Source)))
            .OrderBy(held => held.Sha256).ThenBy(held => held.Tenant).Take(PageSize).ToListAsync(cancellationToken);
    }

    /// <summary>Takes a file from those who have not named it lately, or from one of them, and out of their usage, within the caller's transaction. How many that were.</summary>
    public static async Task<int> LetGoAsync(ArtifactsDbContext context, FileRow file, DateTimeOffset before, string? tenant, CancellationToken cancellationToken)
    {
        await FileRow.LockAsync(context, file.Sha256, cancellationToken);
        var layout = await UsageLedger.LockLayoutAsync(context, file.Sha256, cancellationToken);
        var holders = await context.TenantFiles.Where(held => held.Sha256 == file.Sha256 && held.NamedAt < before && (tenant == null || held.Tenant == tenant)).ToListAsync(cancellationToken);
        var gone = 0;
        foreach (var held in holders.OrderBy(held => held.Tenant, StringComparer.Ordinal))
        {
            if (await context.TenantFiles.Where(row => row.Tenant == held.Tenant && row.Sha256 == held.Sha256 && row.NamedAt < before).ExecuteDeleteAsync(cancellationToken) is 1)
            {
                await UsageLedger.LetGoAsync(context, held, file, layout, cancellationToken);
                gone++;
            }
        }

        return gone;
    }

    /// <summary>0: the tenant has named it meanwhile, or is the last one to have it.</summary>
    private Task<int> ReleaseAsync(TenantFile held, DateTimeOffset before, CancellationToken cancellationToken) => contexts.TransactAsync(
        async (context, transaction) =>
        {
            if (await context.Files.SingleOrDefaultAsync(row => row.Sha256 == held.Sha256, cancellationToken) is not { } file)
            {
                return 0;
            }

            var gone = await LetGoAsync(context, file, before, held.Tenant, cancellationToken);
            if (!await context.TenantFiles.AnyAsync(other => other.Sha256 == held.Sha256, cancellationToken))
            {
                return 0;
            }

            await transaction.CommitAsync(cancellationToken);
            return gone;
        },
        cancellationToken);
}
