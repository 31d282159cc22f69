using Microsoft.EntityFrameworkCore;
using ModelGarden.Hosting.Access;
using ModelGarden.Persistence;

namespace ModelGarden.Catalog.Collections;

/// <summary>Keeps the garden's list of featured collections, one change at a time. Of a private collection nothing is shown there, also if it became so later.</summary>
internal sealed partial class FeatureDesk(IDbContextFactory<CatalogDbContext> contexts, TimeProvider clock, ILogger<FeatureDesk> logger)
{
    /// <summary>Whoever changes the list takes the turn of the owner without a name.</summary>
    public const string Turn = "";

    private const int Maximum = 100;

    public async Task<Result<Collection>> SetAsync(FeatureCollectionRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var now = clock.GetStoredNow();
        if (Fault(request, now) is { } fault)
        {
            return fault;
        }

        var set = await contexts.DecideAsync(context => SetAsync(context, request, caller, now, cancellationToken), cancellationToken);
        if (set.Error is null)
        {
            LogSet(set.Value.Slug, request.Featured, caller.Principal.Name);
        }

        return set;
    }

    /// <summary>What is featured now, in order.</summary>
    public static Task<List<StoredFeature>> CurrentAsync(CatalogDbContext context, DateTimeOffset now, CancellationToken cancellationToken) => context.FeaturedCollections
        .Where(row => row.Until == null || row.Until > now)
        .Where(row => context.Collections.Any(collection => collection.Id == row.CollectionId && !collection.IsPrivate))
        .OrderBy(row => row.Position).ThenBy(row => row.CollectionId).ToListAsync(cancellationToken);

    private static Error? Fault(FeatureCollectionRequest request, DateTimeOffset now) => request switch
    {
        { HasPosition: true, Position: < 0 } => Error.Invalid("BAD_POSITION", $"position is {request.Position}: 0 or more is expected"),
        _ when Moments.Fault("until", request.Until) is { } fault => fault,
        { Featured: true, Until: { } until } when until.ToDateTimeOffset() <= now => Error.Invalid("BAD_DATE", $"until, {until.ToDateTimeOffset():u}, has passed: take it off the list, or name a later date"),
        { Featured: false } when request.HasPosition || request.Until is not null => Error.Invalid("BAD_DATE", "position or until is set: what is taken off the list has neither"),
        _ => null,
    };

    private static async Task<Result<Collection>> SetAsync(CatalogDbContext context, FeatureCollectionRequest request, Caller caller, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await CollectionDesk.TakeTurnAsync(context, Turn, cancellationToken);
        var found = await CollectionReading.FindAsync(context.Collections, request.Slug, caller, cancellationToken);
        if (found.Error is { } missing)
        {
            return missing;
        }

        var id = found.Value.Id;
        await context.FeaturedCollections.Where(row => row.Until <= now || (!request.Featured && row.CollectionId == id)).ExecuteDeleteAsync(cancellationToken);
        if (request.Featured && await PlaceAsync(context, found.Value, request, now, cancellationToken) is { } refused)
        {
            return refused;
        }

        await context.SaveChangesAsync(cancellationToken);
        return await CollectionReading.DescribeAsync(context, found.Value, caller, now, cancellationToken);
    }

    private static async Task<Error?> PlaceAsync(CatalogDbContext context, StoredCollection collection, FeatureCollectionRequest request, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (collection.IsPrivate)
        {
            return Error.Conflict("COLLECTION_PRIVATE", $"{CollectionSlug.Of(collection)} is private: what is featured is for everybody");
        }

        var all = await context.FeaturedCollections.AsTracking().OrderBy(row => row.Position).ThenBy(row => row.CollectionId).ToListAsync(cancellationToken);
        var feature = all.Find(row => row.CollectionId == collection.Id);
        if (feature is null)
        {
            if (all.Count >= Maximum)
            {
                return Error.Exhausted("TOO_MANY_FEATURED", $"{Maximum} collections are featured, which is as many as may be: take one off the list");
            }

            feature = new() { CollectionId = collection.Id, Position = all is [.., var last] ? last.Position + 1 : 0 };
            context.FeaturedCollections.Add(feature);
            all.Add(feature);
        }

        feature.Until = request.Until?.ToDateTimeOffset();
        if (request.HasPosition)
        {
            var shown = (await CurrentAsync(context, now, cancellationToken)).Select(row => row.CollectionId).ToHashSet();
            Arrangement.Move(all, feature, request.Position, other => shown.Contains(other.CollectionId));
        }

        return null;
    }

    [LoggerMessage(3005, LogLevel.Information, "featured collection {Slug}: {IsFeatured}, by {Account}")]
    private partial void LogSet(string slug, bool isFeatured, string account);
}
