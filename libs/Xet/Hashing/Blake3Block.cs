using System.Buffers.Binary;
using System.Numerics;

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

    public static ReadOnlySpan<uint> Iv => [0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19];

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

    private static void Mix(Span<uint> state, ReadOnlySpan<uint> value, ReadOnlySpan<byte> block, ulong counter, uint length, uint flags)
    {
        Span<uint> message = stackalloc uint[Words];
        for (var i = 0; i < Words; i++)
        {
            message[i] = BinaryPrimitives.ReadUInt32LittleEndian(block[(i * sizeof(uint))..]);
        }

        value[..KeyWords].CopyTo(state);
        Iv[..4].CopyTo(state[8..]);
        (state[12], state[13], state[14], state[15]) = ((uint)counter, (uint)(counter >> 32), length, flags);
        for (var round = 0; round < Rounds; round++)
        {
            Round(state, message, Schedule.Slice(round * Words, Words));
        }
    }

    private static void Round(Span<uint> v, ReadOnlySpan<uint> m, ReadOnlySpan<byte> s)
    {
        Quarter(ref v[0], ref v[4], ref v[8], ref v[12], m[s[0]], m[s[1]]);
        Quarter(ref v[1], ref v[5], ref v[9], ref v[13], m[s[2]], m[s[3]]);
        Quarter(ref v[2], ref v[6], ref v[10], ref v[14], m[s[4]], m[s[5]]);
        Quarter(ref v[3], ref v[7], ref v[11], ref v[15], m[s[6]], m[s[7]]);
        Quarter(ref v[0], ref v[5], ref v[10], ref v[15], m[s[8]], m[s[9]]);
        Quarter(ref v[1], ref v[6], ref v[11], ref v[12], m[s[10]], m[s[11]]);
        Quarter(ref v[2], ref v[7], ref v[8], ref v[13], m[s[12]], m[s[13]]);
        Quarter(ref v[3], ref v[4], ref v[9], ref v[14], m[s[14]], m[s[15]]);
    }

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
