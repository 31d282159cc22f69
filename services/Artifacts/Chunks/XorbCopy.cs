using System.Buffers;
using ModelGarden.Artifacts.Objects;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Chunks;

/// <summary>Writes a xorb of chunks that are encoded already.</summary>
internal sealed class XorbCopy
{
    private const int WriteSize = 1 << 20;
    private readonly IObjectWriter _writer;
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly XorbBuilder _builder;

    public XorbCopy(IObjectWriter writer)
    {
        _writer = writer;
        _builder = new(_buffer, new(EncodingLevel.None));
    }

    public async ValueTask AppendAsync(Chunk chunk, ReadOnlyMemory<byte> stored, CancellationToken cancellationToken)
    {
        if (!_builder.TryAppendEncoded(chunk, stored.Span))
        {
            throw new InvalidOperationException("a part of a xorb is longer than a xorb");
        }

        if (_buffer.WrittenCount >= WriteSize)
        {
            await FlushAsync(cancellationToken);
        }
    }

    /// <summary>Makes the object durable.</summary>
    public async ValueTask<XorbIndex> CommitAsync(CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken);
        await _writer.CommitAsync(cancellationToken);
        return _builder.Complete();
    }

    private async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        await _writer.WriteAsync(_buffer.WrittenMemory, cancellationToken);
        _buffer.ResetWrittenCount();
    }
}
