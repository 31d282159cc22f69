
namespace ModelGarden.Xet.Tests;

/// <summary>Cuts whole inputs, in one read or in many.</summary>
internal static class Cutting
{
    /// <summary>The lengths of the chunks of <paramref name="bytes"/>, read in pieces as long as <paramref name="piece"/> says, whatever it says.</summary>
    public static List<int> Lengths(ReadOnlySpan<byte> bytes, Func<int>? piece = null)
    {
        var (chunker, lengths, current) = (new GearChunker(), new List<int>(), 0);
        while (!bytes.IsEmpty)
        {
            var read = bytes[..Math.Clamp(piece?.Invoke() ?? bytes.Length, 1, bytes.Length)];
            bytes = bytes[read.Length..];
            while (!read.IsEmpty)
            {
                var taken = chunker.Scan(read, out var boundary);
                current += taken;
                read = read[taken..];
                if (boundary)
                {
                    lengths.Add(current);
                    current = 0;
                }
            }
        }

        return current > 0 ? [.. lengths, current] : lengths;
    }

    public static Chunk[] Chunks(byte[] bytes) => Chunks(bytes, Lengths(bytes));

    public static Chunk[] Chunks(byte[] bytes, IEnumerable<int> lengths)
    {
        var start = 0;
        return [.. lengths.Select(length =>
        {
            start += length;
            return new Chunk(XetHashes.OfChunk(bytes.AsSpan(start - length, length)), length);
        })];
    }

    /// <summary>The rule of the specification, word for word.</summary>
    public static List<int> ByTheRule(ReadOnlySpan<byte> bytes)
    {
        var (lengths, hash, length) = (new List<int>(), 0UL, 0);
        var table = GearTable.Words;
        foreach (var b in bytes)
        {
            hash = 2 * hash + table[b];
            length++;
            if (length >= GearChunker.MaximumLength || (length >= GearChunker.MinimumLength && hash >> 48 is 0))
            {
                lengths.Add(length);
                (hash, length) = (0, 0);
            }
        }

        return length > 0 ? [.. lengths, length] : lengths;
    }
}
