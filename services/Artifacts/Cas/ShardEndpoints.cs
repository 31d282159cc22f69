using System.Buffers;
using System.Security.Cryptography;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Kernel;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Cas;

/// <summary>Shards in, which say what files are made of, and shards out, which say what a tenant need not send again.</summary>
internal sealed class ShardEndpoints(CasDesk desk, ShardRegistrar registrar, Xorbs xorbs, TimeProvider clock) : IDisposable
{
    private const int AtOnce = 4;

    // Xorbs that were named stay at least that long: see Xorbs.TouchAsync.
    private static readonly TimeSpan AnswerLifetime = TimeSpan.FromHours(4);
    private readonly SemaphoreSlim _slots = new(AtOnce);

    public async Task PostAsync(HttpContext context)
    {
        var access = desk.Admit(context, write: true);
        var body = await CasDesk.ReadAsync(context, XetLimits.Shard, CasErrors.ShardTooLong(XetLimits.Shard));
        var shard = ShardReader.Read(body.Span).OrThrow();
        await _slots.WaitAsync(context.RequestAborted);
        try
        {
            var isNew = await registrar.RegisterAsync(access.Tenant, shard, context.RequestAborted);
            await context.Response.WriteAsJsonAsync(new(isNew ? 1 : 0), CasJson.Default.Registered, cancellationToken: context.RequestAborted);
        }
        finally
        {
            _slots.Release();
        }
    }

    /// <summary>
    /// A xorb of the tenant's own that has a chunk, with its chunks' hashes keyed: the client recognises those that it has itself and learns of no other (xet.md 7).
    /// </summary>
    public async Task GetChunkAsync(HttpContext context)
    {
        var (access, hash) = (desk.Admit(context, write: false), CasDesk.HashOf(context));
        var xorb = await xorbs.FindWithChunkAsync(access.Tenant, hash, context.RequestAborted) ?? throw new ErrorException(CasErrors.ChunkNotFound);
        var (shard, now) = (new ArrayBufferWriter<byte>(), clock.GetUtcNow());
        var key = XetHash.FromBytes(RandomNumberGenerator.GetBytes(XetHash.Size));
        ShardWriter.WriteDedup([ShardXorb.Of(xorb.Index)], key, now, now + AnswerLifetime, shard);
        context.Response.ContentType = "application/octet-stream";
        context.Response.ContentLength = shard.WrittenCount;
        await context.Response.Body.WriteAsync(shard.WrittenMemory, context.RequestAborted);
    }

    public void Dispose() => _slots.Dispose();
}
