using System.Buffers.Binary;
using System.Numerics;

namespace ModelGarden.Xet;

/// <summary>XXH32 with seed 0: the checksum inside LZ4 frames. It finds accidents, not forgeries.</summary>
public static class XxHash32
{
    private const uint Prime1 = 2654435761;
    private const uint Prime2 = 2246822519;
    private const uint Prime3 = 3266489917;
    private const uint Prime4 = 668265263;
    private const uint Prime5 = 374761393;

    /// <summary>The hash of these bytes, of any number.</summary>
    public static uint Hash(ReadOnlySpan<byte> bytes)
    {
        var rest = bytes;
        var hash = bytes.Length >= 16 ? Stripes(ref rest) : Prime5;
        hash += (uint)bytes.Length;
        for (; rest.Length >= 4; rest = rest[4..])
        {
            hash = BitOperations.RotateLeft(hash + (BinaryPrimitives.ReadUInt32LittleEndian(rest) * Prime3), 17) * Prime4;
        }

        foreach (var one in rest)
        {
            hash = BitOperations.RotateLeft(hash + (one * Prime5), 11) * Prime1;
        }

        return Avalanche(hash);
    }

    // Four lanes over stripes of 16 bytes; leaves what is shorter.
    private static uint Stripes(ref ReadOnlySpan<byte> rest)
    {
        var (a, b, c, d) = (unchecked(Prime1 + Prime2), Prime2, 0u, unchecked(0u - Prime1));
        for (; rest.Length >= 16; rest = rest[16..])
        {
            a = Round(a, BinaryPrimitives.ReadUInt32LittleEndian(rest));
            b = Round(b, BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]));
            c = Round(c, BinaryPrimitives.ReadUInt32LittleEndian(rest[8..]));
            d = Round(d, BinaryPrimitives.ReadUInt32LittleEndian(rest[12..]));
        }

        return BitOperations.RotateLeft(a, 1) + BitOperations.RotateLeft(b, 7) + BitOperations.RotateLeft(c, 12) + BitOperations.RotateLeft(d, 18);
    }

    private static uint Round(uint lane, uint word) => BitOperations.RotateLeft(lane + (word * Prime2), 13) * Prime1;

    private static uint Avalanche(uint hash)
    {
        hash = (hash ^ (hash >> 15)) * Prime2;
        hash = (hash ^ (hash >> 13)) * Prime3;
        return hash ^ (hash >> 16);
    }
}
