using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace ModelGarden.Formats.IO;

/// <summary>
/// Reads a stranger's bytes forward through one pooled window. The first fault sticks: from then on every read answers zero, so that a parser
/// reads straight on and asks <see cref="Failure"/> where it loops. Faults of the bytes never throw; faults of the stream do.
/// </summary>
internal sealed class ByteReader : IDisposable
{
    /// <summary>The longest run of bytes that can be seen at once.</summary>
    public const int Window = 64 * 1024;

    private readonly Stream _stream;
    private readonly long _origin;
    private readonly CancellationToken _cancellationToken;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(Window);
    private int _start;
    private int _end;
    private IByteWatcher? _watcher;

    public ByteReader(Stream stream, long length, CancellationToken cancellationToken)
    {
        (_stream, Length, _cancellationToken) = (stream, length, cancellationToken);
        _origin = stream.CanSeek ? stream.Position : 0;
        if (stream.CanSeek && stream.Length - _origin < length)
        {
            Fail("file.truncated", $"the file ends after {stream.Length - _origin} of {length} bytes", stream.Length - _origin);
        }
    }

    public long Length { get; }

    public long Position { get; private set; }

    public long Remaining => Length - Position;

    public bool CanSeek => _stream.CanSeek;

    public Finding? Failure { get; private set; }

    public bool Failed => Failure is not null;

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    /// <summary>Records the first fault; those after it are its consequences.</summary>
    public void Fail(string rule, string message, long? offset = null) =>
        Failure ??= new(rule, FindingSeverity.Suspicious, message, offset ?? Position);

    /// <summary>Up to <paramref name="count"/> bytes from here on without moving: fewer only at the end.</summary>
    public ReadOnlySpan<byte> Peek(int count)
    {
        Fill(count);
        return _buffer.AsSpan(_start, Math.Min(count, _end - _start));
    }

    /// <summary>The next bytes, valid until the next call; empty and failed when the file has fewer.</summary>
    public ReadOnlySpan<byte> Take(int count)
    {
        if (Failed || count > Remaining || !Fill(count))
        {
            Fail("file.truncated", $"the file ends where {count} more bytes are expected");
            return default;
        }

        var taken = _buffer.AsSpan(_start, count);
        _start += count;
        Position += count;
        return taken;
    }

    /// <summary>The bytes up to the next line feed, which is passed over; valid until the next call.</summary>
    public ReadOnlySpan<byte> Line(int maximum)
    {
        var searched = 0;
        while (!Failed)
        {
            var seen = _buffer.AsSpan(_start, Math.Min(_end - _start, maximum + 1));
            if (seen[searched..].IndexOf((byte)'\n') is >= 0 and var at)
            {
                _start += searched + at + 1;
                Position += searched + at + 1;
                return seen[..(searched + at)];
            }

            searched = seen.Length;
            if (searched > maximum)
            {
                Fail("file.line", $"a line is longer than {maximum} bytes");
            }
            else if (!Fill(searched + 1))
            {
                Fail("file.truncated", "the file ends inside a line");
            }
        }

        return default;
    }

    /// <summary>As <see cref="Line"/>, but a line may be longer: then it is cut, and passed over to its end.</summary>
    public ReadOnlySpan<byte> BeginningOfLine(int maximum, out bool isCut)
    {
        var seen = Peek(maximum + 1);
        isCut = !Failed && seen.Length > maximum && !seen.Contains((byte)'\n');
        if (!isCut)
        {
            return Line(maximum);
        }

        var beginning = seen[..maximum].ToArray();
        while (!Failed && Peek(1).Length > 0)
        {
            var rest = _buffer.AsSpan(_start, (int)Math.Min(_end - _start, Remaining));
            var at = rest.IndexOf((byte)'\n');
            Skip(at < 0 ? rest.Length : at + 1);
            if (at >= 0)
            {
                return beginning;
            }
        }

        Fail("file.truncated", "the file ends inside a line");
        return beginning;
    }

    /// <summary>Another reader of the rest of the file; this one must <see cref="SeekTo"/> before it is used again. Only for streams that can seek.</summary>
    public ByteReader Again()
    {
        _stream.Position = _origin + Position;
        return new(_stream, Remaining, _cancellationToken);
    }

