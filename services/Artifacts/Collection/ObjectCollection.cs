using Microsoft.EntityFrameworkCore;
using ModelGarden.Artifacts.Files;
using ModelGarden.Artifacts.Objects;

namespace ModelGarden.Artifacts.Collection;

/// <summary>Deletes objects: those that lost their name so long ago that no reader is at them, and those of writers that died before they gave them one.</summary>
internal sealed class ObjectCollection(IDbContextFactory<ArtifactsDbContext> contexts, IObjectStore objects)
{
    private const int PageSize = 500;

    public async Task CollectAsync(CollectionRun run, CancellationToken cancellationToken)
    {
        await CollectGarbageAsync(run, cancellationToken);
        var page = new List<ObjectKey>();
        await foreach (var entry in objects.ListAsync(ObjectKey.Xorbs, cancellationToken))
        {
            if (entry.WrittenAt < run.Before)
            {
                page.Add(entry.Key);
            }

            if (page.Count is PageSize)
            {
                await CollectNamelessAsync(run, page, cancellationToken);
                page.Clear();
            }
        }

        await CollectNamelessAsync(run, page, cancellationToken);
    }

    private async Task CollectGarbageAsync(CollectionRun run, CancellationToken cancellationToken)
    {
        var last = "";
        while (await GarbageAsync(run.Before, last, cancellationToken) is { Count: > 0 } page)
        {
            last = page[^1];
            run.Report.Objects += page.Count;
            if (!run.IsDry)
            {
                await DeleteGarbageAsync(page, cancellationToken);
            }
        }
    }

    private async Task<List<string>> GarbageAsync(DateTimeOffset before, string after, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Garbage.Where(row => row.Since < before && string.Compare(row.Object, after) > 0)
            .OrderBy(row => row.Object).Take(PageSize).Select(row => row.Object).ToListAsync(cancellationToken);
    }

    /// <summary>The object first: a row without an object is deleted again, an object without a row would wait for the listing.</summary>
    private async Task DeleteGarbageAsync(List<string> page, CancellationToken cancellationToken)
    {
        foreach (var key in page)
        {
            await objects.DeleteAsync(ObjectKey.FromStored(key), cancellationToken);
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await context.Garbage.Where(row => page.Contains(row.Object)).ExecuteDeleteAsync(cancellationToken);
    }

    private async Task CollectNamelessAsync(CollectionRun run, List<ObjectKey> page, CancellationToken cancellationToken)
    {
        var keys = page.ConvertAll(key => key.Value);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var named = await context.Xorbs.Where(row => keys.Contains(row.Object)).Select(row => row.Object)
            .Concat(context.Garbage.Where(row => keys.Contains(row.Object)).Select(row => row.Object)).ToListAsync(cancellationToken);
        foreach (var key in page.Where(key => !named.Contains(key.Value)))
        {
            run.Report.Objects++;
            if (!run.IsDry)
            {
                await objects.DeleteAsync(key, cancellationToken);
            }
        }
    }
}
