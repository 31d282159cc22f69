using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ModelGarden.Kernel;

namespace ModelGarden.Xet;

/// <summary>
/// Decodes LZ4 blocks (xet.md, Appendix B) from strangers: every length and offset is checked before a byte moves, and nothing outside the
/// two spans is read or written. Writing them is <see cref="Lz4Encoder"/>'s work.
/// </summary>
public static class Lz4Block
{
    internal const int MinimumMatch = 4;
    internal const int LongRun = 15;

    // A token, up to 14 literals and an offset can be read, and 14 literals and a match of 18 copied wide, with no further check.
    private const int FastRead = 16;
    private const int FastWrite = 48;

    /// <summary>Decodes one whole block behind what <paramref name="output"/> already holds.</summary>
    /// <param name="block">The block, without its length.</param>
    /// <param name="output">All that the frame decodes to, not only this block's part.</param>
    /// <param name="history">How far back matches may reach: a position in <paramref name="output"/>, at most <paramref name="written"/>.</param>
    /// <param name="written">Bytes of <paramref name="output"/> that are decoded; moved on by the block's length.</param>
    /// <returns>Null, or what is wrong with the block and at which of its bytes; <paramref name="output"/> then holds anything.</returns>
    public static Error? Decode(ReadOnlySpan<byte> block, Span<byte> output, int history, ref int written)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)written, (uint)output.Length, nameof(written));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)history, (uint)written, nameof(history));
        ref var source = ref MemoryMarshal.GetReference(block);
        ref var target = ref MemoryMarshal.GetReference(output);
        var (read, end) = (0, block.Length);
        var at = written;
        while (read < end)
        {
            int token = Unsafe.Add(ref source, read++);
            var literals = token >> 4;
            if (literals < LongRun && end - read >= FastRead && output.Length - at >= FastWrite)
            {
                Copy16(ref Unsafe.Add(ref source, read), ref Unsafe.Add(ref target, at));
                read += literals;
                at += literals;
                var near = Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref source, read));
                if ((token & LongRun) != LongRun && near >= 8 && near <= at - history && BitConverter.IsLittleEndian)
                {
                    Copy18(ref Unsafe.Add(ref target, at - near), ref Unsafe.Add(ref target, at));
                    read += 2;
                    at += (token & LongRun) + MinimumMatch;
                    continue;
                }
            }
            else
            {
                if (literals == LongRun && !ReadLength(block, ref read, ref literals))
                {
                    return Damaged("a length of literals does not end", read);
                }

                if (literals > end - read || literals > output.Length - at)
                {
                    return Damaged($"{literals} literals are too many: {end - read} bytes are left to read and {output.Length - at} to write", read);
                }

                block.Slice(read, literals).CopyTo(output[at..]);
                read += literals;
                at += literals;
                if (read == end)
                {
                    written = at;
                    return null;
                }
            }

            if (end - read < 2)
            {
                return Damaged("an offset is cut off", read);
            }

            var offset = Unsafe.Add(ref source, read) | (Unsafe.Add(ref source, read + 1) << 8);
            read += 2;
            var length = token & LongRun;
            if (length == LongRun && !ReadLength(block, ref read, ref length))
            {
                return Damaged("a length of a match does not end", read);
            }

            length += MinimumMatch;
            if (offset == 0 || offset > at - history || length > output.Length - at)
            {
                return Damaged($"a match of {length} bytes from {offset} back does not fit: {at - history} bytes lie behind it and {output.Length - at} before it", read);
            }

            CopyMatch(output, at, offset, length);
            at += length;
        }

        return Damaged("it does not end with literals", end);
    }

    // The value so far is 15: bytes are added up to and with the first that is not 255. Twice the longest input cannot overflow.
    private static bool ReadLength(ReadOnlySpan<byte> block, ref int read, ref int length)
    {
        while (read < block.Length)
        {
            var more = block[read++];
            length += more;
            if (more != 255)
            {
                return true;
            }
        }

        return false;
    }

    private static void CopyMatch(Span<byte> output, int at, int offset, int length)
    {
        if (offset >= length)
        {
            output.Slice(at - offset, length).CopyTo(output[at..]);
        }
        else if (offset == 1)
        {
            output.Slice(at, length).Fill(output[at - 1]);
        }
        else
        {
            Repeat(output, at, offset, length);
        }
    }

    // The match overlaps itself: what lies between its source and its target is a whole number of periods, and grows with every copy.
    private static void Repeat(Span<byte> output, int at, int offset, int length)
    {
        var pattern = at - offset;
        for (var done = 0; done < length;)
        {
            var count = Math.Min(offset + done, length - done);
            output.Slice(pattern, count).CopyTo(output[(at + done)..]);
            done += count;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy16(ref byte from, ref byte to) =>
        Unsafe.WriteUnaligned(ref to, Unsafe.ReadUnaligned<UInt128>(ref from));

    // In steps of 8, so that a match from 8 back reads what it has just written.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy18(ref byte from, ref byte to)
    {
        Unsafe.WriteUnaligned(ref to, Unsafe.ReadUnaligned<ulong>(ref from));
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref to, 8), Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref from, 8)));
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref to, 16), Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref from, 16)));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Error Damaged(string what, int at) => Error.Invalid("BAD_LZ4", $"an lz4 block is damaged at its byte {at}: {what}");
}
