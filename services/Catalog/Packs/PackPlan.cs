namespace ModelGarden.Catalog.Packs;

/// <summary>What someone wants of a history, has of it, and how deep he wants it.</summary>
internal sealed record PackWish
{
    public required IReadOnlyList<PackedId> Wants { get; init; }

    public IReadOnlyList<PackedId> Haves { get; init; } = [];

    /// <summary>Commits that he has without their parents.</summary>
    public IReadOnlySet<PackedId> Shallow { get; init; } = new HashSet<PackedId>();

    /// <summary>0: all of it.</summary>
    public int Depth { get; init; }

    public bool IsDepthRelative { get; init; }

    /// <summary>In seconds since 1970; null: all of it.</summary>
    public long? Since { get; init; }

    public IReadOnlyList<PackedId> Exclude { get; init; } = [];

    public bool IsDeepening => Depth > 0 || Since is not null || Exclude.Count > 0;
}

/// <summary>Which commits are sent, and where the asker's history ends then. Pure.</summary>
internal sealed record PackPlan
{
    public required IReadOnlyList<PackedId> Send { get; init; }

    /// <summary>Commits that he has, next to those that are sent: what is in their trees is not sent again.</summary>
    public required IReadOnlyList<PackedId> Edges { get; init; }

    public required IReadOnlyList<PackedId> Shallow { get; init; }

    public required IReadOnlyList<PackedId> Unshallow { get; init; }

    public static PackPlan Make(CommitGraph graph, PackWish wish)
    {
        var cut = wish.IsDeepening ? Boundary(graph, wish) : wish.Shallow;
        var had = graph.Closure(wish.Haves, wish.Shallow);
        var wanted = graph.Closure(wish.Wants, cut);
        var send = wanted.Where(id => !had.Contains(id)).ToList();
        var grafted = wanted.Where(id => graph.Nodes[id].IsGrafted);
        var ends = wish.IsDeepening ? cut.Where(wanted.Contains).Concat(grafted).Distinct() : grafted;
        return new()
        {
            Send = send,
            Edges = EdgesOf(graph, wanted, had, cut),
            Shallow = [.. ends.Where(id => !wish.Shallow.Contains(id))],
            Unshallow = wish.IsDeepening ? [.. wish.Shallow.Where(id => wanted.Contains(id) && !cut.Contains(id) && !graph.Nodes[id].IsGrafted)] : [],
        };
    }

    /// <summary>The commits behind which nothing is sent.</summary>
    private static HashSet<PackedId> Boundary(CommitGraph graph, PackWish wish)
    {
        if (wish.Depth > 0)
        {
            return AtDepth(graph, wish);
        }

        var without = graph.Closure(wish.Exclude);
        var wants = wish.Wants.ToHashSet();
        bool IsIn(PackedId id) => wants.Contains(id) || (!without.Contains(id) && (wish.Since is not { } since || graph.Nodes[id].At >= since));
        return [.. graph.Closure(wish.Wants).Where(id => IsIn(id) && !graph.Nodes[id].Parents.All(IsIn))];
    }

    private static HashSet<PackedId> AtDepth(CommitGraph graph, PackWish wish)
    {
        var starts = wish.IsDepthRelative ? graph.Closure(wish.Wants).Where(wish.Shallow.Contains) : wish.Wants;
        var depth = wish.IsDepthRelative ? wish.Depth + 1L : wish.Depth;
        var (level, seen) = (starts.ToHashSet(), new HashSet<PackedId>());
        for (var at = 1L; at < depth && level.Count > 0; at++)
        {
            seen.UnionWith(level);
            level = [.. level.SelectMany(id => graph.Nodes[id].Parents).Where(id => !seen.Contains(id))];
        }

        return [.. level.Where(id => !seen.Contains(id) && graph.Nodes[id].Parents.Length > 0)];
    }

    private static List<PackedId> EdgesOf(CommitGraph graph, HashSet<PackedId> wanted, HashSet<PackedId> had, IReadOnlySet<PackedId> cut)
    {
        var edges = new HashSet<PackedId>();
        foreach (var id in wanted.Where(id => !cut.Contains(id)))
        {
            // Parents that he has of commits that he gets; and, when his history is deepened, the other way round.
            var isHad = had.Contains(id);
            var others = graph.Nodes[id].Parents.Where(parent => had.Contains(parent) != isHad).ToList();
            edges.UnionWith(isHad && others.Count > 0 ? [id] : isHad ? [] : others);
        }

        return [.. edges];
    }
}
