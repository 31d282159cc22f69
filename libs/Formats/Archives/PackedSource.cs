using ModelGarden.Formats.IO;

namespace ModelGarden.Formats.Archives;

/// <summary>
/// The packed bytes of a file, from which an inflater takes more than it needs: what it took too much is found again by the checksum that must follow what
/// was packed.
/// </summary>
internal sealed class PackedSource(ByteReader reader) : ForwardStream
{
    private const int Piece = 8 * 1024;
    private readonly byte[] _buffer = new byte[2 * Piece];
    private int _given;
    private int _at;
    private int _end;

    /// <summary>Where the next byte lies in the file.</summary>
    public override long Position
    {
        get => reader.Position - (_end - _at);
        set => throw new NotSupportedException();
    }

    public long Remaining => reader.Length - Position;

    public override int Read(Span<byte> buffer)
    {
        if (_at == _end)
        {
            (_at, _end) = (0, 0);
            Load(Piece);
        }

        _given = _at;
        var read = Math.Min(buffer.Length, _end - _at);
        _buffer.AsSpan(_at, read).CopyTo(buffer);
        _at += read;
        return read;
    }

    /// <summary>Up to that many of the next bytes, without moving.</summary>
    public ReadOnlySpan<byte> Peek(int count)
    {
        Ensure(count);
        return _buffer.AsSpan(_at, Math.Min(count, _end - _at));
    }

    /// <summary>The next byte, or nothing at the end.</summary>
    public int? Next()
    {
        if (Peek(1) is not [var value])
        {
            return null;
        }

        _at++;
        return value;
    }

    /// <summary>Goes to behind these bytes, which stand in what was given last or right behind it; false when they do not.</summary>
    public bool GoBehind(ReadOnlySpan<byte> mark)
    {
        Ensure(mark.Length);
        var found = _buffer.AsSpan(_given, _end - _given).IndexOf(mark);
        _at = found < 0 ? _at : _given + found + mark.Length;
        return found >= 0;
    }

    // Has that many bytes ready, and keeps those that were given last.
    private void Ensure(int count)
    {
        if (_end - _at >= count)
        {
            return;
        }

        if (_at + count > _buffer.Length)
        {
            _buffer.AsSpan(_given, _end - _given).CopyTo(_buffer);
            (_given, _at, _end) = (0, _at - _given, _end - _given);
        }

        Load(count - (_end - _at));
    }

    private void Load(int count)
    {
        var target = Math.Min(_buffer.Length, _end + count);
        while (_end < target && reader.Read(_buffer.AsSpan(_end, target - _end)) is > 0 and var read)
        {
            _end += read;
        }
    }
}
