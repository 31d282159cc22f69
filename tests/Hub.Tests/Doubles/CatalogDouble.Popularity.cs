using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Tests.Doubles;

/// <summary>Likes, and what it is told of downloads.</summary>
public sealed partial class CatalogDouble
{
    public override Task<Repository> SetLike(SetLikeRequest request, ServerCallContext context)
    {
        var repository = Find(request.Name, request.Kind, context);
        var account = context.GetCaller().Principal.Name;
        store.Likes.RemoveAll(like => like.Account == account && like.Repository.Name == repository.Name);
        if (request.Liked)
        {
            store.Likes.Add(new() { Account = account, At = Then, Repository = new() { Name = repository.Name, Kind = repository.Kind } });
        }

        return Task.FromResult(new Repository(repository.Describe()) { Likes = store.Likes.Count(like => like.Repository.Name == repository.Name) });
    }

    public override Task<ListLikersResponse> ListLikers(ListLikersRequest request, ServerCallContext context)
    {
        var repository = Find(request.Name, request.Kind, context);
        var (page, next) = Page(store.Likes.FindAll(like => like.Repository.Name == repository.Name), request.PageToken, request.PageSize);
        return Task.FromResult(new ListLikersResponse { Likes = { page }, NextPageToken = next });
    }

    public override Task<ListLikesResponse> ListLikes(ListLikesRequest request, ServerCallContext context)
    {
        var (page, next) = Page(store.Likes.FindAll(like => like.Account == request.Account), request.PageToken, request.PageSize);
        return Task.FromResult(new ListLikesResponse { Likes = { page }, NextPageToken = next });
    }

    public override Task<CountDownloadsResponse> CountDownloads(CountDownloadsRequest request, ServerCallContext context)
    {
        store.Counts.Writer.TryWrite(request);
        return store.FailingCounts-- > 0
            ? throw new ErrorException(Error.Unavailable("BUSY", "not now"))
            : Task.FromResult(new CountDownloadsResponse { Counted = request.Downloads.Count });
    }
}
