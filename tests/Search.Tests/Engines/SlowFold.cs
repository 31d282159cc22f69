using ModelGarden.Contracts.V1;

namespace ModelGarden.Search.Tests.Engines;

/// <summary>Under what something found stands in a folded list, written as plainly as can be.</summary>
internal static class SlowFold
{
    /// <summary>The last of its bases that are found; itself, if none is.</summary>
    public static Repository TopOf(Repository repository, IReadOnlyList<Repository> found)
    {
        var way = new List<Repository> { repository };
        while (BaseOf(way[^1], found) is { } its)
        {
            if (way.IndexOf(its) is >= 0 and var start)
            {
                return way.Skip(start).MinBy(other => other.Name.ToLowerInvariant(), StringComparer.Ordinal)!;
            }

            way.Add(its);
        }

        return way[^1];
    }

    private static Repository? BaseOf(Repository repository, IReadOnlyList<Repository> found) => repository.Record.Declared.BaseModels.OrderBy(name => name.ToUpperInvariant(), StringComparer.Ordinal)
        .Select(name => found.FirstOrDefault(other => other != repository && other.Kind is RepositoryKind.Model && other.Name.Equals(name, StringComparison.OrdinalIgnoreCase))).OfType<Repository>().FirstOrDefault();
}
