using ModelGarden.Artifacts.Chunks;
using ModelGarden.Kernel;

namespace ModelGarden.Artifacts.Conversion;

/// <summary>Writes a file that is made synchronously, block by block, into the store. Its writer is its opener's to finish and dispose.</summary>
internal sealed class FileWriterStream(FileWriter writer, long limit, CancellationToken cancellationToken) : Stream
{
    public const string TooLarge = "FILE_TOO_LARGE";
    private const int BlockLength = 2 << 20;
    private readonly byte[] _block = new byte[BlockLength];
    private int _filled;
    private long _written;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <exception cref="ErrorException">The file is larger than this garden takes.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if ((_written += buffer.Length) > limit)
        {
            throw new ErrorException(ArtifactsErrors.TooLarge(_written, limit));
        }

        while (!buffer.IsEmpty)
        {
            var taken = Math.Min(buffer.Length, BlockLength - _filled);
            buffer[..taken].CopyTo(_block.AsSpan(_filled));
            _filled += taken;
            buffer = buffer[taken..];
            if (_filled == BlockLength)
            {
                // On a thread that is there to wait.
                FinishAsync().GetAwaiter().GetResult();
            }
        }
    }

    /// <summary>Gives the writer what is left.</summary>
    public async Task FinishAsync()
    {
        await writer.WriteAsync(_block.AsMemory(0, _filled), cancellationToken);
        _filled = 0;
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
