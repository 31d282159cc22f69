using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelGarden.Xet;

/// <summary>BLAKE3's compression of one block, in plain code: what the vectorised ones must equal.</summary>
internal static class Blake3Block
{
    public const int Length = 64;
    public const int ChunkLength = 1024;
    public const int KeyWords = 8;
    public const int Words = 16;

    public const uint ChunkStart = 1;
    public const uint ChunkEnd = 2;
    public const uint Parent = 4;
    public const uint Root = 8;
    public const uint Keyed = 16;
    public const uint DeriveKeyContext = 32;
    public const uint DeriveKeyMaterial = 64;

    public const int Rounds = 7;

    public const uint Iv0 = 0x6A09E667;
    public const uint Iv1 = 0xBB67AE85;
    public const uint Iv2 = 0x3C6EF372;
    public const uint Iv3 = 0xA54FF53A;

    /// <summary>The key where there is none. A block begins with its first four words, whatever the key.</summary>
    public static ReadOnlySpan<uint> Iv => [Iv0, Iv1, Iv2, Iv3, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19];

    /// <summary>Which word of the message each round takes in each place.</summary>
    public static ReadOnlySpan<byte> Schedule =>
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
        2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8,
        3, 4, 10, 12, 13, 2, 7, 14, 6, 5, 9, 0, 11, 15, 8, 1,
        10, 7, 12, 9, 14, 3, 13, 15, 4, 0, 11, 2, 5, 8, 1, 6,
        12, 13, 9, 11, 15, 10, 14, 8, 7, 2, 5, 3, 0, 1, 6, 4,
        9, 14, 11, 5, 8, 12, 15, 1, 13, 3, 0, 10, 2, 6, 4, 7,
        11, 15, 5, 0, 1, 9, 8, 6, 14, 10, 2, 12, 3, 4, 7, 13,
    ];

    /// <summary>The eight words that follow <paramref name="value"/> after this block, written over it.</summary>
    public static void Compress(Span<uint> value, ReadOnlySpan<byte> block, ulong counter, uint length, uint flags)
    {
        Span<uint> state = stackalloc uint[Words];
        Mix(state, value, block, counter, length, flags);
        for (var i = 0; i < KeyWords; i++)
        {
            value[i] = state[i] ^ state[i + 8];
        }
    }

    /// <summary>All sixteen words of the block's output: those of <see cref="Compress"/>, and eight more for output beyond 32 bytes.</summary>
    public static void Expand(ReadOnlySpan<uint> value, ReadOnlySpan<byte> block, ulong counter, uint length, uint flags, Span<uint> output)
    {
        Mix(output, value, block, counter, length, flags);
        for (var i = 0; i < KeyWords; i++)
        {
            output[i] ^= output[i + 8];
            output[i + 8] ^= value[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Mix(Span<uint> state, ReadOnlySpan<uint> value, ReadOnlySpan<byte> block, ulong counter, uint length, uint flags)
    {
        Span<uint> message = stackalloc uint[Words];
        for (var i = 0; i < Words; i++)
        {
            message[i] = BinaryPrimitives.ReadUInt32LittleEndian(block[(i * sizeof(uint))..]);
        }

        ref var m = ref MemoryMarshal.GetReference(message);
        uint v0 = value[0], v1 = value[1], v2 = value[2], v3 = value[3], v4 = value[4], v5 = value[5], v6 = value[6], v7 = value[7];
        uint v8 = Iv0, v9 = Iv1, v10 = Iv2, v11 = Iv3, v12 = (uint)counter, v13 = (uint)(counter >> 32), v14 = length, v15 = flags;
        for (var round = 0; round < Rounds; round++)
        {
            ref var s = ref Unsafe.Add(ref MemoryMarshal.GetReference(Schedule), round * Words);
            Quarter(ref v0, ref v4, ref v8, ref v12, Word(ref m, ref s, 0), Word(ref m, ref s, 1));
            Quarter(ref v1, ref v5, ref v9, ref v13, Word(ref m, ref s, 2), Word(ref m, ref s, 3));
            Quarter(ref v2, ref v6, ref v10, ref v14, Word(ref m, ref s, 4), Word(ref m, ref s, 5));
            Quarter(ref v3, ref v7, ref v11, ref v15, Word(ref m, ref s, 6), Word(ref m, ref s, 7));
            Quarter(ref v0, ref v5, ref v10, ref v15, Word(ref m, ref s, 8), Word(ref m, ref s, 9));
            Quarter(ref v1, ref v6, ref v11, ref v12, Word(ref m, ref s, 10), Word(ref m, ref s, 11));
            Quarter(ref v2, ref v7, ref v8, ref v13, Word(ref m, ref s, 12), Word(ref m, ref s, 13));
            Quarter(ref v3, ref v4, ref v9, ref v14, Word(ref m, ref s, 14), Word(ref m, ref s, 15));
        }

        (state[0], state[1], state[2], state[3], state[4], state[5], state[6], state[7]) = (v0, v1, v2, v3, v4, v5, v6, v7);
        (state[8], state[9], state[10], state[11], state[12], state[13], state[14], state[15]) = (v8, v9, v10, v11, v12, v13, v14, v15);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Word(ref uint m, ref byte schedule, int place) => Unsafe.Add(ref m, Unsafe.Add(ref schedule, place));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quarter(ref uint a, ref uint b, ref uint c, ref uint d, uint x, uint y)
    {
        a += b + x;
        d = BitOperations.RotateRight(d ^ a, 16);
        c += d;
        b = BitOperations.RotateRight(b ^ c, 12);
        a += b + y;
        d = BitOperations.RotateRight(d ^ a, 8);
        c += d;
        b = BitOperations.RotateRight(b ^ c, 7);
    }
}
