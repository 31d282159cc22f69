using System.Buffers.Binary;
using ModelGarden.Kernel;

namespace ModelGarden.Xet;

/// <summary>
/// The footer that a xorb may have behind its chunks (xet.md 3.4): the same that the chunks say themselves. It is compared and never believed;
/// one of a version that we do not know is left alone.
/// </summary>
internal static class XorbFooter
{
    /// <summary>The longest footer, in bytes.</summary>
    public const int MaximumLength = 92 + (40 * XetLimits.XorbChunks) + 4;

    private const int IdentLength = 8;
    private const int NonceLength = 16;

    /// <summary>Where a chunk's header would stand, a footer begins with this.</summary>
    public static ReadOnlySpan<byte> Tag => "XETBLOB"u8;

    /// <summary>Not null: where the footer says something else than the chunks.</summary>
    public static Error? Check(ReadOnlySpan<byte> footer, XorbIndex index)
    {
        if (footer.Length > Tag.Length && footer[Tag.Length] > 1)
        {
            return null;
        }

        ReadOnlySpan<byte> expected = footer.Length > Tag.Length && footer[Tag.Length] == 0 ? Version0(index) : Version1(index);
        if (footer.Length != expected.Length)
        {
            return Lies($"it has {footer.Length} bytes where {expected.Length} are expected", index.Length);
        }

        var nonce = footer.Length - 4 - NonceLength;
        var same = footer[..nonce].CommonPrefixLength(expected);
        return same < nonce ? Lies("it contradicts the chunks", index.Length + same)
            : footer[^4..].SequenceEqual(expected[^4..]) ? null
            : Lies("it has a wrong length of its own", index.Length + footer.Length - 4);
    }

    /// <summary>The footer that goes with an index, in version 1.</summary>
    public static byte[] Version1(XorbIndex index)
    {
        var (info, n) = (92 + (40 * index.Count), index.Count);
        var writer = new Writer(info + 4);
        writer.Ident(Tag, 1).Hash(index.Hash);
        writer.Ident("XBLBHSH"u8, 0).Word(n).Hashes(index.Chunks);
        writer.Ident("XBLBBND"u8, 1).Word(n).Ends(index).UnpackedEnds(index);
        writer.Word(n).Word(info - IdentLength - XetHash.Size).Word(40 + (8 * n)).Skip(NonceLength).Word(info);
        return writer.Bytes;
    }

    /// <summary>The footer that goes with an index, in version 0.</summary>
    public static byte[] Version0(XorbIndex index)
    {
        var info = 60 + (36 * index.Count);
        var writer = new Writer(info + 4);
        writer.Ident(Tag, 0).Hash(index.Hash).Word(index.Count).Ends(index).Hashes(index.Chunks).Skip(NonceLength).Word(info);
        return writer.Bytes;
    }

    private static Error Lies(string what, int at) => Error.Invalid("BAD_XORB", $"the xorb's footer is wrong at byte {at} of the xorb: {what}");

    private sealed class Writer(int length)
    {
        private int _at;

        public byte[] Bytes { get; } = new byte[length];

        public Writer Ident(ReadOnlySpan<byte> tag, byte version)
        {
            tag.CopyTo(Bytes.AsSpan(_at));
            Bytes[_at + tag.Length] = version;
            return Skip(IdentLength);
        }

        public Writer Hash(XetHash hash)
        {
            hash.CopyTo(Bytes.AsSpan(_at));
            return Skip(XetHash.Size);
        }

        public Writer Hashes(ReadOnlySpan<Chunk> chunks)
        {
            foreach (var chunk in chunks)
            {
                Hash(chunk.Hash);
            }

            return this;
        }

        public Writer Ends(XorbIndex index)
        {
            for (var n = 1; n <= index.Count; n++)
            {
                Word(index.Start(n));
            }

            return this;
        }

        public Writer UnpackedEnds(XorbIndex index)
        {
            for (var n = 1; n <= index.Count; n++)
            {
                Word(index.UnpackedStart(n));
            }

            return this;
        }

        public Writer Word(int word)
        {
            BinaryPrimitives.WriteInt32LittleEndian(Bytes.AsSpan(_at), word);
            return Skip(4);
        }

        public Writer Skip(int count)
        {
            _at += count;
            return this;
        }
    }
}
