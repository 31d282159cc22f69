namespace ModelGarden.Search.Engines.Embedded.Live;

/// <summary>
/// Which segments are to be made one: all that are in memory, for they must come to the disk; of those on the disk as many as make one of the next size; and each that
/// is dead for a good part. So a row is written again once a size, of which there are few.
/// </summary>
internal static class MergePlan
{
    /// <summary>How many segments of a size make one of the next.</summary>
    public const int Fan = 8;

    /// <summary>A segment in memory is no larger than that, and larger ones on the disk are left as they are: their sections stay below 2 GiB.</summary>
    private const long LargestMerged = 1536L << 20;
    private const int DeadShare = 3;

    public static IReadOnlyList<IReadOnlyList<SegmentView>> Of(IReadOnlyList<SegmentView> views)
    {
        var groups = new List<IReadOnlyList<SegmentView>>();
        if (views.Where(view => view.Segment.Name is null).ToList() is { Count: > 0 } inMemory)
        {
            groups.Add(inMemory);
        }

        foreach (var level in views.Where(view => view.Segment.Name is not null).GroupBy(view => LevelOf(view.Segment.Rows)))
        {
            if (level.Count() >= Fan && level.Sum(view => view.Segment.Length) <= LargestMerged)
            {
                groups.Add([.. level]);
            }
            else
            {
                groups.AddRange(level.Where(view => view.HasDead && view.CountAlive() < (long)view.Segment.Rows * (DeadShare - 1) / DeadShare).Select(view => (IReadOnlyList<SegmentView>)[view]));
            }
        }

        return groups;
    }

    /// <summary>The segments in memory that are to be made one now; none: there are few.</summary>
    public static IReadOnlyList<SegmentView> InMemory(IEnumerable<SegmentView> views) =>
        views.GroupBy(view => LevelOf(view.Segment.Rows)).Select(level => level.ToList()).FirstOrDefault(level => level.Count >= Fan) ?? [];

    private static int LevelOf(int rows) => (int)(Math.Log(Math.Max(rows, 1)) / Math.Log(Fan));
}
