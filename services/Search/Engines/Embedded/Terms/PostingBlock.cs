using System.Runtime.InteropServices;

namespace ModelGarden.Search.Engines.Embedded.Terms;

/// <summary>What is known of a block of postings without unpacking it.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal readonly record struct PostingBlock(int LastRow, int End, byte MaximumWeight, byte RowBits, byte WeightBits, byte Unused)
{
    /// <summary>Postings in each block but the last one.</summary>
    public const int Size = 128;
}
