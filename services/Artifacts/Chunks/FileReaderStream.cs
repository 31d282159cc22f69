namespace ModelGarden.Artifacts.Chunks;

/// <summary>A stored file as a stream that can seek, one decoded chunk at a time. Its reader is its opener's to dispose.</summary>
internal sealed class FileReaderStream(FileReader file) : Stream
{
    private byte[] _chunk = [];
    private long _start;
    private int _length;
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => file.Length;

    public override long Position
    {
        get => _position;
        set => _position = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "a stream has no place before its start");
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        if (_position >= Length || buffer.IsEmpty)
        {
            return 0;
        }

        if (_position < _start || _position >= _start + _length)
        {
            // From a local store nothing is waited for; from others examiners read on a thread of their own.
            Load(file.ReadAsync(_position, _position, CancellationToken.None).AsTask().GetAwaiter().GetResult());
        }

        return Take(buffer);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_position >= Length || buffer.IsEmpty)
        {
            return 0;
        }

        if (_position < _start || _position >= _start + _length)
        {
            Load(await file.ReadAsync(_position, _position, cancellationToken));
        }

        return Take(buffer.Span);
    }

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _position + offset,
        _ => Length + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private void Load(ChunkRun run)
    {
        using (run)
        {
            _length = 0;
            if (_chunk.Length < run.LengthOf(run.First))
            {
                _chunk = new byte[run.LengthOf(run.First)];
            }

            run.Decode(run.First, 0, _chunk.AsSpan(0, run.LengthOf(run.First)));
            (_start, _length) = (run.StartOf(run.First), run.LengthOf(run.First));
        }
    }

    private int Take(Span<byte> buffer)
    {
        var from = (int)(_position - _start);
        var taken = Math.Min(buffer.Length, _length - from);
        _chunk.AsSpan(from, taken).CopyTo(buffer);
        _position += taken;
        return taken;
    }
}
