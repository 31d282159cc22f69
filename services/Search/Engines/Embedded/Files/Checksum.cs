using System.Numerics;
using System.Runtime.InteropServices;

namespace ModelGarden.Search.Engines.Embedded.Files;

/// <summary>CRC-32C (Castagnoli), which processors have an instruction for.</summary>
internal static class Checksum
{
    /// <param name="bytes">What is added.</param>
    /// <param name="before">The checksum of all before it; 0: nothing.</param>
    public static uint Of(ReadOnlySpan<byte> bytes, uint before = 0)
    {
        var crc = ~before;
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words)
        {
            crc = BitOperations.Crc32C(crc, word);
        }

        foreach (var rest in bytes[(words.Length * sizeof(ulong))..])
        {
            crc = BitOperations.Crc32C(crc, rest);
        }

        return ~crc;
    }
}
