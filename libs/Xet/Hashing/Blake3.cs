using System.Buffers.Binary;

namespace ModelGarden.Xet;

/// <summary>BLAKE3 over bytes that are in memory: hash, keyed hash and key derivation, with output of any length. No call allocates.</summary>
public static class Blake3
{
    /// <summary>The usual length of a hash.</summary>
    public const int HashLength = 32;

    /// <summary>The length of a key.</summary>
    public const int KeyLength = 32;

    public static void Hash(ReadOnlySpan<byte> input, Span<byte> output) =>
        new Blake3Tree(Blake3Block.Iv, 0, Blake3Rows.Widest).Hash(input, output);

    public static void HashKeyed(ReadOnlySpan<byte> key32, ReadOnlySpan<byte> input, Span<byte> output) =>
        HashKeyed(key32, input, output, Blake3Rows.Widest);

    /// <summary>Derives a key from <paramref name="material"/> for the one purpose that <paramref name="context"/> names.</summary>
    public static void DeriveKey(ReadOnlySpan<byte> context, ReadOnlySpan<byte> material, Span<byte> output)
    {
        Span<byte> contextKey = stackalloc byte[KeyLength];
        new Blake3Tree(Blake3Block.Iv, Blake3Block.DeriveKeyContext, Blake3Rows.Widest).Hash(context, contextKey);
        Span<uint> key = stackalloc uint[Blake3Block.KeyWords];
        ReadKey(contextKey, key);
        new Blake3Tree(key, Blake3Block.DeriveKeyMaterial, Blake3Rows.Widest).Hash(material, output);
    }

    internal static void HashKeyed(ReadOnlySpan<byte> key32, ReadOnlySpan<byte> input, Span<byte> output, Blake3Width width)
    {
        Span<uint> key = stackalloc uint[Blake3Block.KeyWords];
        ReadKey(key32, key);
        new Blake3Tree(key, Blake3Block.Keyed, width).Hash(input, output);
    }

    private static void ReadKey(ReadOnlySpan<byte> bytes, Span<uint> words)
    {
        if (bytes.Length != KeyLength)
        {
            throw new ArgumentException($"a BLAKE3 key has {KeyLength} bytes, not {bytes.Length}", nameof(bytes));
        }

        for (var i = 0; i < words.Length; i++)
        {
            words[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(i * sizeof(uint))..]);
        }
    }
}
