namespace ModelGarden.Search.Engines.Embedded.Terms;

/// <summary>What a segment holds of a term.</summary>
/// <param name="rows">That have it, rising, at least one.</param>
/// <param name="weights">Of each row, 1 to 255.</param>
/// <param name="counts">Of each row in how many positions it has the term; empty: in none.</param>
/// <param name="positions">Of all rows, one row after the other, each row's rising; below <see cref="MostPositions"/>.</param>
internal readonly ref struct TermRows(ReadOnlySpan<int> rows, ReadOnlySpan<byte> weights, ReadOnlySpan<ushort> counts, ReadOnlySpan<ushort> positions)
{
    /// <summary>Words behind so many others of a repository have no position. Both positions and how many a row has fit into fewer bits than <see cref="PostingBlock.OneEach"/>.</summary>
    public const int MostPositions = (1 << (PostingBlock.OneEach - 1)) - 1;

    public ReadOnlySpan<int> Rows { get; } = rows;

    public ReadOnlySpan<byte> Weights { get; } = weights;

    public ReadOnlySpan<ushort> Counts { get; } = counts;

    public ReadOnlySpan<ushort> Positions { get; } = positions;
}
