using System.IO.Compression;
using ModelGarden.Formats.IO;

namespace ModelGarden.Formats.Archives;

/// <summary>
/// What a packed file holds, forward, all its stretches behind one another. The first time its faults are said and its bytes counted; damage ends it, after
/// the bytes before it were given, as a reader would that does not check.
/// </summary>
internal sealed class UnpackedStream(ByteReader reader, PackedFormat format, Walk walk, Findings? findings) : ForwardStream
{
    private readonly PackedSource _source = new(reader);
    private DeflateStream? _inflater;
    private uint _sum;
    private long _length;
    private bool _isOver;

    /// <summary>Bytes given so far.</summary>
    public long Total { get; private set; }

    /// <summary>True when a bound was met: what follows has not been looked at.</summary>
    public bool IsCut { get; private set; }

    /// <summary>True when it ended as it should.</summary>
    public bool IsSound { get; private set; }

    /// <summary>Where the packed bytes end.</summary>
    public long PackedEnd => _source.Position;

    public override int Read(Span<byte> buffer)
    {
        while (!_isOver && buffer.Length > 0)
        {
            if (_inflater is null && !Begin())
            {
                break;
            }

            if (Inflate(buffer) is > 0 and var read)
            {
                return Count(buffer[..read]) ? read : 0;
            }

            End();
        }

        return 0;
    }

    /// <summary>Reads what is behind the packed bytes.</summary>
    public bool OnlyZerosFollow()
    {
        var buffer = new byte[4096];
        while (_source.Read(buffer) is > 0 and var read)
        {
            if (buffer.AsSpan(0, read).ContainsAnyExcept((byte)0))
            {
                return false;
            }
        }

        return true;
    }

    protected override void Dispose(bool disposing)
    {
        _inflater?.Dispose();
        _source.Dispose();
        base.Dispose(disposing);
    }

    private bool Begin()
    {
        if (format.ReadHead(_source, findings) is { } fault)
        {
            Stop("damaged", fault);
            return false;
        }

        _inflater = new DeflateStream(_source, CompressionMode.Decompress, leaveOpen: true);
        (_sum, _length) = (format.EmptySum, 0);
        return true;
    }

    private int Inflate(Span<byte> buffer)
    {
        try
        {
            return _inflater!.Read(buffer);
        }
        catch (InvalidDataException)
        {
            Stop("damaged", "is damaged");
            return 0;
        }
    }

    private bool Count(ReadOnlySpan<byte> bytes)
    {
        _sum = format.Sum(_sum, bytes);
        _length += bytes.Length;
        Total += bytes.Length;
        if (findings is not null && Excess(bytes.Length) is { } excess)
        {
            IsCut = true;
            findings.Suspicious(excess.Rule, $"what is packed {excess.Message}: nobody looks further", 0);
        }

        _isOver |= IsCut;
        return !IsCut;
    }

    private (string Rule, string Message)? Excess(int count) =>
        !walk.Unpack(count) ? ("examination.limit", $"is part of more than {Walk.MaximumUnpacked} bytes unpacked")
        : Total > Walk.RatioMatters && Total / Walk.MaximumRatio > PackedEnd ? ("archive.ratio", $"would be more than {Walk.MaximumRatio} times as long unpacked")
        : null;

    private void End()
    {
        _inflater?.Dispose();
        _inflater = null;
        if (_isOver)
        {
            return;
        }

        if (!_source.GoBehind(format.Trailer(_sum, _length)))
        {
            Stop("damaged", "is cut off, or is not what its checksum and length say");
        }
        else if (!format.BeginsAgain(_source.Peek(2)))
        {
            (_isOver, IsSound) = (true, true);
        }
    }

    private void Stop(string rule, string fault)
    {
        _isOver = true;
        findings?.Suspicious($"{format.Name}.{rule}", $"the {format.Name} file {fault}: some readers refuse it, others take what comes before", PackedEnd);
    }
}
