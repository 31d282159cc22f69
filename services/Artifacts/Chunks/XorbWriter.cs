using ModelGarden.Artifacts.Objects;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Chunks;

/// <summary>Begins xorbs.</summary>
internal sealed class XorbWriters(IObjectStore objects, Xorbs xorbs)
{
    public async Task<XorbWriter> CreateAsync(string tenant, CancellationToken cancellationToken)
    {
        var key = ObjectKey.OfXorb();
        return new(key, await objects.CreateAsync(key, cancellationToken), objects, xorbs, tenant);
    }
}

/// <summary>Writes one xorb, chunk by chunk, each encoded as it pays.</summary>
internal sealed class XorbWriter(ObjectKey key, IObjectWriter writer, IObjectStore objects, Xorbs xorbs, string tenant) : IAsyncDisposable
{
    private const int WriteSize = 1 << 20;
    private readonly XorbBuilder _builder = new();
    private readonly Dictionary<XetHash, int> _numbers = [];

    // Room for one more chunk beyond what is written at a time.
    private readonly byte[] _buffer = new byte[WriteSize + XorbBuilder.LongestChunk];
    private int _filled;

    /// <summary>For files that refer to it before it has an id.</summary>
    public XorbReference Reference { get; } = new();

    /// <summary>One more chunk may not fit.</summary>
    public bool IsFull => _builder.IsFull;

    public (XorbReference Xorb, int Number)? Find(XetHash chunk) => _numbers.TryGetValue(chunk, out var number) ? (Reference, number) : null;

    /// <summary>The chunk's number.</summary>
    public async ValueTask<int> AppendAsync(XetHash hash, ReadOnlyMemory<byte> chunk, CancellationToken cancellationToken)
    {
        var number = _numbers.Count;
        _filled += _builder.Append(hash, chunk.Span, _buffer.AsSpan(_filled));
        _numbers.Add(hash, number);
        if (_filled >= WriteSize)
        {
            await FlushAsync(cancellationToken);
        }

        return number;
    }

    /// <summary>Makes the xorb durable and known.</summary>
    public async Task CommitAsync(CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken);
        await writer.CommitAsync(cancellationToken);
        var stored = await xorbs.AddAsync(_builder.Build(), key, tenant, cancellationToken);
        Reference.Id = stored.Id;
        if (stored.Object != key)
        {
            // Somebody else wrote the very same one.
            await objects.DeleteAsync(key, cancellationToken);
        }
    }

    public ValueTask DisposeAsync() => writer.DisposeAsync();

    private async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        await writer.WriteAsync(_buffer.AsMemory(0, _filled), cancellationToken);
        _filled = 0;
    }
}