    /// <summary>A part of the file; this reader must <see cref="SeekTo"/> before it is used again. Only for streams that can seek.</summary>
    public WindowStream Part(long offset, long length) => new(_stream, _origin + offset, length);

    /// <summary>Copies what there is, 0 at the end.</summary>
    public int Read(Span<byte> target)
    {
        var seen = Failed || !Fill(1) ? [] : _buffer.AsSpan(_start, (int)Math.Min(Math.Min(target.Length, _end - _start), Remaining));
        seen.CopyTo(target);
        _start += seen.Length;
        Position += seen.Length;
        return seen.Length;
    }

    public byte U8() => Take(1) is [var value] ? value : (byte)0;

    public ushort U16() => Take(2) is { IsEmpty: false } bytes ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : (ushort)0;

    public uint U32() => Take(4) is { IsEmpty: false } bytes ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : 0;

    public ulong U64() => Take(8) is { IsEmpty: false } bytes ? BinaryPrimitives.ReadUInt64LittleEndian(bytes) : 0;

    /// <summary>The text of the next <paramref name="length"/> bytes, of which only the first <paramref name="keep"/> are looked at.</summary>
    public string Text(long length, int keep)
    {
        var start = Position;
        var bytes = Take((int)Math.Min(length, Math.Min(keep, Window)));
        var text = "";
        if (Utf8.IsValid(bytes) || length > bytes.Length)
        {
            text = Encoding.UTF8.GetString(bytes);
        }
        else
        {
            Fail("text.not-utf8", "text is not UTF-8", start);
        }

        Skip(length - Math.Min(length, Math.Min(keep, Window)));
        return text;
    }

    /// <summary>Shows all bytes from here on to someone else too, once each and in order: only for content that is read without seeking.</summary>
    public void Watch(IByteWatcher watcher)
    {
        _watcher = watcher;
        watcher.See(_buffer.AsSpan(_start, _end - _start));
    }

    /// <summary>Reads what is left without looking at it.</summary>
    public void ReadToEnd(Walk walk)
    {
        while (!Failed && Remaining > 0)
        {
            walk.Check(this);
            Discard(Math.Min(Remaining, 1 << 20));
        }
    }

    /// <summary>Leaves out bytes: by seeking where the stream can, so that tensors cost nothing.</summary>
    public void Skip(long count)
    {
        if (Failed || count == 0)
        {
            return;
        }

        if (count < 0 || count > Remaining)
        {
            Fail("file.truncated", $"{count} bytes are to follow, {Remaining} do");
        }
        else if (count <= _end - _start)
        {
            _start += (int)count;
            Position += count;
        }
        else if (CanSeek)
        {
            SeekTo(Position + count);
        }
        else
        {
            Discard(count);
        }
    }

    /// <summary>Goes to a place in the file; only for streams that can.</summary>
    public void SeekTo(long position)
    {
        _stream.Position = _origin + position;
        Position = position;
        (_start, _end) = (0, 0);
    }

    private void Discard(long count)
    {
        while (count > 0 && Fill(1))
        {
            var step = (int)Math.Min(count, _end - _start);
            _start += step;
            Position += step;
            count -= step;
        }

        if (count > 0)
        {
            Fail("file.truncated", $"the file ends {count} bytes early");
        }
    }

    private bool Fill(int count)
    {
        if (_end - _start >= count)
        {
            return true;
        }

        _cancellationToken.ThrowIfCancellationRequested();
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        while (_end < count)
        {
            var ahead = (int)Math.Min(_buffer.Length - _end, Remaining - _end);
            var read = ahead <= 0 ? 0 : _stream.Read(_buffer, _end, ahead);
            if (read == 0)
            {
                return false;
            }

            _watcher?.See(_buffer.AsSpan(_end, read));
            _end += read;
        }

        return true;
    }
}

/// <summary>Sees bytes as they are read.</summary>
internal interface IByteWatcher
{
    void See(ReadOnlySpan<byte> bytes);
}
