using System.Numerics;
using System.Runtime.InteropServices;
using ModelGarden.Search.Engines.Embedded.Columns;
using ModelGarden.Search.Engines.Embedded.Files;

namespace ModelGarden.Search.Engines.Embedded.Terms;

/// <summary>Writes what <see cref="PostingList"/> reads, term after term.</summary>
internal sealed class PostingWriter(SectionWriter section, int rowCount)
{
    private readonly List<PostingBlock> _blocks = [];
    private readonly uint[] _numbers = new uint[PostingBlock.Size];
    private byte[] _data = new byte[4096];
    private ulong[] _set = [];
    private int _length;
    private long _offset;

    /// <summary>Returns what the dictionary holds of the term.</summary>
    /// <param name="rows">Rising, at least one.</param>
    /// <param name="weights">Of each, from 1 on.</param>
    public ulong Write(ReadOnlySpan<int> rows, ReadOnlySpan<byte> weights)
    {
        if (rows.Length is 1 && weights[0] is 1)
        {
            return PostingList.Inline(rows[0]);
        }

        (_length, var last) = (0, -1);
        _blocks.Clear();
        for (var start = 0; start < rows.Length; start += PostingBlock.Size)
        {
            var count = Math.Min(PostingBlock.Size, rows.Length - start);
            last = WriteBlock(rows.Slice(start, count), weights.Slice(start, count), last);
        }

        var offset = _offset;
        Write(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_blocks)));
        Write(_data.AsSpan(0, _length));
        if (PostingList.IsDense(rows.Length, rowCount))
        {
            WriteSet(rows);
        }

        return PostingList.Term(rows.Length, offset);
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

    private byte Pack(int count, uint all)
    {
        var bits = 32 - BitOperations.LeadingZeroCount(all);
        var length = BlockPacking.LengthOf(count, bits);
        if (_data.Length < _length + length)
        {
            Array.Resize(ref _data, _data.Length * 2);
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
