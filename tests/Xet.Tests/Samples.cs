using System.Buffers.Binary;
using System.Text;

namespace ModelGarden.Xet.Tests;

/// <summary>Data of the kinds that models are made of.</summary>
internal static class Samples
{
    /// <summary>Weights as training leaves them: nearly normal float32 numbers around zero.</summary>
    public static byte[] Floats(int seed, int size)
    {
        var random = new Random(seed);
        var bytes = new byte[(size + 3) / 4 * 4];
        for (var at = 0; at < bytes.Length; at += 4)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(at), (float)((random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5) * 0.04));
        }

        return bytes[..size];
    }

    /// <summary>The same, of which only the upper halves are there.</summary>
    public static byte[] WidenedFloats(int seed, int size)
    {
        var bytes = Floats(seed, size);
        for (var at = 0; at < size; at++)
        {
            bytes[at] = at % 4 < 2 ? (byte)0 : bytes[at];
        }

        return bytes;
    }

    /// <summary>Words of a small vocabulary.</summary>
    public static byte[] Text(int seed, int size)
    {
        var random = new Random(seed);
        var text = new StringBuilder();
        while (text.Length < size)
        {
            text.Append("layer weight bias attention \"token\": value, norm\n projection embedding 0123456789".Split(' ')[random.Next(10)]).Append(' ');
        }

        return Encoding.UTF8.GetBytes(text.ToString())[..size];
    }

    public static byte[] Random(int seed, int size)
    {
        var bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Every kind, for tests that must hold for all.</summary>
    public static byte[] Any(int seed, int size) => (seed % 6) switch
    {
        0 => Random(seed, size),
        1 => Text(seed, size),
        2 => Floats(seed, size),
        3 => WidenedFloats(seed, size),
        4 => Bytes.Constant((byte)seed, size),
        _ => [.. Text(seed, size / 3), .. Random(seed, size / 3), .. Floats(seed, size - (2 * (size / 3)))],
    };
}
