namespace ModelGarden.Catalog.Collections;

/// <summary>Something that has its place among others.</summary>
internal interface IPlaced
{
    long Position { get; set; }
}

/// <summary>Puts things in another order.</summary>
internal static class Arrangement
{
    /// <summary>
    /// Gives one thing this place among those that somebody sees, and numbers all of them. The others keep their order; what he does not see stays before or behind what it was
    /// before or behind.
    /// </summary>
    /// <param name="all">In their order, the moved one among them.</param>
    /// <param name="moved">One of them.</param>
    /// <param name="position">From 0; beyond those that he sees it becomes the last of all.</param>
    /// <param name="sees">Whether he sees one.</param>
    public static void Move<T>(IReadOnlyList<T> all, T moved, long position, Predicate<T> sees)
        where T : class, IPlaced
    {
        var others = all.Where(one => one != moved).ToList();
        var seen = others.FindAll(sees);
        others.Insert(position < seen.Count ? others.IndexOf(seen[(int)position]) : others.Count, moved);
        foreach (var (i, one) in others.Index())
        {
            one.Position = i;
        }
    }
}
