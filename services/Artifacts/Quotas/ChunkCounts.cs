namespace ModelGarden.Artifacts.Quotas;

/// <summary>For each chunk of a xorb how many files of a tenant need it. A file counts once, however often it has the chunk.</summary>
internal sealed class ChunkCounts
{
    private const byte Version = 1;
    private readonly int[] _counts;

    private ChunkCounts(int[] counts) => _counts = counts;

    public bool IsEmpty => !_counts.AsSpan().ContainsAnyExcept(0);

    public bool IsNeeded(int number) => _counts[number] > 0;

    public static ChunkCounts None(int chunks) => new(new int[chunks]);

    /// <summary>For a database row: a version, then runs of equal counts, each as its length and the count.</summary>
    public static ChunkCounts FromBytes(byte[] stored, int chunks)
    {
        using var reader = new BinaryReader(new MemoryStream(stored));
        if (reader.ReadByte() is not Version)
        {
            throw new InvalidDataException("the counts of a tenant's chunks have a version that this garden does not know");
        }

        var counts = new int[chunks];
        for (var at = 0; at < chunks;)
        {
            var length = reader.Read7BitEncodedInt();
            counts.AsSpan(at, length).Fill(reader.Read7BitEncodedInt());
            at += length;
        }

        return new(counts);
    }

    public byte[] ToBytes()
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write(Version);
        for (var at = 0; at < _counts.Length;)
        {
            var rest = _counts.AsSpan(at);
            var length = rest.IndexOfAnyExcept(rest[0]) is var other and > 0 ? other : rest.Length;
            writer.Write7BitEncodedInt(length);
            writer.Write7BitEncodedInt(rest[0]);
            at += length;
        }

        writer.Flush();
        return bytes.ToArray();
    }

    /// <summary>The counts after a change, which may leave out chunks at the end; null: more files would give a chunk back than need it.</summary>
    public ChunkCounts? TryWith(ReadOnlySpan<int> change)
    {
        var counts = (int[])_counts.Clone();
        for (var number = 0; number < change.Length; number++)
        {
            counts[number] += change[number];
            if (counts[number] < 0)
            {
                return null;
            }
        }

        return new(counts);
    }
}
