using System.Numerics;
using System.Runtime.InteropServices;
using ModelGarden.Search.Engines.Embedded.Columns;
using ModelGarden.Search.Engines.Embedded.Files;

namespace ModelGarden.Search.Engines.Embedded.Terms;

/// <summary>Writes what <see cref="PostingList"/> reads, term after term.</summary>
internal sealed class PostingWriter(SectionWriter section, int rowCount)
{
    private readonly List<PostingBlock> _blocks = [];
    private uint[] _numbers = new uint[PostingBlock.Size];
    private byte[] _data = new byte[4096];
    private ulong[] _set = [];
    private int _length;
    private long _offset;

    /// <summary>Returns what the dictionary holds of the term.</summary>
    public ulong Write(TermRows term)
    {
        if (term.Rows.Length is 1 && term.Weights[0] is 1 && PostingList.Inline(term.Rows[0], term.Positions) is { } inline)
        {
            return inline;
        }

        (_length, var last, var position) = (0, -1, 0);
        _blocks.Clear();
        for (var start = 0; start < term.Rows.Length; start += PostingBlock.Size)
        {
            var count = Math.Min(PostingBlock.Size, term.Rows.Length - start);
            last = WriteBlock(term.Rows.Slice(start, count), term.Weights.Slice(start, count), last);
            position = WritePositions(term, start, count, position);
        }

        var offset = _offset;
        Write(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_blocks)));
        Write(_data.AsSpan(0, _length));
        if (PostingList.IsDense(term.Rows.Length, rowCount))
        {
            WriteSet(term.Rows);
        }

        return PostingList.Term(term.Rows.Length, offset);
    }

    private int WriteBlock(ReadOnlySpan<int> rows, ReadOnlySpan<byte> weights, int last)
    {
        uint all = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            all |= _numbers[i] = (uint)(rows[i] - last - 1);
            last = rows[i];
        }

        var rowBits = Pack(rows.Length, all);
        (all, var maximum) = (0, 0u);
        for (var i = 0; i < rows.Length; i++)
        {
            all |= _numbers[i] = (uint)(weights[i] - 1);
            maximum = Math.Max(maximum, weights[i]);
        }

        _blocks.Add(new(last, 0, (byte)maximum, rowBits, Pack(rows.Length, all), 0));
        _blocks[^1] = _blocks[^1] with { End = _length };
        return last;
    }

    /// <summary>Behind the block's rows and weights: of each row how many positions, unless each has one, then these.</summary>
    /// <returns>Where the next block's positions begin.</returns>
    private int WritePositions(TermRows term, int start, int count, int position)
    {
        if (term.Counts.IsEmpty)
        {
            return position;
        }

        var counts = term.Counts.Slice(start, count);
        var countBits = counts.ContainsAnyExcept((ushort)1) ? Pack(counts) : PostingBlock.OneEach;
        var total = 0;
        foreach (var each in counts)
        {
            total += each;
        }

        var positionBits = Pack(term.Positions.Slice(position, total));
        _blocks[^1] = _blocks[^1] with { End = _length, PositionBits = (byte)((positionBits << 4) | countBits) };
        return position + total;
    }

    private int Pack(ReadOnlySpan<ushort> numbers)
    {
        if (_numbers.Length < numbers.Length)
        {
            _numbers = new uint[numbers.Length * 2];
        }

        uint all = 0;
        for (var i = 0; i < numbers.Length; i++)
        {
            all |= _numbers[i] = numbers[i];
        }

        return Pack(numbers.Length, all);
    }

    private byte Pack(int count, uint all)
    {
        var bits = 32 - BitOperations.LeadingZeroCount(all);
        var length = BlockPacking.LengthOf(count, bits);
        if (_data.Length < _length + length)
        {
            Array.Resize(ref _data, Math.Max(_data.Length * 2, _length + length));
        }

        BlockPacking.Pack(_numbers.AsSpan(0, count), bits, _data.AsSpan(_length, length));
        _length += length;
        return (byte)bits;
    }

    private void WriteSet(ReadOnlySpan<int> rows)
    {
        Span<byte> padding = stackalloc byte[8];
        padding.Clear();
        Write(padding[..(int)(-_offset & 7)]);
        _set = _set.Length > 0 ? _set : new ulong[Bits.WordsFor(rowCount)];
        _set.AsSpan().Clear();
        foreach (var row in rows)
        {
            Bits.Add(_set, row);
        }

        Write(MemoryMarshal.AsBytes(_set.AsSpan()));
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        section.Write(bytes);
        _offset += bytes.Length;
    }
}
