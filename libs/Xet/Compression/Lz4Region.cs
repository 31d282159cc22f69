namespace ModelGarden.Xet;

/// <summary>How hard matches are looked for.</summary>
public enum Lz4Effort
{
    /// <summary>Not at all: the region is copied.</summary>
    None,

    /// <summary>The last occurrence of the next four bytes, with growing steps where nothing is found: for what may not compress at all.</summary>
    Fast,

    /// <summary>The longer of two candidates, and of two neighbouring positions.</summary>
    Lazy,

    /// <summary>The longest of three candidates at every position, then the cheapest choice among them.</summary>
    Thorough,
}

/// <summary>A part of a chunk, from the end of the one before it, and the effort that it is worth.</summary>
/// <param name="End">Where it ends, exclusive, in bytes from the chunk's beginning.</param>
/// <param name="Effort">How hard matches are looked for in it.</param>
public readonly record struct Lz4Region(int End, Lz4Effort Effort);
