using System.Buffers;
using Microsoft.Extensions.ObjectPool;
using Microsoft.Extensions.Options;
using ModelGarden.Artifacts.Objects;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Chunks;

/// <summary>Begins xorbs.</summary>
internal sealed class XorbWriters(IObjectStore objects, Xorbs xorbs, IOptions<ArtifactsOptions> options)
{
    // With the tables of their searches they are too large to be made for each small file.
    private readonly ObjectPool<ChunkEncoder> _encoders = new DefaultObjectPool<ChunkEncoder>(new EncoderPolicy(options.Value.Encoding));

    public async Task<XorbWriter> CreateAsync(string tenant, CancellationToken cancellationToken)
    {
        var key = ObjectKey.OfXorb();
        return new(key, await objects.CreateAsync(key, cancellationToken), objects, xorbs, tenant, _encoders);
    }

    private sealed class EncoderPolicy(EncodingLevel level) : PooledObjectPolicy<ChunkEncoder>
    {
        public override ChunkEncoder Create() => new(level);

        public override bool Return(ChunkEncoder obj) => true;
    }
}

/// <summary>Writes one xorb, chunk by chunk, each encoded as it pays.</summary>
internal sealed class XorbWriter : IAsyncDisposable
{
    private const int WriteSize = 1 << 20;
    private readonly ObjectKey _key;
    private readonly IObjectWriter _writer;
    private readonly IObjectStore _objects;
    private readonly Xorbs _xorbs;
    private readonly string _tenant;
    private readonly ObjectPool<ChunkEncoder> _encoders;
    private readonly ChunkEncoder _encoder;
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly XorbBuilder _builder;
    private readonly Dictionary<XetHash, int> _numbers = [];

    public XorbWriter(ObjectKey key, IObjectWriter writer, IObjectStore objects, Xorbs xorbs, string tenant, ObjectPool<ChunkEncoder> encoders)
    {
        (_key, _writer, _objects, _xorbs, _tenant, _encoders, _encoder) = (key, writer, objects, xorbs, tenant, encoders, encoders.Get());
        _builder = new(_buffer, _encoder);
    }

    /// <summary>For files that refer to it before it has an id.</summary>
    public XorbReference Reference { get; } = new();

    public (XorbReference Xorb, int Number)? Find(XetHash chunk) => _numbers.TryGetValue(chunk, out var number) ? (Reference, number) : null;

    /// <summary>The chunk's number; null: the xorb is full.</summary>
    public int? Append(XetHash hash, ReadOnlySpan<byte> chunk)
    {
        var number = _builder.Count;
        if (!_builder.TryAppend(new(hash, chunk.Length), chunk))
        {
            return null;
        }

        _numbers.Add(hash, number);
        return number;
    }

    /// <summary>Writes what is encoded to the store, if it is worth a write.</summary>
    public async ValueTask FlushAsync(bool all, CancellationToken cancellationToken)
    {
        if (_buffer.WrittenCount >= (all ? 1 : WriteSize))
        {
            await _writer.WriteAsync(_buffer.WrittenMemory, cancellationToken);
            _buffer.ResetWrittenCount();
        }
    }

    /// <summary>Makes the xorb durable and known.</summary>
    public async Task CommitAsync(CancellationToken cancellationToken)
    {
        await FlushAsync(all: true, cancellationToken);
        await _writer.CommitAsync(cancellationToken);
        var stored = await _xorbs.AddAsync(_builder.Complete(), _key, _tenant, TimeSpan.Zero, cancellationToken);
        Reference.Id = stored.Id;
        if (stored.Object != _key)
        {
            // Somebody else wrote the very same one.
            await _objects.DeleteAsync(_key, cancellationToken);
        }
    }

    public ValueTask DisposeAsync()
    {
        _encoders.Return(_encoder);
        return _writer.DisposeAsync();
    }
}
