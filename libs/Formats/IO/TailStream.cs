namespace ModelGarden.Formats.IO;

/// <summary>A stream that is read forward, of which the end is kept.</summary>
internal sealed class TailStream(Stream inner, int kept) : ForwardStream
{
    private readonly byte[] _window = new byte[2 * kept];
    private int _filled;

    /// <summary>The last bytes read: at least as many as are to be kept, when there were as many.</summary>
    public ReadOnlySpan<byte> Tail => _window.AsSpan(0, _filled);

    /// <summary>How many bytes were read in all.</summary>
    public long Seen { get; private set; }

    /// <summary>Reads what nobody has read.</summary>
    public void ReadToEnd(CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        while (Read(buffer) > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    public override int Read(Span<byte> buffer)
    {
        var read = inner.Read(buffer);
        Seen += read;
        Keep(buffer[..read]);
        return read;
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_filled == _window.Length)
            {
                _window.AsSpan(_filled - kept).CopyTo(_window);
                _filled = kept;
            }

            var taken = Math.Min(bytes.Length, _window.Length - _filled);
            bytes[..taken].CopyTo(_window.AsSpan(_filled));
            _filled += taken;
            bytes = bytes[taken..];
        }
    }
}
