using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelGarden.Xet;

/// <summary>
/// Writes a chunk as its four byte groups, each as it pays: raw, one value, or a Huffman code. For weights on a disk: smaller than the
/// encodings of the Xet format, which know no code below a byte. It never goes to a client: who serves such a chunk decodes it and sends it
/// in one of the format's own. Not for two threads at once; allocates nothing per chunk.
/// </summary>
public sealed class PlaneEncoder
{
    // A group that hardly shrinks is not worth its reader's time.
    private const int LeastSaving = 32;
    private const int Shortest = 256;
    private const int LongestLengths = HuffmanCode.Values / 2;
    private const double Noise = 1.0 / 200;
    private readonly ByteProfile _profile = new();
    private readonly HuffmanCode _code = new();
    private readonly byte[] _grouped = new byte[XetLimits.Chunk];
    private readonly int[] _counts = new int[4 * HuffmanCode.Values];

    /// <summary>Encodes a chunk.</summary>
    /// <param name="chunk">1 to <see cref="XetLimits.Chunk"/> bytes.</param>
    /// <param name="target">Takes the encoded chunk, without a header.</param>
    /// <returns>The length of the encoded chunk; 0 when it is longer than <paramref name="target"/> or saves nothing.</returns>
    public int Encode(ReadOnlySpan<byte> chunk, Span<byte> target)
    {
        ArgumentOutOfRangeException.ThrowIfZero(chunk.Length, nameof(chunk));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(chunk.Length, XetLimits.Chunk, nameof(chunk));
        var grouped = _grouped.AsSpan(0, chunk.Length);
        ByteGrouping.Split(chunk, grouped);
        _profile.Take(chunk);
        target = target[..Math.Min(target.Length, chunk.Length - 1)];
        var written = 1;
        for (var group = 0; group < 4; group++)
        {
            var plane = grouped[ByteGrouping.GroupStart(chunk.Length, group)..ByteGrouping.GroupStart(chunk.Length, group + 1)];
            var length = written < target.Length ? Write(plane, _profile.Group(group), target[written..]) : 0;
            if (length == 0)
            {
                return 0;
            }

            written += length;
        }

        target[0] = PlaneFormat.Version;
        return written;
    }

    private int Write(ReadOnlySpan<byte> plane, double repeats, Span<byte> target)
    {
        if (plane.Length < Shortest || repeats < Noise)
        {
            return WriteRaw(plane, target);
        }

        if (!plane.ContainsAnyExcept(plane[0]))
        {
            return WriteConstant(plane[0], target);
        }

        Count(plane);
        var size = Size(_code.Make(_counts.AsSpan(0, HuffmanCode.Values)));
        return size <= Math.Min(plane.Length - (plane.Length / LeastSaving), target.Length) ? WriteCoded(plane, target) : WriteRaw(plane, target);
    }

    private static int WriteRaw(ReadOnlySpan<byte> plane, Span<byte> target)
    {
        if (plane.Length + 1 > target.Length)
        {
            return 0;
        }

        target[0] = PlaneFormat.Raw;
        plane.CopyTo(target[1..]);
        return plane.Length + 1;
    }

    private static int WriteConstant(byte value, Span<byte> target)
    {
        if (target.Length < 2)
        {
            return 0;
        }

        (target[0], target[1]) = (PlaneFormat.Constant, value);
        return 2;
    }

    // Four tables, so that equal bytes in a row do not wait for each other.
    private void Count(ReadOnlySpan<byte> plane)
    {
        var counts = _counts.AsSpan();
        counts.Clear();
        for (; plane.Length >= 4; plane = plane[4..])
        {
            counts[plane[0]]++;
            counts[256 + plane[1]]++;
            counts[512 + plane[2]]++;
            counts[768 + plane[3]]++;
        }

        foreach (var value in plane)
        {
            counts[value]++;
        }

        for (var value = 0; value < HuffmanCode.Values; value++)
        {
            counts[value] += counts[256 + value] + counts[512 + value] + counts[768 + value];
        }
    }

    // The most that it may take: each stream is filled up to a byte, and the last word is written whole.
    private static int Size(long bits) => 1 + PlaneFormat.PresenceLength + LongestLengths + PlaneFormat.LengthsLength + (int)(bits / 8) + (9 * PlaneFormat.Streams);

    private int WriteCoded(ReadOnlySpan<byte> plane, Span<byte> target)
    {
        target[0] = PlaneFormat.Coded;
        var written = 1 + WriteLengths(target[1..]);
        var lengths = target.Slice(written, PlaneFormat.LengthsLength);
        written += PlaneFormat.LengthsLength;
        var start = written;
        for (var stream = 0; stream < PlaneFormat.Streams; stream++)
        {
            var part = plane[PlaneFormat.StreamStart(plane.Length, stream)..PlaneFormat.StreamStart(plane.Length, stream + 1)];
            var length = WriteStream(part, target[written..]);
            written += length;
            var value = stream == PlaneFormat.Streams - 1 ? written - start : length;
            (lengths[3 * stream], lengths[(3 * stream) + 1], lengths[(3 * stream) + 2]) = ((byte)value, (byte)(value >> 8), (byte)(value >> 16));
        }

        return written;
    }

    private int WriteLengths(Span<byte> target)
    {
        var (presence, nibbles, count) = (0, PlaneFormat.PresenceLength, 0);
        target[..(PlaneFormat.PresenceLength + LongestLengths)].Clear();
        for (var value = 0; value < HuffmanCode.Values; value++)
        {
            int length = _code.Lengths[value];
            if (length != 0)
            {
                target[presence + (value >> 3)] |= (byte)(1 << (value & 7));
                target[nibbles + (count >> 1)] |= (byte)(length << (4 * (count & 1)));
                count++;
            }
        }

        return PlaneFormat.PresenceLength + ((count + 1) / 2);
    }

    // Four codes have at most 44 bits: with the up to 7 that are left over they fit a word, which is written whole each time.
    private int WriteStream(ReadOnlySpan<byte> part, Span<byte> target)
    {
        var (codes, lengths) = (_code.Codes, _code.Lengths);
        ref var to = ref MemoryMarshal.GetReference(target);
        var (bits, count, at, n) = (0UL, 0, 0, 0);
        for (; n < part.Length; n++)
        {
            bits |= (ulong)codes[part[n]] << count;
            count += lengths[part[n]];
            if ((n & 3) == 3)
            {
                Flush(target, ref bits, ref count, ref at);
            }
        }

        Flush(target, ref bits, ref count, ref at);
        return count > 0 ? at + 1 : at;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Flush(Span<byte> target, ref ulong bits, ref int count, ref int at)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(target[at..], bits);
        at += count >> 3;
        bits >>= count & ~7;
        count &= 7;
    }
}
