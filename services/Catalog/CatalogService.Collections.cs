using Grpc.Core;
using ModelGarden.Catalog.Collections;
using ModelGarden.Catalog.Popularity;
using ModelGarden.Hosting.Access;

namespace ModelGarden.Catalog;

/// <summary>Repositories that a namespace has put together, and how much they are liked and downloaded.</summary>
internal sealed partial class CatalogService
{
    public override async Task<CreateCollectionResponse> CreateCollection(CreateCollectionRequest request, ServerCallContext context)
    {
        Known(request.Theme);
        return (await collections.CreateAsync(request, context.GetCaller(), context.CancellationToken)).OrThrow();
    }

    public override async Task<Collection> GetCollection(GetCollectionRequest request, ServerCallContext context)
    {
        await using var database = await OpenAsync(context);
        var found = (await CollectionReading.FindAsync(database.Collections, request.Slug, context.GetCaller(), context.CancellationToken)).OrThrow();
        return await CollectionReading.DescribeAsync(database, found, context.GetCaller(), clock.GetUtcNow(), context.CancellationToken);
    }

    public override async Task<ListCollectionsResponse> ListCollections(ListCollectionsRequest request, ServerCallContext context)
    {
        Known(request.Order);
        await using var database = await OpenAsync(context);
        return (await CollectionList.ListAsync(database, request, context.GetCaller(), clock.GetUtcNow(), context.CancellationToken)).OrThrow();
    }

    public override async Task<Collection> UpdateCollection(UpdateCollectionRequest request, ServerCallContext context)
    {
        Known(request.Theme);
        return (await collections.UpdateAsync(request, context.GetCaller(), context.CancellationToken)).OrThrow();
    }

    public override async Task<DeleteCollectionResponse> DeleteCollection(DeleteCollectionRequest request, ServerCallContext context)
    {
        (await collections.DeleteAsync(request.Slug, context.GetCaller(), context.CancellationToken)).OrThrow();
        return new();
    }

    public override async Task<Collection> AddCollectionItem(AddCollectionItemRequest request, ServerCallContext context) =>
        (await collections.AddAsync(request, context.GetCaller(), context.CancellationToken)).OrThrow();

    public override async Task<Collection> UpdateCollectionItem(UpdateCollectionItemRequest request, ServerCallContext context) =>
        (await collections.UpdateAsync(request, context.GetCaller(), context.CancellationToken)).OrThrow();

    public override async Task<Collection> RemoveCollectionItem(RemoveCollectionItemRequest request, ServerCallContext context) =>
        (await collections.RemoveAsync(request, context.GetCaller(), context.CancellationToken)).OrThrow();

    public override async Task<Collection> FeatureCollection(FeatureCollectionRequest request, ServerCallContext context) =>
        (await features.SetAsync(request, context.GetCaller(), context.CancellationToken)).OrThrow();

    public override async Task<Repository> SetLike(SetLikeRequest request, ServerCallContext context)
    {
        var repository = await FindAloneAsync(request.Name, request.Kind, context);
        return (await likes.SetAsync(repository, request.Liked, context.GetCaller(), context.CancellationToken)).OrThrow();
    }

    public override async Task<ListLikersResponse> ListLikers(ListLikersRequest request, ServerCallContext context)
    {
        await using var database = await OpenAsync(context);
        var repository = await FindAsync(database, request.Name, request.Kind, context);
        return (await LikeReading.ListLikersAsync(database, repository, request, context.CancellationToken)).OrThrow();
    }

    public override async Task<ListLikesResponse> ListLikes(ListLikesRequest request, ServerCallContext context)
    {
        await using var database = await OpenAsync(context);
        return (await LikeReading.ListLikesAsync(database, request, context.GetCaller(), context.CancellationToken)).OrThrow();
    }

    public override async Task<CountDownloadsResponse> CountDownloads(CountDownloadsRequest request, ServerCallContext context) =>
        new() { Counted = (await downloads.CountAsync(request.Downloads, context.CancellationToken)).OrThrow() };
}
