using ModelGarden.Kernel;
namespace ModelGarden.Xet;
internal sealed class XorbIndex
{
    public required XetHash Hash { get; init; }
    public List<XetHash> Hashes { get; } = [];
    public List<int> Ends { get; } = [];
    public List<int> StoredEnds { get; } = [];
    public int Count => Hashes.Count;
    public long StoredLength => StoredEnds[^1];
    public XetHash HashOf(int n) => Hashes[n];
    public int LengthOf(int n) => Ends[n] - (int)StartOf(n);
    public long StartOf(int n) => n == 0 ? 0 : Ends[n - 1];
    public long StoredStartOf(int n) => n == 0 ? 0 : StoredEnds[n - 1];
    public long StoredEndOf(int n) => StoredEnds[n];
    public int NumberAt(long offset) { var i = Ends.BinarySearch((int)offset); return i >= 0 ? i + 1 : ~i; }
    public byte[] ToBytes()
    {
        using var m = new MemoryStream(); using var w = new BinaryWriter(m);
        w.Write(Hash.ToArray());
        for (var i = 0; i < Count; i++) { w.Write(Hashes[i].ToArray()); w.Write(Ends[i]); w.Write(StoredEnds[i]); }
        w.Flush(); return m.ToArray();
    }
    public static Result<XorbIndex> FromBytes(byte[] b)
    {
        var x = new XorbIndex { Hash = XetHash.FromBytes(b.AsSpan(0, 32)) };
        for (var i = 32; i < b.Length; i += 40) { x.Hashes.Add(XetHash.FromBytes(b.AsSpan(i, 32))); x.Ends.Add(BitConverter.ToInt32(b, i + 32)); x.StoredEnds.Add(BitConverter.ToInt32(b, i + 36)); }
        return x;
    }
}
internal sealed class XorbBuilder
{
    public const int LongestChunk = 8 + 131072;
    private readonly List<XetHash> _h = []; private readonly List<int> _e = [], _s = [];
    public bool IsFull => _h.Count >= 8192 || (_s.Count > 0 && _s[^1] + LongestChunk > 64 << 20);
    public int Append(XetHash hash, ReadOnlySpan<byte> chunk, Span<byte> to)
    {
        to[0] = 0; to[1] = (byte)chunk.Length; to[2] = (byte)(chunk.Length >> 8); to[3] = (byte)(chunk.Length >> 16); to[4] = 0; to[1..4].CopyTo(to[5..]);
        chunk.CopyTo(to[8..]);
        _h.Add(hash); _e.Add((_e.Count > 0 ? _e[^1] : 0) + chunk.Length); _s.Add((_s.Count > 0 ? _s[^1] : 0) + chunk.Length + 8);
        return chunk.Length + 8;
    }
    public XorbIndex Build()
    {
        var c = _h.Select((h, i) => new Chunk(h, _e[i] - (i > 0 ? _e[i - 1] : 0))).ToArray();
        var x = new XorbIndex { Hash = XetHashes.OfXorb(c) };
        x.Hashes.AddRange(_h); x.Ends.AddRange(_e); x.StoredEnds.AddRange(_s);
        return x;
    }
}
internal static class ChunkDecoder
{
    public static Result<int> Decode(ReadOnlySpan<byte> stored, Span<byte> raw) { stored[8..].CopyTo(raw); return raw.Length; }
}
