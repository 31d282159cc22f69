using ModelGarden.Catalog.Objects;

namespace ModelGarden.Catalog.Comparing;

/// <summary>
/// Pairs files that went with files that came and have the same content, as git does it for exact renames: new paths in order, for each the first
/// old path of the same file name, else the first, each old path once.
/// </summary>
internal static class ExactRenames
{
    // As many of the same content as git looks at for one new path: among thousands of empty files it stays quick.
    private const int MaximumCandidates = 100;

    public static IEnumerable<FileDifference> Pair(List<PlacedFile> deleted, List<PlacedFile> added)
    {
        var sources = deleted.OrderBy(file => file.Path, PathOrder.Bytes).GroupBy(file => file.Item.Oid).ToDictionary(group => group.Key, group => group.ToList());
        foreach (var file in added.OrderBy(file => file.Path, PathOrder.Bytes))
        {
            yield return new(sources.TryGetValue(file.Item.Oid, out var candidates) ? Take(candidates, file) : null, file);
        }

        foreach (var file in sources.Values.SelectMany(left => left))
        {
            yield return new(file, null);
        }
    }

    private static PlacedFile? Take(List<PlacedFile> candidates, PlacedFile file)
    {
        var fitting = candidates.Where(source => Fits(source.Item, file.Item)).Take(MaximumCandidates).ToList();
        var found = fitting.Find(source => source.Item.Name == file.Item.Name) ?? fitting.FirstOrDefault();
        if (found is not null)
        {
            candidates.Remove(found);
        }

        return found;
    }

    // Between a file and a link there is no rename, whatever they hold.
    private static bool Fits(TreeItem before, TreeItem after) => before.Mode == after.Mode || (IsRegular(before) && IsRegular(after));

    private static bool IsRegular(TreeItem item) => item.Mode.StartsWith("100", StringComparison.Ordinal);
}
