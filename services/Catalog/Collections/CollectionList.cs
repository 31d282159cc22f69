using Google.Protobuf.Collections;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Hosting.Access;

namespace ModelGarden.Catalog.Collections;

/// <summary>Lists the collections that a caller sees.</summary>
internal static class CollectionList
{
    private const int NormalPage = 50;
    private const int MaximumPage = 100;
    private const int MaximumFilters = 50;
    private const int MaximumText = 200;

    public static async Task<Result<ListCollectionsResponse>> ListAsync(
        CatalogDbContext context, ListCollectionsRequest request, Caller caller, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (size, after) = (PageToken.Size(request.PageSize, NormalPage, MaximumPage), PageToken.ReadPlace(request.PageToken));
        if ((size.Error ?? after.Error ?? Fault(request)) is { } error)
        {
            return error;
        }

        var held = await HeldAsync(context, request.Repositories, caller, cancellationToken);
        if (held.Error is { } bad)
        {
            return bad;
        }

        var wanted = Wanted(context, request, held.Value, caller);
        if (request.Featured)
        {
            return await ListFeaturedAsync(context, wanted, size.Value, after.Value, caller, now, cancellationToken);
        }

        var isByPosition = request.Order is CollectionOrder.Position || (request.Order is CollectionOrder.Unspecified && request.Owners.Count is 1);
        var ordered = isByPosition ? ByPosition(wanted, after.Value) : ByUpdate(wanted, after.Value);
        var rows = await ordered.Take(size.Value + 1).ToListAsync(cancellationToken);
        var page = rows.Take(size.Value).ToList();
        return new ListCollectionsResponse
        {
            Collections = { await CollectionReading.DescribeAsync(context, page, CollectionReading.FirstItems, caller, now, cancellationToken) },
            NextPageToken = rows.Count > page.Count ? PageToken.Write(isByPosition ? page[^1].Position : page[^1].UpdatedAt.ToUnixTimeMilliseconds(), page[^1].Id) : "",
        };
    }

    /// <summary>Those of the wanted ones that are featured: few enough to be put in order here.</summary>
    private static async Task<ListCollectionsResponse> ListFeaturedAsync(
        CatalogDbContext context, IQueryable<StoredCollection> wanted, int size, Place after, Caller caller, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var current = await FeatureDesk.CurrentAsync(context, now, cancellationToken);
        var ids = current.ConvertAll(one => one.CollectionId);
        var found = await wanted.Where(row => ids.Contains(row.Id)).ToDictionaryAsync(row => row.Id, cancellationToken);
        var rest = current.FindAll(one => found.ContainsKey(one.CollectionId) && (after.Id.Length is 0 || one.Position > after.Number));
        var page = rest.Take(size).ToList();
        return new()
        {
            Collections = { await CollectionReading.DescribeAsync(context, page.ConvertAll(one => found[one.CollectionId]), CollectionReading.FirstItems, caller, now, cancellationToken) },
            NextPageToken = rest.Count > page.Count ? PageToken.Write(page[^1].Position, page[^1].CollectionId) : "",
        };
    }

    private static Error? Fault(ListCollectionsRequest request)
    {
        if (request is { Featured: true, Order: not CollectionOrder.Unspecified })
        {
            return Error.Invalid("BAD_ORDER", "order is set: featured collections are in the order that curators gave them");
        }

        if (Math.Max(request.Owners.Count, request.Repositories.Count) is var filters and > MaximumFilters)
        {
            return Error.Invalid("TOO_MANY_FILTERS", $"{filters} owners or repositories are asked for, at most {MaximumFilters} of each may be");
        }

        if (request.Text.Length > MaximumText || request.Text.Contains('\0', StringComparison.Ordinal))
        {
            return Error.Invalid("BAD_TEXT", $"what is searched for has {request.Text.Length} characters, or a zero character: at most {MaximumText} are expected");
        }

        return request.Order is CollectionOrder.Position && request.Owners.Count is not 1
            ? Error.Invalid("BAD_ORDER", $"{request.Owners.Count} owners are asked for: in their owner's order are the collections of one")
            : request.Owners.Select(owner => TenantName.Create(owner).Error).FirstOrDefault(error => error is not null);
    }

    /// <summary>Those of the repositories that the caller sees.</summary>
    private static async Task<Result<Held>> HeldAsync(CatalogDbContext context, RepeatedField<NamedRepository> repositories, Caller caller, CancellationToken cancellationToken)
    {
        var ids = new List<string>();
        foreach (var repository in repositories)
        {
            var name = RepositoryName.Create(repository.Name);
            if (name.Error is { } error)
            {
                return error;
            }

            if (await RepositoryFinder.FindAsync(context, name.Value, repository.Kind, caller, cancellationToken) is { Error: null } found)
            {
                ids.Add(found.Value.Id);
            }
        }

        return new Held(repositories.Count > 0, ids);
    }

    private static IQueryable<StoredCollection> Wanted(CatalogDbContext context, ListCollectionsRequest request, Held held, Caller caller)
    {
        var rows = context.Collections.Where(CollectionReading.SeenBy(caller));
        if (request.Owners.Count > 0)
        {
            var owners = request.Owners.Select(owner => owner.ToLowerInvariant()).ToList();
            rows = rows.Where(row => owners.Contains(row.OwnerKey));
        }

        if (held.IsAsked)
        {
            var ids = held.Ids;
            rows = rows.Where(row => context.CollectionItems.Any(item => item.CollectionId == row.Id && ids.Contains(item.RepositoryId)));
        }

        var text = request.Text.Trim().ToLowerInvariant();
        return text.Length > 0 ? rows.Where(row => row.Words.Contains(text)) : rows;
    }

    private static IQueryable<StoredCollection> ByPosition(IQueryable<StoredCollection> rows, Place after)
    {
        var (position, id) = (after.Number, after.Id);
        return (id.Length is 0 ? rows : rows.Where(row => row.Position > position || (row.Position == position && string.Compare(row.Id, id) > 0)))
            .OrderBy(row => row.Position).ThenBy(row => row.Id);
    }

    private static IQueryable<StoredCollection> ByUpdate(IQueryable<StoredCollection> rows, Place after)
    {
        var (at, id) = (after.At, after.Id);
        return (id.Length is 0 ? rows : rows.Where(row => row.UpdatedAt < at || (row.UpdatedAt == at && string.Compare(row.Id, id) < 0)))
            .OrderByDescending(row => row.UpdatedAt).ThenByDescending(row => row.Id);
    }

    /// <summary>The repositories that are asked for.</summary>
    private sealed record Held(bool IsAsked, IReadOnlyList<string> Ids);
}
