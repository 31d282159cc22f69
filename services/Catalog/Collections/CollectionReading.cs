using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Popularity;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Hosting.Access;

namespace ModelGarden.Catalog.Collections;

/// <summary>Finds collections, and describes them with the items that the caller may see.</summary>
internal static class CollectionReading
{
    public const int MaximumItems = 500;

    /// <summary>As many as lists show.</summary>
    public const int FirstItems = 4;

    public static Error NotFound(string slug) => Error.NotFound(
        "COLLECTION_NOT_FOUND", $"there is no collection '{Text.Shorten(slug)}', or none that you may see: 'owner/title-' and an id of 24 digits is expected");

    /// <summary>A private collection is for its owner's people, and for operators, who may write there.</summary>
    public static Expression<Func<StoredCollection, bool>> SeenBy(Caller caller)
    {
        if (caller.IsService || (caller.IsOperator && caller.MayLookInside))
        {
            return _ => true;
        }

        var tenant = caller.MayLookInside ? caller.Principal.Tenant.ToLowerInvariant() : "";
        return row => !row.IsPrivate || row.OwnerKey == tenant;
    }

    public static async Task<Result<StoredCollection>> FindAsync(IQueryable<StoredCollection> rows, string slug, Caller caller, CancellationToken cancellationToken) =>
        CollectionSlug.Parse(slug) is { } parsed
            && await rows.Where(SeenBy(caller)).SingleOrDefaultAsync(row => row.Id == parsed.Id && row.OwnerKey == parsed.OwnerKey, cancellationToken) is { } found
            ? found
            : NotFound(slug);

    /// <summary>A collection with everything in it that the caller sees.</summary>
    public static async Task<Collection> DescribeAsync(CatalogDbContext context, StoredCollection row, Caller caller, DateTimeOffset now, CancellationToken cancellationToken) =>
        (await DescribeAsync(context, [row], MaximumItems, caller, now, cancellationToken))[0];

    /// <summary>Collections, each with its first items of those that the caller sees.</summary>
    public static async Task<IReadOnlyList<Collection>> DescribeAsync(
        CatalogDbContext context, IReadOnlyList<StoredCollection> rows, int items, Caller caller, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var ids = rows.Select(row => row.Id).ToList();
        var seen = context.Collections.Where(SeenBy(caller));
        var positions = await context.Collections.Where(row => ids.Contains(row.Id))
            .Select(row => new { row.Id, Position = seen.LongCount(other => other.OwnerKey == row.OwnerKey && other.Position < row.Position) })
            .ToDictionaryAsync(row => row.Id, row => row.Position, cancellationToken);
        var shown = await ItemsAsync(context, ids, items, caller, cancellationToken);
        var featured = (await FeatureDesk.CurrentAsync(context, now, cancellationToken)).Index().ToDictionary(one => one.Item.CollectionId, one => one.Item.ToFeatured(one.Index));
        return [.. rows.Select(row => row.ToCollection(positions[row.Id], shown[row.Id], featured.GetValueOrDefault(row.Id)))];
    }

    private static async Task<ILookup<string, CollectionItem>> ItemsAsync(
        CatalogDbContext context, List<string> ids, int items, Caller caller, CancellationToken cancellationToken)
    {
        var repositories = context.Repositories.Where(RepositoryDirectory.SeenBy(caller));
        var rows = await context.Collections.Where(row => ids.Contains(row.Id))
            .SelectMany(row => context.CollectionItems.Where(item => item.CollectionId == row.Id)
                .Join(repositories, item => item.RepositoryId, repository => repository.Id, (item, repository) => new { Item = item, Repository = repository })
                .OrderBy(pair => pair.Item.Position).Take(items))
            .ToListAsync(cancellationToken);
        var seen = rows.ConvertAll(row => (row.Item, Repository: SeenRepository.Of(row.Repository, caller)!));
        var records = await ShortRecords.OfAsync(context, seen.ConvertAll(one => one.Repository), cancellationToken);
        var liked = await LikeReading.LikedAsync(context, seen.ConvertAll(one => one.Repository.Id), caller, cancellationToken);
        return seen.GroupBy(one => one.Item.CollectionId)
            .SelectMany(group => group.OrderBy(one => one.Item.Position).Index(), (group, one) => (group.Key, Item: Describe(one.Item.Item, one.Index, one.Item.Repository, records, liked)))
            .ToLookup(pair => pair.Key, pair => pair.Item);
    }

    private static CollectionItem Describe(StoredItem item, int position, SeenRepository repository, Dictionary<string, ModelRecord> records, HashSet<string> liked)
    {
        var described = repository.Describe(records.GetValueOrDefault(repository.Id));
        described.PublishedRevisions.Clear();
        return new() { Id = item.Id, Position = position, Note = item.Note, Liked = liked.Contains(item.RepositoryId), Repository = described };
    }
}
