using System.Buffers.Binary;
using System.Numerics;

namespace ModelGarden.Search.Engines.Embedded.Columns;

/// <summary>
/// Whole numbers from 0 on, each in as many bits as the greatest one needs: one byte with that width (0 to 56), then the bits, the lowest ones first, then
/// eight bytes of zeros, so that any number can be read as part of a word.
/// </summary>
internal readonly ref struct PackedInts
{
    private const int Slack = 8;
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly int _bits;
    private readonly ulong _mask;

    public PackedInts(ReadOnlySpan<byte> section)
    {
        _bits = section[0];
        _bytes = section[1..];
        _mask = (1UL << _bits) - 1;
    }

    public long this[int index]
    {
        get
        {
            var bit = (long)index * _bits;
            return (long)((BinaryPrimitives.ReadUInt64LittleEndian(_bytes[(int)(bit >> 3)..]) >> (int)(bit & 7)) & _mask);
        }
    }

    public static bool IsSane(ReadOnlySpan<byte> section, long count) => section.Length > 0 && section[0] <= 56 && section.Length == LengthOf(count, section[0]);

    public static byte[] Pack<T>(ReadOnlySpan<T> numbers)
        where T : IBinaryInteger<T>
    {
        ulong all = 0;
        foreach (var number in numbers)
        {
            all |= ulong.CreateChecked(number);
        }

        var bits = 64 - BitOperations.LeadingZeroCount(all);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bits, 56);
        var packed = new byte[LengthOf(numbers.Length, bits)];
        packed[0] = (byte)bits;
        for (var (i, bit) = (0, 8L); i < numbers.Length && bits > 0; i++, bit += bits)
        {
            var word = packed.AsSpan((int)(bit >> 3));
            BinaryPrimitives.WriteUInt64LittleEndian(word, BinaryPrimitives.ReadUInt64LittleEndian(word) | (ulong.CreateChecked(numbers[i]) << (int)(bit & 7)));
        }

        return packed;
    }

    private static long LengthOf(long count, int bits) => 1 + (((count * bits) + 7) / 8) + Slack;
}
