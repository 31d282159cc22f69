namespace ModelGarden.Formats.IO;

/// <summary>The first bytes of a stream that goes on: says whether somebody wanted more of them.</summary>
internal sealed class HeadStream(ReadOnlyMemory<byte> head) : ForwardStream
{
    private int _at;

    public bool IsExhausted { get; private set; }

    public override int Read(Span<byte> buffer)
    {
        var rest = head.Span[_at..];
        var read = Math.Min(buffer.Length, rest.Length);
        IsExhausted |= read == 0;
        rest[..read].CopyTo(buffer);
        _at += read;
        return read;
    }
}

/// <summary>Bytes that were read already, then the stream that they were read from.</summary>
internal sealed class JoinedStream(ReadOnlyMemory<byte> head, Stream rest) : ForwardStream
{
    private int _at;

    public override int Read(Span<byte> buffer)
    {
        if (_at == head.Length)
        {
            return rest.Read(buffer);
        }

        var read = Math.Min(buffer.Length, head.Length - _at);
        head.Span.Slice(_at, read).CopyTo(buffer);
        _at += read;
        return read;
    }
}
