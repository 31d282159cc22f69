using System.Globalization;

namespace ModelGarden.Catalog.Origins;

/// <summary>Where a list of an origin's files goes on.</summary>
/// <param name="Revision">Whose files are held against the record: as asked for, then the commit that this was.</param>
/// <param name="Number">The record; 0: the newest in that history.</param>
/// <param name="After">The file before the next one; empty: none yet.</param>
/// <param name="Place">The row of upstream's list that was come to with the next one.</param>
/// <param name="Counts">How many files there are of each state; null: they are still to be counted.</param>
internal sealed record OriginPage(string Revision, long Number, string After, int Place, OriginCounts? Counts)
{
    public static Result<OriginPage> Of(GetOriginRequest request) => PageToken.Read(request.PageToken, 8) switch
    {
        { Error: { } error } => error,
        { Value: [] } => new OriginPage(request.Revision, request.Number, "", 0, null),
        { Value: [var commit, var after, .. var texts] } when texts.Select(Count).ToArray() is [{ } number, { } place, { } same, { } changed, { } added, { } removed] =>
            new OriginPage(commit, number, after, place, new(same, changed, added, removed)),
        _ => Error.Invalid("BAD_PAGE_TOKEN", "page_token is not one that a list of an origin's files answered: begin with an empty one"),
    };

    public string Write() => Counts is not var (same, changed, added, removed) ? throw new InvalidOperationException("nothing was counted")
        : PageToken.Write([Revision, After, .. new long[] { Number, Place, same, changed, added, removed }.Select(number => number.ToString(CultureInfo.InvariantCulture))]);

    private static int? Count(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}

/// <summary>How many files there are of each state.</summary>
internal sealed record OriginCounts(int Same, int Changed, int Added, int Removed)
{
    /// <summary>With one more.</summary>
    public OriginCounts And(OriginFileState state) => state switch
    {
        OriginFileState.Same => this with { Same = Same + 1 },
        OriginFileState.Changed => this with { Changed = Changed + 1 },
        OriginFileState.Added => this with { Added = Added + 1 },
        _ => this with { Removed = Removed + 1 },
    };
}
