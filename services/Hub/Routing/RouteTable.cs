using ModelGarden.Contracts.V1;
using RepositoryKind = ModelGarden.Contracts.V1.RepositoryKind;

namespace ModelGarden.Hub.Routing;

/// <summary>All operations that are served, found by verb and path.</summary>
internal sealed class RouteTable(IEnumerable<IEndpoints> endpoints)
{
    private const string FilesOf = "{prefix}";

    // A stable sort: among equals the order of registration counts.
    private readonly Entry[] _entries = [.. endpoints.SelectMany(group => group.Routes).SelectMany(Expand).OrderByDescending(entry => entry.Route.Weight)];

    /// <summary>The operation and its values; or the verbs that this path knows, none if it knows none.</summary>
    public (Found? Found, IReadOnlyCollection<string> Verbs) Find(string verb, IReadOnlyList<string> path)
    {
        var verbs = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (route, kind) in _entries)
        {
            if (route.Match(path) is not { } values)
            {
                continue;
            }

            if (route.Verbs.Contains(verb))
            {
                return (new(route, values, kind ?? Kinds.FromApi(values.GetValueOrDefault("kind", "models"))!.Value), verbs);
            }

            verbs.UnionWith(route.Verbs);
        }

        return (null, verbs);
    }

    // "/{prefix}/{ns}/…" stands for three patterns: models have no prefix.
    private static IEnumerable<Entry> Expand(HubRoute route) => route.Pattern.Contains(FilesOf, StringComparison.Ordinal)
        ? [.. new[] { RepositoryKind.Dataset, RepositoryKind.App, RepositoryKind.Model }
            .Select(kind => new Entry(new HubRoute(route.Methods, route.Pattern.Replace(FilesOf + "/", RepositoryPaths.PrefixOf(kind), StringComparison.Ordinal), route.Handle), kind))]
        : [new(route, null)];

    /// <summary>An operation, the values in its path, and the kind of repository that the path names.</summary>
    internal sealed record Found(HubRoute Route, IReadOnlyDictionary<string, string> Values, RepositoryKind Kind);

    private sealed record Entry(HubRoute Route, RepositoryKind? Kind);
}
