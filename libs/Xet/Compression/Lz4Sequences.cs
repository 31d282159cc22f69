using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelGarden.Xet;

/// <summary>Writes the sequences of one LZ4 block: literals since the last match, then a match. Stops, and stays stopped, when the target is full.</summary>
internal ref struct Lz4Sequences(ReadOnlySpan<byte> source, Span<byte> target)
{
    private const int WideCopy = 16;
    private readonly ReadOnlySpan<byte> _source = source;
    private readonly Span<byte> _target = target;
    private int _written;
    private bool _full;

    /// <summary>Where the literals that are not written yet begin.</summary>
    public int Anchor { get; private set; }

    /// <summary>Adds a match, and the literals before it. False: the target is full.</summary>
    public bool Add(int start, int length, int offset)
    {
        var (literals, more) = (start - Anchor, length - Lz4Block.MinimumMatch);
        if (_full || literals + (literals / 255) + (more / 255) + 5 > _target.Length - _written)
        {
            _full = true;
            return false;
        }

        WriteLiterals(literals, Math.Min(more, Lz4Block.LongRun));
        BinaryPrimitives.WriteUInt16LittleEndian(_target[_written..], (ushort)offset);
        _written += 2;
        WriteLength(more);
        Anchor = start + length;
        return true;
    }

    /// <summary>Adds the last literals. The block's length, or 0 when it does not fit.</summary>
    public int Finish()
    {
        var literals = _source.Length - Anchor;
        if (_full || literals + (literals / 255) + 2 > _target.Length - _written)
        {
            return 0;
        }

        WriteLiterals(literals, 0);
        return _written;
    }

    private void WriteLiterals(int count, int matchNibble)
    {
        _target[_written++] = (byte)((Math.Min(count, Lz4Block.LongRun) << 4) | matchNibble);
        WriteLength(count);
        if (count <= WideCopy && _source.Length - Anchor >= WideCopy && _target.Length - _written >= WideCopy)
        {
            ref var from = ref Unsafe.Add(ref MemoryMarshal.GetReference(_source), Anchor);
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref MemoryMarshal.GetReference(_target), _written), Unsafe.ReadUnaligned<UInt128>(ref from));
        }
        else
        {
            _source.Slice(Anchor, count).CopyTo(_target[_written..]);
        }

        _written += count;
    }

    // What the nibble in the token cannot hold.
    private void WriteLength(int length)
    {
        if (length < Lz4Block.LongRun)
        {
            return;
        }

        var rest = length - Lz4Block.LongRun;
        _target.Slice(_written, rest / 255).Fill(255);
        _written += rest / 255;
        _target[_written++] = (byte)(rest % 255);
    }
}
