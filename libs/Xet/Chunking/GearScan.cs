using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelGarden.Xet;

/// <summary>
/// Looks for a cut in a stretch of bytes from two places at once. One place alone waits for its own hash at each byte; since the hash forgets a
/// byte after 64 more, the second half can begin by itself.
/// </summary>
internal static class GearScan
{
    /// <summary>How many bytes the hash depends on.</summary>
    public const int Window = 64;

    private const int Half = 1024;

    /// <summary>How long a stretch is.</summary>
    public const int Length = 2 * Half;

    /// <summary>A chunk is cut where the hash is below this: where its sixteen highest bits are zero.</summary>
    public const ulong Limit = 1UL << 48;

    /// <summary>Whether any byte of the stretch is a place to cut. If none is, the hash is as it is after the last byte, else as it was.</summary>
    public static bool Cuts(ReadOnlySpan<byte> data, ref ulong hash)
    {
        ref var table = ref MemoryMarshal.GetReference(GearTable.Words);
        ref var first = ref MemoryMarshal.GetReference(data[..Length]);
        ref var second = ref Unsafe.Add(ref first, Half);
        var (h1, h2) = (hash, 0UL);
        for (nint i = -Window; i < 0; i++)
        {
            h2 = Next(h2, ref table, ref second, i);
        }

        for (nint i = 0; i < Half; i++)
        {
            h1 = Next(h1, ref table, ref first, i);
            h2 = Next(h2, ref table, ref second, i);
            if (h1 < Limit || h2 < Limit)
            {
                return true;
            }
        }

        hash = h2;
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Next(ulong hash, ref ulong table, ref byte data, nint i) => (hash << 1) + Unsafe.Add(ref table, Unsafe.Add(ref data, i));
}
