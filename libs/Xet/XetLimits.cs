namespace ModelGarden.Xet;

/// <summary>The limits of the Xet format (xet.md 1.1, 3.3, traps 4 and 5), in bytes and counts.</summary>
public static class XetLimits
{
    /// <summary>The longest chunk, uncompressed. The shortest is one byte: a minimum cannot be demanded of others.</summary>
    public const int Chunk = 128 * 1024;

    /// <summary>The longest payload of a chunk that is read.</summary>
    public const int Payload = 256 * 1024;

    /// <summary>The most chunks of a xorb.</summary>
    public const int XorbChunks = 8192;

    /// <summary>The longest xorb that is written: headers and payloads.</summary>
    public const int XorbWritten = 64 * 1024 * 1024;

    /// <summary>The longest xorb that is read, without a footer: 64 MiB of incompressible data and the chunks' headers.</summary>
    public const int XorbRead = XorbWritten + (XorbChunks * ChunkHeader.Size);

    /// <summary>The longest shard.</summary>
    public const int Shard = 64 * 1024 * 1024;
}
