using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ModelGarden.Xet;

/// <summary>Eight blocks at once, with AVX2, and AVX-512's rotations where there are any.</summary>
internal readonly struct Blake3Lanes8 : IBlake3Lanes<Vector256<uint>>
{
    public static bool IsSupported => Avx2.IsSupported;

    public static int Count => 8;

    private static Vector256<byte> By16 => Vector256.Create((byte)
        2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);

    private static Vector256<byte> By8 => Vector256.Create((byte)
        1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12, 1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12);

    public static Vector256<uint> Broadcast(uint word) => Vector256.Create(word);

    public static Vector256<uint> Add(Vector256<uint> left, Vector256<uint> right) => left + right;

    public static Vector256<uint> Xor(Vector256<uint> left, Vector256<uint> right) => left ^ right;

    public static Vector256<uint> RotateRight16(Vector256<uint> vector) => Avx512F.VL.IsSupported
        ? Avx512F.VL.RotateRight(vector, 16)
        : Avx2.Shuffle(vector.AsByte(), By16).AsUInt32();

    public static Vector256<uint> RotateRight12(Vector256<uint> vector) => Avx512F.VL.IsSupported
        ? Avx512F.VL.RotateRight(vector, 12)
        : (vector >>> 12) | (vector << 20);

    public static Vector256<uint> RotateRight8(Vector256<uint> vector) => Avx512F.VL.IsSupported
        ? Avx512F.VL.RotateRight(vector, 8)
        : Avx2.Shuffle(vector.AsByte(), By8).AsUInt32();

    public static Vector256<uint> RotateRight7(Vector256<uint> vector) => Avx512F.VL.IsSupported
        ? Avx512F.VL.RotateRight(vector, 7)
        : (vector >>> 7) | (vector << 25);

    // Two squares of eight words by eight rows.
    public static void Load(ref byte blocks, nint stride, ref Vector256<uint> words)
    {
        Square(ref blocks, stride, ref words);
        Square(ref Unsafe.Add(ref blocks, 32), stride, ref Unsafe.Add(ref words, 8));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Square(ref byte rows, nint stride, ref Vector256<uint> words)
    {
        Quartet(ref rows, stride, ref words);
        Quartet(ref Unsafe.Add(ref rows, 4 * stride), stride, ref Unsafe.Add(ref words, 4));
        for (var i = 0; i < 4; i++)
        {
            ref var word = ref Unsafe.Add(ref words, i);
            var (a, b) = (word, Unsafe.Add(ref word, 4));
            word = Avx2.Permute2x128(a, b, 0x20);
            Unsafe.Add(ref word, 4) = Avx2.Permute2x128(a, b, 0x31);
        }
    }

    /// <summary>Four rows: vector i has, in each 128 bits, the rows' words i of those 128 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quartet(ref byte rows, nint stride, ref Vector256<uint> words)
    {
        var (a, b) = (Row(ref rows), Row(ref Unsafe.Add(ref rows, stride)));
        var (c, d) = (Row(ref Unsafe.Add(ref rows, 2 * stride)), Row(ref Unsafe.Add(ref rows, 3 * stride)));
        var (low1, high1) = (Avx2.UnpackLow(a, b).AsUInt64(), Avx2.UnpackHigh(a, b).AsUInt64());
        var (low2, high2) = (Avx2.UnpackLow(c, d).AsUInt64(), Avx2.UnpackHigh(c, d).AsUInt64());
        words = Avx2.UnpackLow(low1, low2).AsUInt32();
        Unsafe.Add(ref words, 1) = Avx2.UnpackHigh(low1, low2).AsUInt32();
        Unsafe.Add(ref words, 2) = Avx2.UnpackLow(high1, high2).AsUInt32();
        Unsafe.Add(ref words, 3) = Avx2.UnpackHigh(high1, high2).AsUInt32();
    }

    private static Vector256<uint> Row(ref byte row) => Unsafe.ReadUnaligned<Vector256<uint>>(ref row);
}
