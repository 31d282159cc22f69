using Microsoft.Extensions.Caching.Memory;
using ModelGarden.Catalog.Objects;

namespace ModelGarden.Catalog.Comparing;

/// <summary>What differs between two trees, in memory for the next page of it: trees never change. Bounded by the number of differences; the repository is part of the key.</summary>
internal sealed class ComparisonCache : IDisposable
{
    // About 500 bytes each: 50 MB at most.
    private const int MaximumDifferences = 100_000;
    private readonly MemoryCache _comparisons = new(new MemoryCacheOptions { SizeLimit = MaximumDifferences });

    public async Task<IReadOnlyList<FileDifference>> CompareAsync(string repositoryId, TreeReader trees, ObjectId before, ObjectId after, CancellationToken cancellationToken)
    {
        var key = (repositoryId, before, after);
        if (_comparisons.TryGetValue(key, out IReadOnlyList<FileDifference>? known))
        {
            return known!;
        }

        var all = await new TreeComparison(trees).CompareAsync(before, after, cancellationToken);
        return _comparisons.Set(key, all, new MemoryCacheEntryOptions { Size = all.Count + 1 });
    }

    public void Dispose() => _comparisons.Dispose();
}
