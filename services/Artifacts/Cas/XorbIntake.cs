using System.Buffers;
using ModelGarden.Artifacts.Objects;
using ModelGarden.Kernel;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Cas;

/// <summary>Writes one xorb into the store while it is verified: only what has been is written, and what is refused or breaks off leaves nothing.</summary>
internal sealed class XorbIntake : IDisposable
{
    // More than this without a verified chunk is a footer: it is checked, and not kept.
    private const int LongestChunk = ChunkHeader.Size + XetLimits.Payload;
    private const int BufferSize = LongestChunk + (256 << 10);
    private readonly XorbReader _reader = new();
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private int _held;
    private int _written;

    /// <summary>Takes the body to its end; the index of a xorb that is all that it is said to be.</summary>
    public async Task<Result<XorbIndex>> TakeAsync(XetHash expected, Stream body, IObjectWriter writer, CancellationToken cancellationToken)
    {
        while (await body.ReadAtLeastAsync(_buffer.AsMemory(_held, BufferSize - _held), BufferSize - _held, throwOnEndOfStream: false, cancellationToken) is var read and > 0)
        {
            if (_reader.Append(_buffer.AsSpan(_held, read)) is { } fault)
            {
                return fault;
            }

            _held += read;
            await WriteVerifiedAsync(writer, cancellationToken);
        }

        return _reader.Complete(expected);
    }

    public void Dispose()
    {
        _reader.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
    }

    private async Task WriteVerifiedAsync(IObjectWriter writer, CancellationToken cancellationToken)
    {
        var verified = _reader.BodyLength - _written;
        await writer.WriteAsync(_buffer.AsMemory(0, verified), cancellationToken);
        _written += verified;
        _held -= verified;
        _buffer.AsSpan(verified, _held).CopyTo(_buffer);
        _held = _held > LongestChunk ? 0 : _held;
    }
}
