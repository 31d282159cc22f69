namespace ModelGarden.Xet;

/// <summary>Collects a xorb's chunks as they are read or written.</summary>
internal sealed class XorbIndexBuilder
{
    private readonly List<Chunk> _chunks = [];
    private readonly List<int> _ends = [];
    private readonly List<bool> _raw = [];
    private readonly MerkleTree _tree = new();

    public int Count => _chunks.Count;

    /// <summary>Headers and payloads so far, in bytes.</summary>
    public int Length { get; private set; }

    public void Add(Chunk chunk, ChunkHeader header)
    {
        Length += header.PhysicalLength;
        _chunks.Add(chunk);
        _ends.Add(Length);
        _raw.Add(header.Scheme is ChunkScheme.None);
        _tree.Append(chunk);
    }

    /// <summary>The index of what was added, of which there must be some.</summary>
    public XorbIndex Build() => new(_tree.Root(), [.. _chunks], [.. _ends], [.. _raw]);

    public void Clear()
    {
        Length = 0;
        _chunks.Clear();
        _ends.Clear();
        _raw.Clear();
        _tree.Clear();
    }
}
