using System.Buffers.Binary;

namespace ModelGarden.Xet.Tests;

/// <summary>Bytes that anyone can make again from a few numbers.</summary>
public static class Bytes
{
    public static byte[] SplitMix64(ulong seed, int size)
    {
        var bytes = new byte[(size + 7) / 8 * 8];
        for (var i = 0; i < bytes.Length; i += 8)
        {
            seed += 0x9E3779B97F4A7C15;
            var z = (seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(i), z ^ (z >> 31));
        }

        return bytes[..size];
    }

    public static byte[] Lcg64(ulong seed, int size)
    {
        var bytes = new byte[size];
        for (var i = 0; i < size; i++)
        {
            seed = seed * 6364136223846793005 + 1442695040888963407;
            bytes[i] = (byte)(seed >> 56);
        }

        return bytes;
    }

    public static byte[] Constant(byte value, int size)
    {
        var bytes = new byte[size];
        Array.Fill(bytes, value);
        return bytes;
    }

    public static byte[] Patched(byte[] bytes, int offset, byte[] patch)
    {
        patch.CopyTo(bytes, offset);
        return bytes;
    }
}
