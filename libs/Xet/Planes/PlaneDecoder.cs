using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ModelGarden.Kernel;

namespace ModelGarden.Xet;

/// <summary>
/// Reads what <see cref="PlaneEncoder"/> wrote, and trusts it no more than a stranger's bytes: nothing outside the two spans is read or
/// written. Whether it is the right chunk only its hash says. Not for two threads at once; allocates nothing per chunk.
/// </summary>
public sealed class PlaneDecoder
{
    // Five codes of at most 11 bits in the 57 that a word has from any bit on.
    private const int CodesPerWord = 5;
    private const int TableMask = (1 << PlaneFormat.LongestCode) - 1;
    private readonly HuffmanCode _code = new();
    private readonly byte[] _grouped = new byte[XetLimits.Chunk];

    /// <summary>Decodes a chunk that must have exactly the length of <paramref name="chunk"/> and take all of <paramref name="encoded"/>.</summary>
    /// <returns>Null, or what is wrong and at which byte; <paramref name="chunk"/> then holds anything.</returns>
    public Error? Decode(ReadOnlySpan<byte> encoded, Span<byte> chunk)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(chunk.Length, XetLimits.Chunk, nameof(chunk));
        if (encoded.IsEmpty || encoded[0] != PlaneFormat.Version)
        {
            return Damaged("it is empty or has a version that is not known", 0);
        }

        var grouped = _grouped.AsSpan(0, chunk.Length);
        var read = 1;
        for (var group = 0; group < 4; group++)
        {
            var plane = grouped[ByteGrouping.GroupStart(chunk.Length, group)..ByteGrouping.GroupStart(chunk.Length, group + 1)];
            if (ReadPlane(encoded, ref read, plane) is { } fault)
            {
                return fault;
            }
        }

