using System.Globalization;
using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Tests.Doubles;

/// <summary>Collections, of which everybody sees everything; what was asked for last is kept.</summary>
public sealed partial class CatalogDouble
{
    public override Task<CreateCollectionResponse> CreateCollection(CreateCollectionRequest request, ServerCallContext context)
    {
        if (!context.GetCaller().IsOf(request.Owner))
        {
            throw new ErrorException(Error.Denied("NOT_YOUR_NAMESPACE", $"{request.Owner} is not yours"));
        }

        lock (store.Collections)
        {
            if (store.Collections.Find(one => one.Owner == request.Owner && one.Title == request.Title) is { } existing)
            {
                return Task.FromResult(new CreateCollectionResponse { Collection = existing, Existed = true });
            }

            var id = IdOf(store.Collections.Count + 1);
            var made = new Collection
            {
                Id = id, Slug = $"{request.Owner}/{request.Title}-{id}", Owner = request.Owner, Title = request.Title, Description = request.Description, Private = request.Private,
                Theme = CollectionTheme.Orange, Position = store.Collections.Count, CreatedAt = Then, UpdatedAt = Then,
            };
            store.Collections.Add(made);
            return Task.FromResult(new CreateCollectionResponse { Collection = made });
        }
    }

    public override Task<Collection> GetCollection(GetCollectionRequest request, ServerCallContext context) => Task.FromResult(Collected(request.Slug));

    public override Task<ListCollectionsResponse> ListCollections(ListCollectionsRequest request, ServerCallContext context)
    {
        store.ListedCollections = request;
        var all = store.Collections.Where(one => request.Owners.Count is 0 || request.Owners.Contains(one.Owner)).ToList();
        var (page, next) = Page(all, request.PageToken, request.PageSize);
        return Task.FromResult(new ListCollectionsResponse { Collections = { page }, NextPageToken = next });
    }

    public override Task<Collection> UpdateCollection(UpdateCollectionRequest request, ServerCallContext context)
    {
        var one = Collected(request.Slug);
        one.Title = request.HasTitle ? request.Title : one.Title;
        one.Description = request.HasDescription ? request.Description : one.Description;
        one.Private = request.HasPrivate ? request.Private : one.Private;
        one.Theme = request.Theme is CollectionTheme.Unspecified ? one.Theme : request.Theme;
        one.Position = request.HasPosition ? request.Position : one.Position;
        one.Slug = $"{one.Owner}/{one.Title}-{one.Id}";
        return Task.FromResult(one);
    }

    public override Task<DeleteCollectionResponse> DeleteCollection(DeleteCollectionRequest request, ServerCallContext context)
    {
        store.Collections.Remove(Collected(request.Slug));
        return Task.FromResult(new DeleteCollectionResponse());
    }

    public override Task<Collection> AddCollectionItem(AddCollectionItemRequest request, ServerCallContext context)
    {
        var one = Collected(request.Slug);
        var repository = Find(request.Repository.Name, request.Repository.Kind, context).Describe();
        if (one.Items.Any(item => item.Repository.Id == repository.Id))
        {
            throw new ErrorException(Error.Exists("ITEM_EXISTS", $"{repository.Name} is there already"));
        }

        one.Items.Add(new CollectionItem { Id = IdOf(100 + one.Items.Count), Position = one.Items.Count, Note = request.Note, Repository = repository });
        return Task.FromResult(one);
    }

    public override Task<Collection> UpdateCollectionItem(UpdateCollectionItemRequest request, ServerCallContext context)
    {
        var one = Collected(request.Slug);
        var item = ItemOf(one, request.ItemId);
        item.Note = request.HasNote ? request.Note : item.Note;
        item.Position = request.HasPosition ? request.Position : item.Position;
        return Task.FromResult(one);
    }

    public override Task<Collection> RemoveCollectionItem(RemoveCollectionItemRequest request, ServerCallContext context)
    {
        var one = Collected(request.Slug);
        one.Items.Remove(ItemOf(one, request.ItemId));
        return Task.FromResult(one);
    }

    private static string IdOf(int number) => number.ToString("x24", CultureInfo.InvariantCulture);

    private static CollectionItem ItemOf(Collection one, string id) =>
        one.Items.FirstOrDefault(item => item.Id == id) ?? throw new ErrorException(Error.NotFound("ITEM_NOT_FOUND", $"no item '{Text.Shorten(id)}'"));

    private Collection Collected(string slug) => store.Collections.Find(one => slug.EndsWith(one.Id, StringComparison.Ordinal))
        ?? throw new ErrorException(Error.NotFound("COLLECTION_NOT_FOUND", $"no collection '{Text.Shorten(slug)}'"));
}
