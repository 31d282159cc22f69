using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ModelGarden.Xet;

/// <summary>Sixteen blocks at once, with AVX-512.</summary>
internal readonly struct Blake3Lanes16 : IBlake3Lanes<Vector512<uint>>
{
    public static bool IsSupported => Avx512F.IsSupported;

    public static int Count => 16;

    public static Vector512<uint> Broadcast(uint word) => Vector512.Create(word);

    public static Vector512<uint> Add(Vector512<uint> left, Vector512<uint> right) => left + right;

    public static Vector512<uint> Xor(Vector512<uint> left, Vector512<uint> right) => left ^ right;

    public static Vector512<uint> RotateRight16(Vector512<uint> vector) => Avx512F.RotateRight(vector, 16);

    public static Vector512<uint> RotateRight12(Vector512<uint> vector) => Avx512F.RotateRight(vector, 12);

    public static Vector512<uint> RotateRight8(Vector512<uint> vector) => Avx512F.RotateRight(vector, 8);

    public static Vector512<uint> RotateRight7(Vector512<uint> vector) => Avx512F.RotateRight(vector, 7);

    // Sixteen rows of sixteen words are turned in four steps: neighbours of 1, 2, 4 and 8 words change places.
    public static void Load(ref byte blocks, nint stride, ref Vector512<uint> words)
    {
        for (var i = 0; i < Count; i += 4)
        {
            Quartet(ref Unsafe.Add(ref blocks, i * stride), stride, ref Unsafe.Add(ref words, i));
        }

        for (var i = 0; i < 4; i++)
        {
            Spread(ref Unsafe.Add(ref words, i));
        }
    }

    /// <summary>Four rows: vector i has, in each 128 bits, the rows' words i of those 128 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quartet(ref byte rows, nint stride, ref Vector512<uint> words)
    {
        var (a, b) = (Row(ref rows), Row(ref Unsafe.Add(ref rows, stride)));
        var (c, d) = (Row(ref Unsafe.Add(ref rows, 2 * stride)), Row(ref Unsafe.Add(ref rows, 3 * stride)));
        var (low1, high1) = (Avx512F.UnpackLow(a, b).AsUInt64(), Avx512F.UnpackHigh(a, b).AsUInt64());
        var (low2, high2) = (Avx512F.UnpackLow(c, d).AsUInt64(), Avx512F.UnpackHigh(c, d).AsUInt64());
        words = Avx512F.UnpackLow(low1, low2).AsUInt32();
        Unsafe.Add(ref words, 1) = Avx512F.UnpackHigh(low1, low2).AsUInt32();
        Unsafe.Add(ref words, 2) = Avx512F.UnpackLow(high1, high2).AsUInt32();
        Unsafe.Add(ref words, 3) = Avx512F.UnpackHigh(high1, high2).AsUInt32();
    }

    /// <summary>Four vectors, four apart: turns their sixteen pieces of 128 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Spread(ref Vector512<uint> words)
    {
        var (a, b, c, d) = (words, Unsafe.Add(ref words, 4), Unsafe.Add(ref words, 8), Unsafe.Add(ref words, 12));
        var (low1, high1) = (Avx512F.Shuffle4x128(a, b, 0b_01_00_01_00), Avx512F.Shuffle4x128(a, b, 0b_11_10_11_10));
        var (low2, high2) = (Avx512F.Shuffle4x128(c, d, 0b_01_00_01_00), Avx512F.Shuffle4x128(c, d, 0b_11_10_11_10));
        words = Avx512F.Shuffle4x128(low1, low2, 0b_10_00_10_00);
        Unsafe.Add(ref words, 4) = Avx512F.Shuffle4x128(low1, low2, 0b_11_01_11_01);
        Unsafe.Add(ref words, 8) = Avx512F.Shuffle4x128(high1, high2, 0b_10_00_10_00);
        Unsafe.Add(ref words, 12) = Avx512F.Shuffle4x128(high1, high2, 0b_11_01_11_01);
    }

    private static Vector512<uint> Row(ref byte row) => Unsafe.ReadUnaligned<Vector512<uint>>(ref row);
}
