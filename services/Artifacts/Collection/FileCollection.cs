using Microsoft.EntityFrameworkCore;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Files;

namespace ModelGarden.Artifacts.Collection;

/// <summary>
/// Deletes the files that no repository has, and that were not made of one that is there. Who prepares a commit has named its files to this service lately, so what has been named lately stays: no commit
/// finds a file gone.
/// </summary>
internal sealed class FileCollection(IDbContextFactory<ArtifactsDbContext> contexts, CatalogFiles catalog)
{
    private const int PageSize = 500;

    public async Task CollectAsync(CollectionRun run, CancellationToken cancellationToken)
    {
        var last = "";
        while (await UnnamedAsync(run.Before, last, cancellationToken) is { Count: > 0 } page)
        {
            last = page[^1].Sha256;
            var used = await catalog.UsedAsync(page.ConvertAll(file => file.Sha256), cancellationToken);
            foreach (var file in page.Where(file => !used.Contains(file.Sha256)))
            {
                if (run.IsDry || await DeleteAsync(file, run.Before, cancellationToken))
                {
                    run.Gone(file);
                }
            }
        }
    }

    private async Task<List<FileRow>> UnnamedAsync(DateTimeOffset before, string after, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Files
            .Where(file => file.StoredAt < before && string.Compare(file.Sha256, after) > 0
                && !context.TenantFiles.Any(held => held.Sha256 == file.Sha256 && held.NamedAt >= before) && !context.Conversions.Any(made => made.Target == file.Sha256))
            .OrderBy(file => file.Sha256).Take(PageSize).ToListAsync(cancellationToken);
    }

    /// <summary>False: a tenant has named it meanwhile.</summary>
    private Task<bool> DeleteAsync(FileRow file, DateTimeOffset before, CancellationToken cancellationToken) => contexts.TryStepAsync(
        async context =>
        {
            var sha256 = file.Sha256;
            await HoldCollection.LetGoAsync(context, file, before, null, cancellationToken);
            await FileXorb.ReleaseAllAsync(context, sha256, cancellationToken);
            if (await context.Files.Where(row => row.Sha256 == sha256).ExecuteDeleteAsync(cancellationToken) is 0)
            {
                return false;
            }

            context.Announce($"file/{sha256}", null);
            await context.SaveChangesAsync(cancellationToken);
            return true;
        },
        cancellationToken);
}
