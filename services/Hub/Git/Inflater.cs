using ModelGarden.Kernel;

namespace ModelGarden.Hub.Git;

/// <summary>
/// Unpacks one zlib stream (RFC 1950, 1951) and stops right behind it: in a pack the next object begins there, which .NET's own stream cannot tell.
/// Managed code alone, so that what a stranger packed can be wrong, not dangerous.
/// </summary>
internal sealed class Inflater(PackSource source)
{
    private const int MaximumBits = 15;
    private static readonly ushort[] LengthBase = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
    private static readonly byte[] LengthBits = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
    private static readonly ushort[] DistanceBase = [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577];
    private static readonly byte[] DistanceBits = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];
    private static readonly byte[] CodeOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
    private static readonly Huffman FixedLengths = Huffman.Of([.. Enumerable.Range(0, 288).Select(i => (byte)(i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8))]);
    private static readonly Huffman FixedDistances = Huffman.Of([.. Enumerable.Repeat((byte)5, 30)]);
    private uint _bits;
    private int _count;

    /// <summary>Fills the whole output, which must be just as long as the stream's content is.</summary>
    public void Inflate(Span<byte> output)
    {
        (_bits, _count) = (0, 0);
        var header = (source.Next() << 8) | source.Next();
        if ((header & 0x0f20) is not 0x0800 || header % 31 is not 0)
        {
            throw Bad("an object is not packed with zlib");
        }

        var at = 0;
        var isLast = false;
        while (!isLast)
        {
            isLast = Bits(1) is 1;
            at = Bits(2) switch
            {
                0 => Stored(output, at),
                1 => Compressed(output, at, FixedLengths, FixedDistances),
                2 => Dynamic(output, at),
                _ => throw Bad("a block of an object has an unknown type"),
            };
        }

        // Whole bytes were taken as they were needed: what is left of the last one is padding.
        var sum = ((uint)source.Next() << 24) | ((uint)source.Next() << 16) | ((uint)source.Next() << 8) | (uint)source.Next();
        if (at != output.Length || sum != Adler32(output))
        {
            throw Bad(at != output.Length ? $"an object has {at} bytes and not the {output.Length} that are announced" : "an object's checksum is wrong");
        }
    }

    public static ErrorException Bad(string fault) => new(Error.Invalid("BAD_PACK", $"the pack is broken: {fault}"));

    private int Stored(Span<byte> output, int at)
    {
        (_bits, _count) = (0, 0);
        var length = source.Next() | (source.Next() << 8);
        if ((source.Next() | (source.Next() << 8)) != (length ^ 0xffff) || length > output.Length - at)
        {
            throw Bad("a stored block of an object has a wrong length");
        }

        source.Read(output.Slice(at, length));
        return at + length;
    }

    private int Dynamic(Span<byte> output, int at)
    {
        var (lengths, distances, codes) = (Bits(5) + 257, Bits(5) + 1, Bits(4) + 4);
        Span<byte> sizes = stackalloc byte[320];
        sizes.Clear();
        for (var i = 0; i < codes; i++)
        {
            sizes[CodeOrder[i]] = (byte)Bits(3);
        }

        var code = Huffman.Of(sizes[..19]);
        sizes.Clear();
        for (var i = 0; i < lengths + distances;)
        {
            var symbol = Decode(code);
            var (value, repeat) = symbol switch
            {
                < 16 => ((byte)symbol, 1),
                16 when i > 0 => (sizes[i - 1], 3 + Bits(2)),
                17 => ((byte)0, 3 + Bits(3)),
                18 => ((byte)0, 11 + Bits(7)),
                _ => throw Bad("an object's code begins with a repetition"),
            };
            if (i + repeat > lengths + distances)
            {
                throw Bad("an object's code has too many lengths");
            }

            sizes.Slice(i, repeat).Fill(value);
            i += repeat;
        }

        return Compressed(output, at, Huffman.Of(sizes[..lengths]), Huffman.Of(sizes.Slice(lengths, distances)));
    }

    private int Compressed(Span<byte> output, int at, Huffman lengths, Huffman distances)
    {
        while (true)
        {
            var symbol = Decode(lengths);
            if (symbol is 256)
            {
                return at;
            }

            if (symbol < 256)
            {
                if (at == output.Length)
                {
                    throw TooLong(output.Length);
                }

                output[at++] = (byte)symbol;
                continue;
            }

            at = Copy(output, at, symbol - 257, distances);
        }
    }

    private int Copy(Span<byte> output, int at, int symbol, Huffman distances)
    {
        if (symbol >= LengthBase.Length)
        {
            throw Bad("an object has an unknown length");
        }

        var length = LengthBase[symbol] + Bits(LengthBits[symbol]);
        var code = Decode(distances);
        if (code >= DistanceBase.Length)
        {
            throw Bad("an object has an unknown distance");
        }

        var distance = DistanceBase[code] + Bits(DistanceBits[code]);
        if (distance > at || length > output.Length - at)
        {
            throw distance > at ? Bad("an object reaches behind its beginning") : TooLong(output.Length);
        }

        // Byte by byte: what is copied may be what has just been written.
        for (var end = at + length; at < end; at++)
        {
            output[at] = output[at - distance];
        }

        return at;
    }

    private int Bits(int count)
    {
        while (_count < count)
        {
            _bits |= (uint)source.Next() << _count;
            _count += 8;
        }

        var value = (int)(_bits & ((1u << count) - 1));
        _bits >>= count;
        _count -= count;
        return value;
    }

    // Bit by bit along the code's lengths: no byte is taken that is not needed, and a table is made in no time.
    private int Decode(Huffman huffman)
    {
        var (code, first, index) = (0, 0, 0);
        for (var length = 1; length <= MaximumBits; length++)
        {
            if (_count is 0)
            {
                (_bits, _count) = ((uint)source.Next(), 8);
            }

            code |= (int)(_bits & 1);
            _bits >>= 1;
            _count--;
            var count = huffman.Counts[length];
            if (code - count < first)
            {
                return huffman.Symbols[index + (code - first)];
            }

            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }

        throw Bad("an object has an unknown code");
    }

    private static uint Adler32(ReadOnlySpan<byte> bytes)
    {
        var (low, high) = (1u, 0u);
        while (bytes.Length > 0)
        {
            // So many sums fit into 32 bits.
            var part = bytes[..Math.Min(bytes.Length, 5552)];
            foreach (var one in part)
            {
                low += one;
                high += low;
            }

            (low, high) = (low % 65521, high % 65521);
            bytes = bytes[part.Length..];
        }

        return (high << 16) | low;
    }

    private static ErrorException TooLong(int length) => Bad($"an object is longer than the {length} bytes that are announced");

    /// <summary>A canonical code: how many symbols there are of each length, and the symbols in the order of their codes.</summary>
    private sealed record Huffman(ushort[] Counts, ushort[] Symbols)
    {
        public static Huffman Of(ReadOnlySpan<byte> sizes)
        {
            var counts = new ushort[MaximumBits + 1];
            foreach (var size in sizes)
            {
                counts[size]++;
            }

            counts[0] = 0;
            var left = 1;
            Span<int> offsets = stackalloc int[MaximumBits + 2];
            for (var length = 1; length <= MaximumBits; length++)
            {
                left = (left << 1) - counts[length];
                if (left < 0)
                {
                    throw Bad("an object's code has more symbols than fit");
                }

                offsets[length + 1] = offsets[length] + counts[length];
            }

            var symbols = new ushort[sizes.Length];
            for (var symbol = 0; symbol < sizes.Length; symbol++)
            {
                if (sizes[symbol] > 0)
                {
                    symbols[offsets[sizes[symbol]]++] = (ushort)symbol;
                }
            }

            return new(counts, symbols);
        }
    }
}
