using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Chunks;

/// <summary>What a file is made of, in order. The empty file has no terms.</summary>
/// <param name="Hash">The file's Xet hash.</param>
/// <param name="Terms">Runs of chunks.</param>
internal sealed record FileLayout(XetHash Hash, IReadOnlyList<Term> Terms)
{
    private const byte Version = 1;

    /// <summary>In bytes.</summary>
    public long Size { get; } = Terms.Sum(term => term.Length);

    public IEnumerable<long> Xorbs => Terms.Select(term => term.Xorb).Distinct();

    /// <summary>For a database row: a version, then four variable-length numbers a term.</summary>
    public byte[] ToBytes()
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write(Version);
        foreach (var term in Terms)
        {
            writer.Write7BitEncodedInt64(term.Xorb);
            writer.Write7BitEncodedInt(term.First);
            writer.Write7BitEncodedInt(term.End - term.First);
            writer.Write7BitEncodedInt64(term.Length);
        }

        writer.Flush();
        return bytes.ToArray();
    }

    public static FileLayout FromBytes(XetHash hash, byte[] stored)
    {
        using var bytes = new MemoryStream(stored);
        using var reader = new BinaryReader(bytes);
        if (reader.ReadByte() is not Version)
        {
            throw new InvalidDataException($"the layout of file {hash} has a version that this garden does not know");
        }

        var terms = new List<Term>();
        while (bytes.Position < bytes.Length)
        {
            var (xorb, first) = (reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt());
            terms.Add(new(xorb, first, first + reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt64()));
        }

        return new(hash, terms);
    }
}
