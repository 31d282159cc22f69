using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Objects;
using ModelGarden.Catalog.Packs;
using ModelGarden.Catalog.Pushes;
using ModelGarden.Hosting.Access;

namespace ModelGarden.Catalog;

/// <summary>What git over HTTP needs of the catalog.</summary>
internal sealed partial class CatalogService
{
    private const int MaximumReadObjects = 1000;
    private static readonly TimeSpan PushPatience = TimeSpan.FromMinutes(5);

    public override async Task<FindCommonResponse> FindCommon(FindCommonRequest request, ServerCallContext context)
    {
        await using var database = await OpenAsync(context);
        var repository = await FindAsync(database, request.Name, request.Kind, context);
        return (await PackReading.FindCommonAsync(database, repository, request, context.CancellationToken)).OrThrow();
    }

    public override async Task ReadPack(ReadPackRequest request, IServerStreamWriter<ReadPackResponse> responseStream, ServerCallContext context)
    {
        await using var database = await OpenAsync(context);
        var repository = await FindAsync(database, request.Name, request.Kind, context);
        var pack = (await packs.FindAsync(database, repository, request, context.CancellationToken)).OrThrow();
        await responseStream.WriteAsync(new() { Start = pack.Start }, context.CancellationToken);
        await foreach (var objects in pack.ReadAsync(context.CancellationToken))
        {
            await responseStream.WriteAsync(new() { Objects = objects }, context.CancellationToken);
        }
    }

    public override async Task ReadObjects(ReadObjectsRequest request, IServerStreamWriter<ReadObjectsResponse> responseStream, ServerCallContext context)
    {
        if (request.Ids.Count > MaximumReadObjects)
        {
            throw new ErrorException(Error.Invalid("TOO_MANY_IDS", $"{request.Ids.Count} objects are asked for, at most {MaximumReadObjects} may be"));
        }

        var repository = await FindToWriteAsync(request.Name, request.Kind, context);
        await using var database = await OpenAsync(context);
        // A few at a time: each may have a megabyte.
        foreach (var ids in request.Ids.Distinct().Chunk(16))
        {
            await responseStream.WriteAsync(new() { Objects = { await ReadAsync(database, repository.Id, ids, context.CancellationToken) } }, context.CancellationToken);
        }
    }

    public override async Task<PushResponse> Push(IAsyncStreamReader<PushRequest> requestStream, ServerCallContext context)
    {
        var start = await requestStream.MoveNext(context.CancellationToken) && requestStream.Current.Start is { } first
            ? first
            : throw new ErrorException(Error.Invalid("BAD_PUSH", "a push begins with its start"));
        var repository = await FindToWriteAsync(start.Name, start.Kind, context);
        if (PushedObjects.Fault(start.Objects, start.Bytes) is { } tooLarge)
        {
            throw new ErrorException(tooLarge);
        }

        using var taken = await room.TakeAsync(start.Bytes, context.CancellationToken);
        var pushed = await TakeAsync(requestStream, start, context.CancellationToken);
        return (await pusher.PushAsync(repository, start, pushed, context.GetCaller(), context.CancellationToken)).OrThrow();
    }

    // Whoever has room for his push must not keep it for ever.
    private async Task<PushedObjects> TakeAsync(IAsyncStreamReader<PushRequest> requests, PushStart start, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(PushPatience, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        var pushed = new PushedObjects();
        try
        {
            return await pushed.TakeAsync(requests, start, both.Token) is { } error ? throw new ErrorException(error) : pushed;
        }
        catch (Exception exception) when (exception is OperationCanceledException or RpcException && patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ErrorException(Error.Unavailable("TIMEOUT", $"the push did not come within {PushPatience.TotalMinutes} minutes"));
        }
    }

    public override async Task<ListLargeFilesResponse> ListLargeFiles(ListLargeFilesRequest request, ServerCallContext context)
    {
        await using var database = await OpenAsync(context);
        var repository = await FindAsync(database, request.Name, request.Kind, context);
        return (await largeFiles.ListAsync(database, repository, request, context.CancellationToken)).OrThrow();
    }

    public override async Task<FindLargeFilesResponse> FindLargeFiles(FindLargeFilesRequest request, ServerCallContext context)
    {
        await using var database = await OpenAsync(context);
        var repository = await FindAsync(database, request.Name, request.Kind, context);
        return (await packs.FindFilesAsync(database, repository, request, context.CancellationToken)).OrThrow();
    }

    private static async Task<IEnumerable<GitObject>> ReadAsync(CatalogDbContext database, string id, string[] oids, CancellationToken cancellationToken)
    {
        var commits = await database.Commits.Where(row => row.RepositoryId == id && oids.Contains(row.Oid)).Select(row => row.Content).ToListAsync(cancellationToken);
        var trees = await database.Trees.Where(row => row.RepositoryId == id && oids.Contains(row.Oid)).Select(row => row.Content).ToListAsync(cancellationToken);
        var blobs = await database.Blobs.Where(row => row.RepositoryId == id && oids.Contains(row.Oid)).Select(row => row.Content).ToListAsync(cancellationToken);
        var tags = await database.Tags.Where(row => row.RepositoryId == id && oids.Contains(row.Oid)).Select(row => row.Content).ToListAsync(cancellationToken);
        var large = await database.LargeFiles.Where(row => row.RepositoryId == id && oids.Contains(row.Oid)).ToListAsync(cancellationToken);
        return
        [
            .. commits.Select(content => FoundPack.One(GitObjectType.Commit, content)),
            .. trees.Select(content => FoundPack.One(GitObjectType.Tree, content)),
            .. blobs.Select(content => FoundPack.One(GitObjectType.Blob, content)),
            .. tags.Select(content => FoundPack.One(GitObjectType.Tag, content)),
            .. large.Select(row => FoundPack.One(GitObjectType.Blob, new LargeFilePointer(Sha256Digest.Create(row.Sha256).Value, row.Size).Content)),
        ];
    }
}
