namespace ModelGarden.Xet;

/// <summary>How a chunk's payload is encoded (xet.md 3.2): the byte in its header.</summary>
public enum ChunkScheme : byte
{
    /// <summary>The payload is the chunk.</summary>
    None = 0,

    /// <summary>An LZ4 frame of the chunk.</summary>
    Lz4 = 1,

    /// <summary>An LZ4 frame of the chunk's four byte groups, one after the other.</summary>
    ByteGroupedLz4 = 2,

    /// <summary>What <see cref="PlaneEncoder"/> writes: this library's own, for chunks at rest. The format does not know it, so it goes to nobody and is taken from nobody.</summary>
    Planes = 128,
}
