using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelGarden.Xet;

/// <summary>
/// Looks for a cut in a stretch of bytes at four places at once. One place alone waits for its own hash at each byte; since the hash forgets a
/// byte after 64 more, each place can begin by itself.
/// </summary>
internal static class GearScan
{
    /// <summary>How many bytes the hash depends on.</summary>
    public const int Window = 64;

    private const int Part = 1024;

    /// <summary>How long a stretch is.</summary>
    public const int Length = 4 * Part;

    /// <summary>A chunk is cut where the hash is below this: where its sixteen highest bits are zero.</summary>
    public const ulong Limit = 1UL << 48;

    /// <summary>Whether any byte of the stretch is a place to cut. If none is, the hash is as it is after the last byte, else as it was.</summary>
    public static bool Cuts(ReadOnlySpan<byte> data, ref ulong hash)
    {
        ref var table = ref MemoryMarshal.GetReference(GearTable.Words);
        ref var part0 = ref MemoryMarshal.GetReference(data[..Length]);
        ref var part1 = ref Unsafe.Add(ref part0, Part);
        ref var part2 = ref Unsafe.Add(ref part0, 2 * Part);
        ref var part3 = ref Unsafe.Add(ref part0, 3 * Part);
        var (h0, h1, h2, h3) = (hash, 0UL, 0UL, 0UL);
        for (nint i = -Window; i < 0; i++)
        {
            h1 = Next(h1, ref table, ref part1, i);
            h2 = Next(h2, ref table, ref part2, i);
            h3 = Next(h3, ref table, ref part3, i);
        }

        for (nint i = 0; i < Part; i++)
        {
            h0 = Next(h0, ref table, ref part0, i);
            h1 = Next(h1, ref table, ref part1, i);
            h2 = Next(h2, ref table, ref part2, i);
            h3 = Next(h3, ref table, ref part3, i);
            if (h0 < Limit || h1 < Limit || h2 < Limit || h3 < Limit)
            {
                return true;
            }
        }

        hash = h3;
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Next(ulong hash, ref ulong table, ref byte data, nint i) => (hash << 1) + Unsafe.Add(ref table, Unsafe.Add(ref data, i));
}
