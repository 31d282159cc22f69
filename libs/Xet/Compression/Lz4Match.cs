using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelGarden.Xet;

/// <summary>
/// What the searches for matches share. Their tables hold positions modulo 65,536, which is all that an offset reaches; whatever stands at
/// such a position is compared before it is believed. A found match is one number: up to 8 equal bytes, above the position.
/// </summary>
internal static class Lz4Match
{
    internal const int TableSize = 1 << TableBits;
    internal const int Seen = 8;
    private const int TableBits = 14;
    private const int PositionBits = 18;

    /// <summary>How many bytes a found match has: 0 to 8, and 8 may be more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Length(int found) => found >> PositionBits;

    /// <summary>Where a found match's bytes are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Position(int found) => found & ((1 << PositionBits) - 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Next8(ref byte bytes, int at) => Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref bytes, at));

    /// <summary>The entry of the next 4, 5 or 6 bytes, by their number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref ushort Entry(ushort[] table, ulong next, int count) =>
        ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(table), (nint)(((next << (64 - (8 * count))) * 0x9FB21C651E98DF25) >> (64 - TableBits)));

    /// <summary>The match at the position in <paramref name="entry"/>, which becomes <paramref name="at"/>; 0: there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Exchange(ref ushort entry, ref byte bytes, ulong next, int at)
    {
        var distance = (at - entry) & 0xFFFF;
        entry = (ushort)at;
        if (distance > at)
        {
            return 0;
        }

        var same = SameBytes(next ^ Next8(ref bytes, at - distance));
        return distance == 0 ? 0 : (same << PositionBits) | (at - distance);
    }

    // The compiler makes a branch of Math.Max in a loop, and this one would be mispredicted at every second position.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Longer(int found, int other) => found - ((found - other) & ((found - other) >> 31));

    /// <summary>The whole length of a found match that may end at <paramref name="limit"/> at the latest; what is no match has less than 4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Measure(int found, ref byte bytes, int at, int limit)
    {
        var length = Length(found);
        return Math.Min(length < Seen ? length : Seen + Common(ref bytes, at + Seen, Position(found) + Seen, limit), limit - at);
    }

    /// <summary>How many bytes from <paramref name="at"/> on, up to <paramref name="limit"/>, are those from <paramref name="candidate"/> on.</summary>
    public static int Common(ref byte bytes, int at, int candidate, int limit)
    {
        var start = at;
        for (; at <= limit - 8; at += 8, candidate += 8)
        {
            var difference = Next8(ref bytes, at) ^ Next8(ref bytes, candidate);
            if (difference != 0)
            {
                return at - start + SameBytes(difference);
            }
        }

        for (; at < limit && Unsafe.Add(ref bytes, at) == Unsafe.Add(ref bytes, candidate); at++, candidate++)
        {
        }

        return at - start;
    }

    // How many bytes two words have in common, from the first in memory on, given their difference.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int SameBytes(ulong difference) =>
        (BitConverter.IsLittleEndian ? BitOperations.TrailingZeroCount(difference) : BitOperations.LeadingZeroCount(difference)) >> 3;
}
