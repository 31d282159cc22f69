using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ModelGarden.Xet;

/// <summary>
/// BG4 (xet.md 3.2): the bytes of a chunk by their position modulo 4, group after group. Of float32 weights it puts the exponents side by
/// side. With n mod 4 = r the first r groups have one byte more.
/// </summary>
public static class ByteGrouping
{
    /// <summary>Where group 0 to 3 of <paramref name="length"/> bytes begins; group 4 begins at the end.</summary>
    public static int GroupStart(int length, int group) => (length / 4 * group) + Math.Min(length % 4, group);

    /// <summary>Writes the four groups of <paramref name="source"/> to <paramref name="grouped"/>, which is as long and elsewhere.</summary>
    public static void Split(ReadOnlySpan<byte> source, Span<byte> grouped)
    {
        Check(source, grouped);
        SplitFrom(Vector128.IsHardwareAccelerated ? SplitWide(source, grouped) : 0, source, grouped);
    }

    /// <summary>Undoes <see cref="Split"/>.</summary>
    public static void Join(ReadOnlySpan<byte> grouped, Span<byte> target)
    {
        Check(grouped, target);
        JoinFrom(Vector128.IsHardwareAccelerated ? JoinWide(grouped, target) : 0, grouped, target);
    }

    /// <summary>The plain way, from word <paramref name="word"/> on.</summary>
    internal static void SplitFrom(int word, ReadOnlySpan<byte> source, Span<byte> grouped)
    {
        for (var group = 0; group < 4; group++)
        {
            var plane = grouped[GroupStart(source.Length, group)..GroupStart(source.Length, group + 1)];
            for (var n = word; n < plane.Length; n++)
            {
                plane[n] = source[(4 * n) + group];
            }
        }
    }

    /// <summary>The plain way, from word <paramref name="word"/> on.</summary>
    internal static void JoinFrom(int word, ReadOnlySpan<byte> grouped, Span<byte> target)
    {
        for (var group = 0; group < 4; group++)
        {
            var plane = grouped[GroupStart(target.Length, group)..GroupStart(target.Length, group + 1)];
            for (var n = word; n < plane.Length; n++)
            {
                target[(4 * n) + group] = plane[n];
            }
        }
    }

    // 16 words at a time: twice the even bytes to one side, the odd ones to the other. Returns how many words are done.
    private static int SplitWide(ReadOnlySpan<byte> source, Span<byte> grouped)
    {
        ref var from = ref MemoryMarshal.GetReference(source);
        ref var to = ref MemoryMarshal.GetReference(grouped);
        var (one, two, three) = (GroupStart(source.Length, 1), GroupStart(source.Length, 2), GroupStart(source.Length, 3));
        var word = 0;
        for (; word <= (source.Length / 4) - 16; word += 16)
        {
            var (a, b, c, d) = (Load(ref from, 4 * word), Load(ref from, (4 * word) + 16), Load(ref from, (4 * word) + 32), Load(ref from, (4 * word) + 48));
            var (evenLow, evenHigh) = (Even(a, b), Even(c, d));
            var (oddLow, oddHigh) = (Odd(a, b), Odd(c, d));
            Even(evenLow, evenHigh).StoreUnsafe(ref to, (nuint)word);
            Even(oddLow, oddHigh).StoreUnsafe(ref to, (nuint)(one + word));
            Odd(evenLow, evenHigh).StoreUnsafe(ref to, (nuint)(two + word));
            Odd(oddLow, oddHigh).StoreUnsafe(ref to, (nuint)(three + word));
        }

        return word;
    }

    private static int JoinWide(ReadOnlySpan<byte> grouped, Span<byte> target)
    {
        ref var from = ref MemoryMarshal.GetReference(grouped);
        ref var to = ref MemoryMarshal.GetReference(target);
        var (one, two, three) = (GroupStart(target.Length, 1), GroupStart(target.Length, 2), GroupStart(target.Length, 3));
        var word = 0;
        for (; word <= (target.Length / 4) - 16; word += 16)
        {
            var (a, b, c, d) = (Load(ref from, word), Load(ref from, one + word), Load(ref from, two + word), Load(ref from, three + word));
            StoreWords(Vector128.WidenLower(a) | (Vector128.WidenLower(b) << 8), Vector128.WidenLower(c) | (Vector128.WidenLower(d) << 8), ref to, 4 * word);
            StoreWords(Vector128.WidenUpper(a) | (Vector128.WidenUpper(b) << 8), Vector128.WidenUpper(c) | (Vector128.WidenUpper(d) << 8), ref to, (4 * word) + 32);
        }

        return word;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreWords(Vector128<ushort> low, Vector128<ushort> high, ref byte to, int at)
    {
        (Vector128.WidenLower(low) | (Vector128.WidenLower(high) << 16)).AsByte().StoreUnsafe(ref to, (nuint)at);
        (Vector128.WidenUpper(low) | (Vector128.WidenUpper(high) << 16)).AsByte().StoreUnsafe(ref to, (nuint)(at + 16));
    }

    private static Vector128<byte> Load(ref byte from, int at) => Vector128.LoadUnsafe(ref from, (nuint)at);

    private static Vector128<byte> Even(Vector128<byte> low, Vector128<byte> high) => Vector128.Narrow(low.AsUInt16(), high.AsUInt16());

    private static Vector128<byte> Odd(Vector128<byte> low, Vector128<byte> high) => Vector128.Narrow(low.AsUInt16() >> 8, high.AsUInt16() >> 8);

    private static void Check(ReadOnlySpan<byte> from, Span<byte> to) => ArgumentOutOfRangeException.ThrowIfNotEqual(to.Length, from.Length, nameof(to));
}
