using ModelGarden.Search.Documents;
using ModelGarden.Search.Queries;

namespace ModelGarden.Search.Engines.Embedded.Segments;

/// <summary>What a segment holds of a row beside its terms.</summary>
/// <param name="Readership">Who sees it.</param>
/// <param name="Numbers">In the order of <see cref="Sorts"/>.</param>
/// <param name="Parameters">Null: not known.</param>
internal readonly record struct Row(Readership Readership, double[] Numbers, long? Parameters)
{
    /// <summary>The orders that are by a number.</summary>
    public static readonly SortOrder[] Sorts = [SortOrder.Downloads, SortOrder.Likes, SortOrder.Trending, SortOrder.Updated, SortOrder.Created, SortOrder.Parameters, SortOrder.Size];

    /// <summary>The orders that are held. Rows are numbered in the order of downloads, so that is not among them.</summary>
    public static readonly SortOrder[] HeldOrders = [.. Sorts.Except([SortOrder.Downloads]), SortOrder.Name];
}
