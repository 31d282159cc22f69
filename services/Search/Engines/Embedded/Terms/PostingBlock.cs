using System.Runtime.InteropServices;

namespace ModelGarden.Search.Engines.Embedded.Terms;

/// <summary>What is known of a block of postings without unpacking it.</summary>
/// <param name="LastRow">In the block.</param>
/// <param name="End">Where its bytes end.</param>
/// <param name="MaximumWeight">Of its rows.</param>
/// <param name="RowBits">Of each gap between rows.</param>
/// <param name="WeightBits">Of each weight.</param>
/// <param name="PositionBits">Of each position, above the four lowest bits; these: of each number of positions, or <see cref="OneEach"/>.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal readonly record struct PostingBlock(int LastRow, int End, byte MaximumWeight, byte RowBits, byte WeightBits, byte PositionBits)
{
    /// <summary>Postings in each block but the last one.</summary>
    public const int Size = 128;

    /// <summary>In place of a width: each row has the term in one position.</summary>
    public const int OneEach = 15;
}
