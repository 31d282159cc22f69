using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ModelGarden.Search.Engines.Embedded.Terms;

/// <summary>
/// Packs numbers into as many bits as the greatest of a block needs. A whole block of 128 is four lanes side by side, number <c>i</c> in lane <c>i mod 4</c>, so that
/// four come out at a time; a shorter one is packed in a row.
/// </summary>
internal static class BlockPacking
{
    private const int Lanes = 4;

    public static int LengthOf(int count, int bits) => count is PostingBlock.Size ? bits * 16 : ((count * bits) + 7) / 8;

    public static void Pack(ReadOnlySpan<uint> numbers, int bits, Span<byte> packed)
    {
        packed.Clear();
        if (numbers.Length is not PostingBlock.Size)
        {
            PackRow(numbers, bits, packed);
            return;
        }

        var words = MemoryMarshal.Cast<byte, uint>(packed);
        for (var i = 0; i < numbers.Length; i++)
        {
            var (lane, bit) = (i % Lanes, i / Lanes * bits);
            if (bits is 0)
            {
                continue;
            }

            words[(bit / 32 * Lanes) + lane] |= numbers[i] << bit;
            if ((bit % 32) + bits > 32)
            {
                words[((bit / 32) + 1) * Lanes + lane] |= numbers[i] >> (32 - (bit % 32));
            }
        }
    }

    public static void Unpack(ReadOnlySpan<byte> packed, int bits, Span<uint> numbers)
    {
        if (bits is 0)
        {
            numbers.Clear();
        }
        else if (numbers.Length is PostingBlock.Size)
        {
            UnpackLanes(MemoryMarshal.Cast<byte, uint>(packed[..(bits * 16)]), bits, numbers);
        }
        else
        {
            UnpackRow(packed, bits, numbers);
        }
    }

    /// <summary>Makes rows of the gaps between them, given the row before.</summary>
    public static void Accumulate(Span<uint> gaps, uint before)
    {
        if (gaps.Length is not PostingBlock.Size)
        {
            foreach (ref var gap in gaps)
            {
                before += gap + 1;
                gap = before;
            }

            return;
        }

        var last = Vector128.Create(before);
        for (var i = 0; i < gaps.Length; i += Lanes)
        {
            var sums = Vector128.Create<uint>(gaps[i..]) + Vector128<uint>.One;
            sums += Vector128.Shuffle(sums, Vector128.Create(uint.MaxValue, 0, 1, 2));
            sums += Vector128.Shuffle(sums, Vector128.Create(uint.MaxValue, uint.MaxValue, 0, 1));
            sums += last;
            sums.CopyTo(gaps[i..]);
            last = Vector128.Shuffle(sums, Vector128.Create(3u, 3, 3, 3));
        }
    }

    private static void UnpackLanes(ReadOnlySpan<uint> words, int bits, Span<uint> numbers)
    {
        var mask = Vector128.Create(bits is 32 ? uint.MaxValue : (1u << bits) - 1);
        var word = Vector128.Create<uint>(words);
        var (shift, next) = (0, Lanes);
        for (var i = 0; i < PostingBlock.Size; i += Lanes)
        {
            var number = word >> shift;
            shift += bits;
            if (shift >= 32 && next < words.Length)
            {
                (shift, word, next) = (shift - 32, Vector128.Create<uint>(words[next..]), next + Lanes);
                number |= shift > 0 ? word << (bits - shift) : Vector128<uint>.Zero;
            }

            (number & mask).CopyTo(numbers[i..]);
        }
    }

    private static void PackRow(ReadOnlySpan<uint> numbers, int bits, Span<byte> packed)
    {
        for (var (i, bit) = (0, 0); i < numbers.Length; i++, bit += bits)
        {
            var number = (ulong)numbers[i] << (bit & 7);
            for (var at = bit >> 3; number > 0; at++, number >>= 8)
            {
                packed[at] |= (byte)number;
            }
        }
    }

    private static void UnpackRow(ReadOnlySpan<byte> packed, int bits, Span<uint> numbers)
    {
        var mask = (1UL << bits) - 1;
        for (var (i, bit) = (0, 0); i < numbers.Length; i++, bit += bits)
        {
            var rest = packed[(bit >> 3)..];
            var word = rest.Length >= sizeof(ulong) ? BinaryPrimitives.ReadUInt64LittleEndian(rest) : ReadShort(rest);
            numbers[i] = (uint)((word >> (bit & 7)) & mask);
        }
    }

    private static ulong ReadShort(ReadOnlySpan<byte> bytes)
    {
        ulong word = 0;
        for (var i = bytes.Length - 1; i >= 0; i--)
        {
            word = (word << 8) | bytes[i];
        }

        return word;
    }
}
