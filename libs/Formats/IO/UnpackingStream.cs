namespace ModelGarden.Formats.IO;

/// <summary>Unpacked bytes, counted against what a whole examination may unpack. Damage ends it; why is kept.</summary>
internal sealed class UnpackingStream(Stream inner, Walk walk) : Stream
{
    /// <summary>Why it ended early.</summary>
    public string? Fault { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        try
        {
            var read = Fault is null ? inner.Read(buffer) : 0;
            if (!walk.Unpack(read))
            {
                Fault = $"is part of more than {Walk.MaximumUnpacked} bytes unpacked";
                return 0;
            }

            return read;
        }
        catch (InvalidDataException)
        {
            Fault = "is damaged";
            return 0;
        }
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
