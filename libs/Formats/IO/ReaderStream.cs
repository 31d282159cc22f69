namespace ModelGarden.Formats.IO;

/// <summary>The next bytes of a reader as a stream: for content inside content that cannot seek.</summary>
internal sealed class ReaderStream(ByteReader reader, long length) : ForwardStream
{
    private long _left = length;

    public override int Read(Span<byte> buffer)
    {
        var read = reader.Read(buffer[..(int)Math.Min(buffer.Length, _left)]);
        _left -= read;
        return read;
    }
}
