using System.Buffers;
using System.Data.Common;
using System.Security.Cryptography;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Objects;
using ModelGarden.Hosting.Errors;
using ModelGarden.Kernel;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Cas;

/// <summary>Shards in, which say what files are made of, and shards out, which say what a tenant need not send again.</summary>
internal sealed partial class ShardEndpoints(CasDesk desk, ShardGate gate, ShardRegistrar registrar, Xorbs xorbs, TimeProvider clock, ILogger<ShardEndpoints> logger)
{
    // Xorbs that were named stay at least that long: see Xorbs.TouchAsync.
    private static readonly TimeSpan AnswerLifetime = TimeSpan.FromHours(4);

    public async Task PostV1Async(HttpContext context)
    {
        var access = desk.Admit(context, write: true);
        using var entry = await gate.EnterAsync(access.Tenant, context.RequestAborted);
        var isNew = (await registrar.RegisterAsync(access, await ReadAsync(context), _ => { }, context.RequestAborted)).OrThrow();
        await context.Response.WriteAsJsonAsync(new(isNew ? 1 : 0), CasJson.Default.Registered, cancellationToken: context.RequestAborted);
    }

    /// <summary>As version 1, and says how far it is: the bytes of large files take long to be hashed.</summary>
    public async Task PostV2Async(HttpContext context)
    {
        var access = desk.Admit(context, write: true);
        using var entry = await gate.EnterAsync(access.Tenant, context.RequestAborted);
        var (shard, answer) = (await ReadAsync(context), new ShardAnswer(context, clock));
        await answer.SendAsync(new ShardProgress.Validating(0, shard.Files.Count), () => RegisterAsync(access, shard, answer, context));
    }

    /// <summary>
    /// A xorb of the tenant's own that has a chunk, with its chunks' hashes keyed: the client recognises those that it has itself and learns of no other
    /// (xet.md 7). For those who may send: readers of one repository are not told what else its owner has.
    /// </summary>
    public async Task GetChunkAsync(HttpContext context)
    {
        var (access, hash) = (desk.Admit(context, write: true), CasDesk.HashOf(context));
        if (access.Bound.Length > 0)
        {
            // What else its tenant has is nothing to a token for one repository: it sends, and what is there already is kept once all the same.
            throw new ErrorException(CasErrors.ChunkNotFound);
        }

        var (shard, now) = (new ArrayBufferWriter<byte>(), clock.GetUtcNow());
        var xorb = await xorbs.FindWithChunkAsync(access.Tenant, hash, now + AnswerLifetime, context.RequestAborted) ?? throw new ErrorException(CasErrors.ChunkNotFound);
        var key = XetHash.FromBytes(RandomNumberGenerator.GetBytes(XetHash.Size));
        ShardWriter.WriteDedup([ShardXorb.Of(xorb.Index)], key, now, now + AnswerLifetime, shard);
        context.Response.ContentType = "application/octet-stream";
        context.Response.ContentLength = shard.WrittenCount;
        await context.Response.Body.WriteAsync(shard.WrittenMemory, context.RequestAborted);
    }

    private async Task<Shard> ReadAsync(HttpContext context)
    {
        var body = await desk.ReadAsync(context, CasLimits.Shard);
        return ShardReader.Read(body.Span).OrThrow();
    }

    // The answer has begun: what goes wrong is said in it.
    private async Task<ShardProgress> RegisterAsync(XetAccess access, Shard shard, ShardAnswer answer, HttpContext context)
    {
        try
        {
            var isNew = await registrar.RegisterAsync(access, shard, verified => answer.Tell(Progress(verified, shard.Files.Count)), context.RequestAborted);
            return isNew.Error is { } fault ? Failed(fault) : new ShardProgress.Done(isNew.Value ? 1 : 0);
        }
        catch (ErrorException exception)
        {
            return Failed(exception.Error);
        }
        catch (ObjectStoreException exception)
        {
            StoreFaults.Log(context, exception);
            return Failed(exception.Error);
        }
        catch (Exception exception) when (exception is IOException or DbException && !context.RequestAborted.IsCancellationRequested)
        {
            LogFailed(exception, access.Tenant);
            return Failed(exception is IOException broken && DiskFull.Is(broken) ? ArtifactsErrors.StorageFull : exception is InvalidChunkException ? CasErrors.Damaged : CasErrors.Failed);
        }
    }

    private static ShardProgress Progress(int verified, int total) =>
        verified < total ? new ShardProgress.Validating(verified, total) : new ShardProgress.Committing("syncing");

    private static ShardProgress.Failed Failed(Error error) =>
        new(error.Message, error.Code is ErrorCode.Unavailable || (error.Code is ErrorCode.ResourceExhausted && !HttpErrors.IsTooLarge(error)));

    [LoggerMessage(542, LogLevel.Error, "a shard of {Tenant} failed unexpectedly")]
    private partial void LogFailed(Exception exception, string tenant);
}
