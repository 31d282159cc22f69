using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ModelGarden.Xet;

/// <summary>
/// BLAKE3's compression of a single block with its sixteen words as four vectors, with AVX-512: what <see cref="Blake3Block"/> does, for short
/// inputs and the ends of long ones.
/// </summary>
internal static class Blake3Row
{
    public static bool IsSupported => Avx512F.VL.IsSupported;

    /// <summary>
    /// Which word of the message each round takes in each place: for both halves of the four columns, then of the four diagonals. The diagonals
    /// begin with the last, so that the second row, for which all others wait, stays in its place.
    /// </summary>
    private static ReadOnlySpan<byte> Schedule =>
    [
        0, 2, 4, 6, 1, 3, 5, 7, 14, 8, 10, 12, 15, 9, 11, 13,
        2, 3, 7, 4, 6, 10, 0, 13, 15, 1, 12, 9, 8, 11, 5, 14,
        3, 10, 13, 7, 4, 12, 2, 14, 8, 6, 9, 11, 1, 5, 0, 15,
        10, 12, 14, 13, 7, 9, 3, 15, 1, 4, 11, 5, 6, 0, 2, 8,
        12, 9, 15, 14, 13, 11, 10, 8, 6, 7, 5, 0, 4, 2, 3, 1,
        9, 11, 8, 15, 14, 5, 12, 1, 4, 13, 0, 2, 7, 3, 10, 6,
        11, 5, 1, 8, 15, 0, 9, 6, 7, 14, 2, 3, 13, 10, 12, 4,
    ];

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Compress(Span<uint> value, ReadOnlySpan<byte> block, ulong counter, uint length, uint flags)
    {
        var (a, b) = (Vector128.Create<uint>(value), Vector128.Create<uint>(value[4..]));
        Mix(ref a, ref b, out var c, out var d, block, counter, length, flags);
        (a ^ c).CopyTo(value);
        (b ^ d).CopyTo(value[4..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Expand(ReadOnlySpan<uint> value, ReadOnlySpan<byte> block, ulong counter, uint length, uint flags, Span<uint> output)
    {
        var (before, after) = (Vector128.Create(value), Vector128.Create(value[4..]));
        var (a, b) = (before, after);
        Mix(ref a, ref b, out var c, out var d, block, counter, length, flags);
        (a ^ c).CopyTo(output);
        (b ^ d).CopyTo(output[4..]);
        (c ^ before).CopyTo(output[8..]);
        (d ^ after).CopyTo(output[12..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Mix(
        ref Vector128<uint> first, ref Vector128<uint> second, out Vector128<uint> third, out Vector128<uint> fourth,
        ReadOnlySpan<byte> block, ulong counter, uint length, uint flags)
    {
        var message = Vector512.Create(block).AsUInt32();
        var (a, b) = (first, second);
        var c = Vector128.Create(Blake3Block.Iv0, Blake3Block.Iv1, Blake3Block.Iv2, Blake3Block.Iv3);
        var d = Vector128.Create((uint)counter, (uint)(counter >> 32), length, flags);
        for (var round = 0; round < Blake3Block.Rounds; round++)
        {
            var places = Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(Schedule), (nuint)(round * Blake3Block.Words));
            var words = Avx512F.PermuteVar16x32(message, Avx512F.ConvertToVector512UInt32(places));
            Quarter(ref a, ref b, ref c, ref d, words.GetLower().GetLower(), words.GetLower().GetUpper());
            (a, c, d) = (Vector128.Shuffle(a, Vector128.Create(3u, 0, 1, 2)), Vector128.Shuffle(c, Vector128.Create(1u, 2, 3, 0)), Vector128.Shuffle(d, Vector128.Create(2u, 3, 0, 1)));
            Quarter(ref a, ref b, ref c, ref d, words.GetUpper().GetLower(), words.GetUpper().GetUpper());
            (a, c, d) = (Vector128.Shuffle(a, Vector128.Create(1u, 2, 3, 0)), Vector128.Shuffle(c, Vector128.Create(3u, 0, 1, 2)), Vector128.Shuffle(d, Vector128.Create(2u, 3, 0, 1)));
        }

        (first, second, third, fourth) = (a, b, c, d);
    }

    // Four quarter rounds side by side.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quarter(ref Vector128<uint> a, ref Vector128<uint> b, ref Vector128<uint> c, ref Vector128<uint> d, Vector128<uint> x, Vector128<uint> y)
    {
        a = a + x + b;
        d = Avx512F.VL.RotateRight(d ^ a, 16);
        c += d;
        b = Avx512F.VL.RotateRight(b ^ c, 12);
        a = a + y + b;
        d = Avx512F.VL.RotateRight(d ^ a, 8);
        c += d;
        b = Avx512F.VL.RotateRight(b ^ c, 7);
    }
}
