using System.Buffers;
using ModelGarden.Kernel;

namespace ModelGarden.Xet;

/// <summary>
/// Verifies a xorb from a stranger as it comes, in blocks of any length (xet.md 3.3 to 3.5): every header, every chunk decoded and hashed,
/// exactly to the end or to a footer that agrees, and at last the root. It holds one chunk, not the xorb. What it refuses it refuses for good.
/// </summary>
public sealed class XorbReader : IDisposable
{
    private const int LongestHeld = XetLimits.Payload + ChunkHeader.Size;
    private readonly XorbIndexBuilder _index = new();
    private readonly ChunkDecoder _decoder = new();
    private readonly byte[] _chunk = ArrayPool<byte>.Shared.Rent(XetLimits.Chunk);
    private byte[] _held = ArrayPool<byte>.Shared.Rent(XetLimits.Chunk + ChunkHeader.Size);
    private int _heldLength;
    private bool _inFooter;
    private bool _disposed;
    private Error? _refusal;

    /// <summary>How many bytes of the xorb are verified chunks. At the end it is the xorb's length without a footer: nothing behind it is to be kept.</summary>
    public int BodyLength => _index.Length;

    /// <summary>Verifies the next bytes. Not null: why the xorb is refused; further bytes change nothing.</summary>
    public Error? Append(ReadOnlySpan<byte> block)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        while (_refusal is null && !block.IsEmpty)
        {
            block = block[Take(block)..];
        }

        return _refusal;
    }

    /// <summary>The index of the xorb, which ends here and must have the hash <paramref name="expected"/>; or why it is refused.</summary>
    public Result<XorbIndex> Complete(XetHash expected)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _refusal ??= EndFault();
        if (_refusal is not null)
        {
            return _refusal;
        }

        var index = _index.Build();
        _refusal = index.Hash != expected
            ? Error.Invalid("XORB_HASH_MISMATCH", $"the chunks of the xorb have the hash {index.Hash} where {expected} is expected")
            : _inFooter ? XorbFooter.Check(_held.AsSpan(0, _heldLength), index) : null;
        return _refusal is null ? index : _refusal;
    }

    /// <summary>Verifies a whole xorb.</summary>
    public static Result<XorbIndex> Read(ReadOnlySpan<byte> xorb, XetHash expected)
    {
        using var reader = new XorbReader();
        reader.Append(xorb);
        return reader.Complete(expected);
    }

    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            ArrayPool<byte>.Shared.Return(_held);
            ArrayPool<byte>.Shared.Return(_chunk);
        }
    }

    // A chunk that is whole in the block is verified where it stands; else its bytes are collected. Returns how many bytes are dealt with.
    private int Take(ReadOnlySpan<byte> block)
    {
        if (_inFooter)
        {
            return Hold(block, XorbFooter.MaximumLength + 1);
        }

        if (_heldLength > 0)
        {
            return TakeMore(block);
        }

        if (block.Length < ChunkHeader.Size)
        {
            return Hold(block, ChunkHeader.Size);
        }

        var needed = Needed(block);
        if (needed == 0)
        {
            return block.Length;
        }

        if (_inFooter || needed > block.Length)
        {
            return Hold(block, needed);
        }

        Verify(block[..needed]);
        return needed;
    }

    private int TakeMore(ReadOnlySpan<byte> block)
    {
        var needed = _heldLength < ChunkHeader.Size ? ChunkHeader.Size : Needed(_held.AsSpan(0, _heldLength));
        if (needed == 0)
        {
            return block.Length;
        }

        var taken = Hold(block, needed);
        if (needed > ChunkHeader.Size && _heldLength == needed && !_inFooter)
        {
            Verify(_held.AsSpan(0, needed));
            _heldLength = 0;
        }
        else if (_heldLength == ChunkHeader.Size)
        {
            // It may be the last that comes: what it begins is seen now.
            Needed(_held.AsSpan(0, ChunkHeader.Size));
        }

        return taken;
    }

    // How many bytes the chunk with this header takes; 0: it is refused. A footer needs its longest, which never comes.
    private int Needed(ReadOnlySpan<byte> header)
    {
        if (header.StartsWith(XorbFooter.Tag))
        {
            _inFooter = true;
            return XorbFooter.MaximumLength + 1;
        }

        if (_index.Count == XetLimits.XorbChunks)
        {
            Refuse($"it has more than {XetLimits.XorbChunks} chunks");
            return 0;
        }

        if (ChunkHeader.Read(header, out var read) is { } fault)
        {
            Refuse(fault.Message);
            return 0;
        }

        return read.PhysicalLength;
    }

    private int Hold(ReadOnlySpan<byte> block, int needed)
    {
        var count = Math.Min(block.Length, needed - _heldLength);
        Reserve(_heldLength + count);
        block[..count].CopyTo(_held.AsSpan(_heldLength));
        _heldLength += count;
        if (_inFooter && _heldLength > XorbFooter.MaximumLength)
        {
            Refuse($"its footer is longer than {XorbFooter.MaximumLength} bytes");
        }

        return count;
    }

    private void Reserve(int length)
    {
        if (length <= _held.Length)
        {
            return;
        }

        var longer = ArrayPool<byte>.Shared.Rent(Math.Max(length, LongestHeld));
        _held.AsSpan(0, _heldLength).CopyTo(longer);
        ArrayPool<byte>.Shared.Return(_held);
        _held = longer;
    }

    private void Verify(ReadOnlySpan<byte> physical)
    {
        if (_index.Length + physical.Length > XetLimits.XorbRead)
        {
            Refuse($"it is longer than {XetLimits.XorbRead} bytes");
            return;
        }

        // A stored chunk need not be copied to be hashed.
        var stored = (ChunkScheme)physical[4] == ChunkScheme.None;
        ChunkHeader.Read(physical, out var header);
        var payload = physical[ChunkHeader.Size..];
        var chunk = stored ? payload : _chunk.AsSpan(0, header.Length);
        if (!stored && _decoder.Decode(header, payload, _chunk.AsSpan(0, header.Length)) is { } fault)
        {
            Refuse(fault.Message);
            return;
        }

        _index.Add(new(XetHashes.OfChunk(chunk), header.Length), header);
    }

    private Error? EndFault() => _heldLength > 0 && !_inFooter
        ? Fault($"it ends {_heldLength} bytes into this chunk")
        : _index.Count == 0 ? Error.Invalid("BAD_XORB", "the xorb has no chunks") : null;

    private void Refuse(string what) => _refusal = Fault(what);

    private Error Fault(string what) => Error.Invalid("BAD_XORB", $"the xorb is damaged at its chunk {_index.Count}, byte {_index.Length}: {what}");
}