        ByteGrouping.Join(grouped, chunk);
        return read == encoded.Length ? null : Damaged($"{encoded.Length - read} bytes stand behind it", read);
    }

    private Error? ReadPlane(ReadOnlySpan<byte> encoded, ref int read, Span<byte> plane)
    {
        if (read == encoded.Length)
        {
            return Damaged("it is cut off", read);
        }

        var kind = encoded[read++];
        if (kind == PlaneFormat.Coded)
        {
            return ReadCoded(encoded, ref read, plane);
        }

        var length = kind == PlaneFormat.Raw ? plane.Length : 1;
        if (kind > PlaneFormat.Coded || length > encoded.Length - read)
        {
            return Damaged($"a group of kind {kind} is not known or cut off", read - 1);
        }

        if (kind == PlaneFormat.Raw)
        {
            encoded.Slice(read, length).CopyTo(plane);
        }
        else
        {
            plane.Fill(encoded[read]);
        }

        read += length;
        return null;
    }

    private Error? ReadCoded(ReadOnlySpan<byte> encoded, ref int read, Span<byte> plane)
    {
        var start = read;
        if (!TryReadCode(encoded, ref read) || encoded.Length - read < PlaneFormat.LengthsLength)
        {
            return Damaged("the code of a group is not complete", start);
        }

        Span<int> ends = stackalloc int[PlaneFormat.Streams];
        var sum = 0;
        for (var stream = 0; stream < PlaneFormat.Streams; stream++, read += 3)
        {
            var length = encoded[read] | (encoded[read + 1] << 8) | (encoded[read + 2] << 16);
            sum = stream == PlaneFormat.Streams - 1 ? length : sum + length;
            ends[stream] = sum;
        }

        if (sum > encoded.Length - read || ends[2] > sum)
        {
            return Damaged("the streams of a group are cut off", start);
        }

        var streams = encoded.Slice(read, sum);
        read += sum;
        return Decode(streams, ends, plane) ? null : Damaged("a stream of a group does not end where it should", start);
    }

    private bool TryReadCode(ReadOnlySpan<byte> encoded, ref int read)
    {
        if (encoded.Length - read < PlaneFormat.PresenceLength)
        {
            return false;
        }

        var presence = encoded.Slice(read, PlaneFormat.PresenceLength);
        read += PlaneFormat.PresenceLength;
        var nibbles = encoded[read..];
        var count = 0;
        for (var value = 0; value < HuffmanCode.Values; value++)
        {
            var present = (presence[value >> 3] >> (value & 7) & 1) != 0;
            if (present && (count >> 1) >= nibbles.Length)
            {
                return false;
            }

            _code.Lengths[value] = present ? (byte)((nibbles[count >> 1] >> (4 * (count & 1))) & 15) : (byte)0;
            count += present ? 1 : 0;
        }

        read += (count + 1) / 2;
        return _code.TryFillTable();
    }

    // All four streams in one loop, because each waits for itself; then what is left of each.
    private bool Decode(ReadOnlySpan<byte> streams, ReadOnlySpan<int> ends, Span<byte> plane)
    {
        Span<int> bits = [0, 8 * ends[0], 8 * ends[1], 8 * ends[2]];
        var done = DecodeTogether(streams, bits, plane);
        for (var stream = 0; stream < PlaneFormat.Streams; stream++)
        {
            var part = plane[PlaneFormat.StreamStart(plane.Length, stream)..PlaneFormat.StreamStart(plane.Length, stream + 1)];
            var bit = bits[stream];
            for (var n = done; n < part.Length; n++)
            {
                part[n] = Next(Peek(streams, bit), ref bit);
            }

            if ((bit + 7) / 8 != ends[stream])
            {
                return false;
            }
        }

        return true;
    }

    private int DecodeTogether(ReadOnlySpan<byte> streams, Span<int> bits, Span<byte> plane)
    {
        var (quarter, last) = (PlaneFormat.Quarter(plane.Length), 8 * (streams.Length - 8));
        var shortest = plane.Length - PlaneFormat.StreamStart(plane.Length, PlaneFormat.Streams - 1);
        ref var from = ref MemoryMarshal.GetReference(streams);
        ref var to = ref MemoryMarshal.GetReference(plane);
        var (a, b, c, d) = (bits[0], bits[1], bits[2], bits[3]);
        var done = 0;
        for (; done <= shortest - CodesPerWord && a <= last && b <= last && c <= last && d <= last; done += CodesPerWord)
        {
            var (wordA, wordB, wordC, wordD) = (Word(ref from, a), Word(ref from, b), Word(ref from, c), Word(ref from, d));
            for (var n = done; n < done + CodesPerWord; n++)
            {
                Unsafe.Add(ref to, n) = Next(ref wordA, ref a);
                Unsafe.Add(ref to, quarter + n) = Next(ref wordB, ref b);
                Unsafe.Add(ref to, (2 * quarter) + n) = Next(ref wordC, ref c);
                Unsafe.Add(ref to, (3 * quarter) + n) = Next(ref wordD, ref d);
            }
        }

        (bits[0], bits[1], bits[2], bits[3]) = (a, b, c, d);
        return done;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Word(ref byte from, int bit)
    {
        var word = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref from, bit >> 3));
        return (BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word)) >> (bit & 7);
    }

    // The index has as many bits as the table.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte Next(ref ulong word, ref int bit)
    {
        int entry = Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_code.Table), (nint)(word & TableMask));
        word >>= entry >> 8;
        bit += entry >> 8;
        return (byte)entry;
    }

    private byte Next(ulong word, ref int bit) => Next(ref word, ref bit);

    // Behind the end there are zeros.
    private static ulong Peek(ReadOnlySpan<byte> streams, int bit)
    {
        var (at, word) = (bit >> 3, 0UL);
        for (var n = 0; n < 3 && at + n < streams.Length; n++)
        {
            word |= (ulong)streams[at + n] << (8 * n);
        }

        return word >> (bit & 7);
    }

    private static Error Damaged(string what, int at) => Error.Invalid("BAD_PLANES", $"a chunk in planes is damaged at its byte {at}: {what}");
}
