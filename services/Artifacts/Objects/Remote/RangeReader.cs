namespace ModelGarden.Artifacts.Objects.Remote;

/// <summary>Reads ranges of one object that a remote store was asked about once.</summary>
internal sealed class RangeReader(long length, RangeReader.ReadRange read) : IObjectReader
{
    /// <summary>Fills the buffer from this offset on, all of which is inside the object, or throws.</summary>
    public delegate Task ReadRange(Memory<byte> buffer, long offset, CancellationToken cancellationToken);

    public long Length => length;

    public async ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var wanted = (int)Math.Clamp(length - offset, 0, buffer.Length);
        if (wanted > 0)
        {
            await read(buffer[..wanted], offset, cancellationToken);
        }

        return wanted;
    }

    public Stream OpenStream() => ReaderStream.Open(this);

    public void Dispose()
    {
        // Nothing is open between two reads.
    }
}
