namespace ModelGarden.Xet;

/// <summary>What is the same for many rows: the key, the mode, how wide to work, and whether the rows are chunks or parents.</summary>
internal readonly ref struct Blake3Job(ReadOnlySpan<uint> key, uint mode, Blake3Width width, bool chunks)
{
    private readonly uint _flags = chunks ? mode : mode | Blake3Block.Parent;

    public ReadOnlySpan<uint> Key { get; } = key;

    public Blake3Width Width { get; } = width;

    /// <summary>Chunks are numbered, parents are not.</summary>
    public bool IsNumbered { get; } = chunks;

    /// <summary>How many blocks a row has.</summary>
    public int Blocks { get; } = chunks ? Blake3Block.ChunkLength / Blake3Block.Length : 1;

    public uint Flags(int block) => !IsNumbered ? _flags : block switch
    {
        0 => _flags | Blake3Block.ChunkStart,
        _ when block == Blocks - 1 => _flags | Blake3Block.ChunkEnd,
        _ => _flags,
    };

    /// <summary>Compresses a single block, as this width does.</summary>
    public void Compress(Span<uint> value, ReadOnlySpan<byte> block, ulong counter, uint length, uint flags)
    {
        if (Width is Blake3Width.Lanes16 && Blake3Row.IsSupported)
        {
            Blake3Row.Compress(value, block, counter, length, flags);
        }
        else
        {
            Blake3Block.Compress(value, block, counter, length, flags);
        }
    }

    /// <summary>Compresses the root's block, as this width does.</summary>
    public void Expand(ReadOnlySpan<uint> value, ReadOnlySpan<byte> block, ulong counter, uint length, uint flags, Span<uint> output)
    {
        if (Width is Blake3Width.Lanes16 && Blake3Row.IsSupported)
        {
            Blake3Row.Expand(value, block, counter, length, flags, output);
        }
        else
        {
            Blake3Block.Expand(value, block, counter, length, flags, output);
        }
    }
}
