namespace ModelGarden.Formats.Tests;

/// <summary>A beginning followed by as many zeros as the length asks for; counts what is read.</summary>
internal sealed class CountingStream(byte[] beginning, long length) : Stream
{
    public long BytesRead { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position { get; set; }

    public override int Read(byte[] buffer, int offset, int count)
    {
        var read = (int)Math.Min(count, length - Position);
        for (var n = 0; n < read; n++)
        {
            buffer[offset + n] = Position + n < beginning.Length ? beginning[Position + n] : (byte)0;
        }

        Position += read;
        BytesRead += read;
        return read;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
