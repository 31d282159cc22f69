namespace ModelGarden.Artifacts.Objects.Remote;

/// <summary>A reader as a stream. Synchronous reads wait for the store on their thread: for parsers that know no others.</summary>
internal sealed class ReaderStream : Stream
{
    private const int BufferSize = 128 << 10;
    private readonly IObjectReader _reader;
    private long _position;

    private ReaderStream(IObjectReader reader) => _reader = reader;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => _reader.Length;

    public override long Position
    {
        get => _position;
        set => _position = value >= 0 ? value : throw new IOException("a stream has nothing before its beginning");
    }

    /// <summary>Buffered: small reads do not each cost a request. Owns the reader.</summary>
    public static Stream Open(IObjectReader reader) => new BufferedStream(new ReaderStream(reader), BufferSize);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await _reader.ReadAsync(buffer, _position, cancellationToken);
        _position += read;
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer, offset, count, CancellationToken.None).GetAwaiter().GetResult();

    public override long Seek(long offset, SeekOrigin origin) => Position = offset + origin switch
    {
        SeekOrigin.Begin => 0,
        SeekOrigin.Current => _position,
        _ => Length,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException("objects are not changed");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("objects are not changed");

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _reader.Dispose();
        }

        base.Dispose(disposing);
    }
}
