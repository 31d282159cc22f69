using System.Data;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Artifacts.Files;
using ModelGarden.Artifacts.Quotas;
using ModelGarden.Xet;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Quotas;

/// <summary>Computes every tenant's usage anew from its files, and compares.</summary>
internal static class UsageProof
{
    /// <summary>Files and their sizes at any time, what they take at most too; exactly what they take when all that waits is counted.</summary>
    public static async Task AssertAsync(ArtifactsGarden garden)
    {
        await CompareAsync(garden, (usage, stored) => Assert.InRange(stored, 0, usage.StoredBytes + usage.UncountedBytes));
        await DrainAsync(garden);
        await CompareAsync(garden, (usage, stored) => Assert.Equal((stored, 0), (usage.StoredBytes, usage.UncountedBytes)));
        await using var context = await garden.Part<IDbContextFactory<ArtifactsDbContext>>().CreateDbContextAsync(Cancel);
        Assert.False(await context.TenantChunks.AnyAsync(known => !context.FileXorbs.Any(needed => needed.Xorb == known.Xorb), Cancel));
    }

    /// <summary>Has all counted that waits, as its worker does.</summary>
    public static async Task DrainAsync(ArtifactsGarden garden)
    {
        var counter = garden.Part<UsageCounter>();
        await foreach (var waiting in counter.WaitingAsync(null, Cancel))
        {
            using var turn = await counter.EnterAsync(waiting.Tenant, Cancel);
            await counter.CountAsync(waiting, Cancel);
        }
    }

    // One transaction, for the worker goes on meanwhile.
    private static async Task CompareAsync(ArtifactsGarden garden, Action<TenantUsage, long> compare)
    {
        await using var context = await garden.Part<IDbContextFactory<ArtifactsDbContext>>().CreateDbContextAsync(Cancel);
        await using var snapshot = await context.Database.BeginTransactionAsync(IsolationLevel.Serializable, Cancel);
        var held = (await context.TenantFiles.ToListAsync(Cancel)).ToLookup(row => row.Tenant);
        var usages = await context.Usages.ToListAsync(Cancel);
        Assert.Empty(held.Select(tenant => tenant.Key).Except(usages.Select(usage => usage.Tenant)));
        foreach (var usage in usages)
        {
            var files = held[usage.Tenant].Select(row => row.Sha256).ToList();
            var logical = await context.Files.Where(file => files.Contains(file.Sha256)).SumAsync(file => file.Size, Cancel);
            Assert.Equal((files.Count, logical, held[usage.Tenant].Sum(row => row.UncountedBytes)), (usage.Files, usage.LogicalBytes, usage.UncountedBytes));
            compare(usage, await StoredAsync(context, files));
        }
    }

    private static async Task<long> StoredAsync(ArtifactsDbContext context, List<string> files)
    {
        var xorbs = (await context.Xorbs.ToListAsync(Cancel)).ToDictionary(row => row.Id, row => row.ToStoredXorb().Index);
        var lengths = new Dictionary<XetHash, int>();
        var layouts = await context.Layouts.Where(row => files.Contains(row.Sha256)).ToListAsync(Cancel);
        var places = layouts.SelectMany(row => row.ToLayout().Terms).SelectMany(term => Enumerable.Range(term.First, term.End - term.First).Select(number => (term.Xorb, Number: number)));
        foreach (var (xorb, number) in places.Order())
        {
            lengths.TryAdd(xorbs[xorb].Chunks[number].Hash, xorbs[xorb].Start(number + 1) - xorbs[xorb].Start(number));
        }

        return lengths.Values.Sum(length => (long)length);
    }
}
