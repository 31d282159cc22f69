using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace ModelGarden.Xet;

/// <summary>Four blocks at once, on any processor with vectors of 128 bits, x64 or ARM.</summary>
internal readonly struct Blake3Lanes4 : IBlake3Lanes<Vector128<uint>>
{
    public static bool IsSupported => Vector128.IsHardwareAccelerated && BitConverter.IsLittleEndian;

    public static int Count => 4;

    private static Vector128<byte> By16 => Vector128.Create((byte)2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);

    private static Vector128<byte> By8 => Vector128.Create((byte)1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12);

    public static Vector128<uint> Broadcast(uint word) => Vector128.Create(word);

    public static Vector128<uint> Add(Vector128<uint> left, Vector128<uint> right) => left + right;

    public static Vector128<uint> Xor(Vector128<uint> left, Vector128<uint> right) => left ^ right;

    public static Vector128<uint> RotateRight16(Vector128<uint> vector) => Avx512F.VL.IsSupported
        ? Avx512F.VL.RotateRight(vector, 16)
        : Vector128.Shuffle(vector.AsByte(), By16).AsUInt32();

    public static Vector128<uint> RotateRight12(Vector128<uint> vector) => Avx512F.VL.IsSupported
        ? Avx512F.VL.RotateRight(vector, 12)
        : (vector >>> 12) | (vector << 20);

    public static Vector128<uint> RotateRight8(Vector128<uint> vector) => Avx512F.VL.IsSupported
        ? Avx512F.VL.RotateRight(vector, 8)
        : Vector128.Shuffle(vector.AsByte(), By8).AsUInt32();

    public static Vector128<uint> RotateRight7(Vector128<uint> vector) => Avx512F.VL.IsSupported
        ? Avx512F.VL.RotateRight(vector, 7)
        : (vector >>> 7) | (vector << 25);

    public static void Load(ref byte blocks, nint stride, ref Vector128<uint> words)
    {
        for (var i = 0; i < Blake3Block.Words; i += Count)
        {
            Square(ref Unsafe.Add(ref blocks, i * sizeof(uint)), stride, ref Unsafe.Add(ref words, i));
        }
    }

    // Four words of four rows: those of the first two rows and of the last two are woven together, then these.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Square(ref byte rows, nint stride, ref Vector128<uint> words)
    {
        var (a, b) = (Row(ref rows), Row(ref Unsafe.Add(ref rows, stride)));
        var (c, d) = (Row(ref Unsafe.Add(ref rows, 2 * stride)), Row(ref Unsafe.Add(ref rows, 3 * stride)));
        var (low1, high1) = (Low(a, c), High(a, c));
        var (low2, high2) = (Low(b, d), High(b, d));
        words = Low(low1, low2);
        Unsafe.Add(ref words, 1) = High(low1, low2);
        Unsafe.Add(ref words, 2) = Low(high1, high2);
        Unsafe.Add(ref words, 3) = High(high1, high2);
    }

    private static Vector128<uint> Low(Vector128<uint> a, Vector128<uint> b) =>
        Sse2.IsSupported ? Sse2.UnpackLow(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(a, b)
        : Vector128.Create(a[0], b[0], a[1], b[1]);

    private static Vector128<uint> High(Vector128<uint> a, Vector128<uint> b) =>
        Sse2.IsSupported ? Sse2.UnpackHigh(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(a, b)
        : Vector128.Create(a[2], b[2], a[3], b[3]);

    private static Vector128<uint> Row(ref byte row) => Unsafe.ReadUnaligned<Vector128<uint>>(ref row);
}
