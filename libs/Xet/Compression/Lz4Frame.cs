using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using ModelGarden.Kernel;

namespace ModelGarden.Xet;

/// <summary>
/// Reads and writes LZ4 frames as the payload of a chunk (xet.md 3.2, Appendix B): one frame with nothing behind it. Read are independent and
/// linked blocks, stored blocks, content size, content checksum and block checksums; written is the plain frame that every client reads.
/// </summary>
public static class Lz4Frame
{
    /// <summary>What a frame of one block adds to the block, in bytes.</summary>
    public const int Overhead = 15;

    private const uint Magic = 0x184D2204;
    private const uint Stored = 0x80000000;
    private const int SmallBlock = 64 * 1024;

    /// <summary>Decodes a frame that must fill <paramref name="output"/> exactly.</summary>
    /// <returns>Null, or what is wrong with the frame and at which of its bytes; <paramref name="output"/> then holds anything.</returns>
    public static Error? Decode(ReadOnlySpan<byte> frame, Span<byte> output)
    {
        var fault = ReadHeader(frame, output.Length, out var header);
        var (read, written) = (header.Length, 0);
        while (fault is null)
        {
            if (!TryReadWord(frame, ref read, out var size))
            {
                return Damaged("it has no end mark", read);
            }

            if (size == 0)
            {
                return CheckEnd(frame, read, output, written, header);
            }

            fault = ReadBlock(frame, size, header, output, ref read, ref written);
        }

        return fault;
    }

    /// <summary>Writes the chunk as a frame of one block.</summary>
    /// <param name="chunk">At most 256 KiB.</param>
    /// <param name="frame">Takes the frame: its length is the most that the frame may have.</param>
    /// <param name="encoder">Finds the matches.</param>
    /// <param name="plan">Where they are looked for.</param>
    /// <returns>The frame's length, or 0 when it does not fit.</returns>
    public static int Encode(ReadOnlySpan<byte> chunk, Span<byte> frame, Lz4Encoder encoder, scoped ReadOnlySpan<Lz4Region> plan)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(chunk.Length, Lz4Encoder.MaximumSource, nameof(chunk));
        var block = frame.Length <= Overhead ? 0 : encoder.Encode(chunk, frame[11..^4], plan);
        if (block == 0)
        {
            return 0;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(frame, Magic);
        (frame[4], frame[5], frame[6]) = chunk.Length <= SmallBlock ? ((byte)0x60, (byte)0x40, (byte)0x82) : ((byte)0x60, (byte)0x50, (byte)0xfb);
        BinaryPrimitives.WriteInt32LittleEndian(frame[7..], block);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[(11 + block)..], 0);
        return block + Overhead;
    }

    private static Error? ReadHeader(ReadOnlySpan<byte> frame, int expected, out Header header)
    {
        header = default;
        if (frame.Length < 7 || BinaryPrimitives.ReadUInt32LittleEndian(frame) != Magic)
        {
            return Damaged("it does not begin with the magic number 04 22 4d 18 and a header", 0);
        }

        var (flags, limits) = (frame[4], frame[5]);
        var hasSize = (flags & 0x08) != 0;
        header = new(hasSize ? 15 : 7, 1 << (8 + (2 * ((limits >> 4) & 7))), (flags & 0x20) != 0, (flags & 0x10) != 0, (flags & 0x04) != 0);
        if (HeaderFault(flags, limits) is { } fault)
        {
            return Damaged(fault, 4);
        }

        if (frame.Length < header.Length || (byte)(XxHash32.Hash(frame[4..(header.Length - 1)]) >> 8) != frame[header.Length - 1])
        {
            return Damaged("its header is cut off or does not match its checksum", 4);
        }

        return hasSize && BinaryPrimitives.ReadUInt64LittleEndian(frame[6..]) != (ulong)expected
            ? Damaged($"it declares a content of {BinaryPrimitives.ReadUInt64LittleEndian(frame[6..])} bytes where {expected} are expected", 6)
            : null;
    }

    private static string? HeaderFault(byte flags, byte limits) => (flags, limits) switch
    {
        _ when (flags & 0xC0) != 0x40 => $"its version is {flags >> 6} where 1 is expected",
        _ when (flags & 0x01) != 0 => "it needs a dictionary, and there are none",
        _ when (flags & 0x02) != 0 || (limits & 0x8F) != 0 => "a reserved bit is set",
        _ when limits >> 4 < 4 => $"its block size code is {limits >> 4} where 4 to 7 are expected",
        _ => null,
    };

    private static Error? ReadBlock(ReadOnlySpan<byte> frame, uint size, in Header header, Span<byte> output, ref int read, ref int written)
    {
        var length = (int)(size & ~Stored);
        var trailer = header.BlockChecksums ? 4 : 0;
        if (length == 0 || length > header.BlockLimit || length > frame.Length - read - trailer)
        {
            return Damaged($"a block of {length} bytes is empty, over its limit of {header.BlockLimit} or cut off", read - 4);
        }

        var start = read;
        var block = frame.Slice(start, length);
        read += length;
        if (trailer != 0 && (!TryReadWord(frame, ref read, out var checksum) || checksum != XxHash32.Hash(block)))
        {
            return Damaged("a block does not match its checksum", start);
        }

        var room = Math.Min(output.Length, written + header.BlockLimit);
        return (size & Stored) != 0
            ? CopyStored(block, output[..room], start, ref written)
            : Located(Lz4Block.Decode(block, output[..room], header.Independent ? written : 0, ref written), start);
    }

    private static Error? CopyStored(ReadOnlySpan<byte> block, Span<byte> output, int start, ref int written)
    {
        if (block.Length > output.Length - written)
        {
            return Damaged($"a stored block of {block.Length} bytes is longer than the {output.Length - written} that are expected", start);
        }

        block.CopyTo(output[written..]);
        written += block.Length;
        return null;
    }

    private static Error? CheckEnd(ReadOnlySpan<byte> frame, int read, ReadOnlySpan<byte> output, int written, in Header header)
    {
        if (written != output.Length)
        {
            return Damaged($"it decodes to {written} bytes where {output.Length} are expected", read - 4);
        }

        if (header.ContentChecksum && (!TryReadWord(frame, ref read, out var checksum) || checksum != XxHash32.Hash(output)))
        {
            return Damaged("its content does not match its checksum", read);
        }

        return read == frame.Length ? null : Damaged($"{frame.Length - read} bytes stand behind it", read);
    }

    private static bool TryReadWord(ReadOnlySpan<byte> frame, ref int read, out uint word)
    {
        if (frame.Length - read < 4)
        {
            word = 0;
            return false;
        }

        word = BinaryPrimitives.ReadUInt32LittleEndian(frame[read..]);
        read += 4;
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Error Damaged(string what, int at) => Error.Invalid("BAD_LZ4", $"an lz4 frame is damaged at its byte {at}: {what}");

    private static Error? Located(Error? fault, int start) =>
        fault is null ? null : fault with { Message = $"{fault.Message} (the block begins at byte {start} of its frame)" };

    private readonly record struct Header(int Length, int BlockLimit, bool Independent, bool BlockChecksums, bool ContentChecksum);
}
