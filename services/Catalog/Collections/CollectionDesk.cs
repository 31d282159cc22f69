using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Hosting.Access;
using ModelGarden.Persistence;

namespace ModelGarden.Catalog.Collections;

/// <summary>Makes, changes and deletes collections, for those who may write below their owner's name. Of one owner's a change is made at a time, and in one transaction.</summary>
internal sealed class CollectionDesk(IDbContextFactory<CatalogDbContext> contexts, TimeProvider clock)
{
    private const int MaximumCollections = 500;
    private const int LongestTitle = 60;
    private const int LongestDescription = 150;
    private const int LongestNote = 500;

    // In whole milliseconds, as it is stored.
    private DateTimeOffset Now => clock.GetStoredNow();

    public async Task<Result<CreateCollectionResponse>> CreateAsync(CreateCollectionRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var owner = TenantName.Create(request.Owner);
        return (owner.Error ?? caller.WriteFault(owner.Value) ?? TitleFault(request.Title) ?? TextFault("description", request.Description, LongestDescription)) is { } fault
            ? fault
            : await InTurnAsync(owner.Value.Value.ToLowerInvariant(), context => CreateAsync(context, owner.Value, request, caller, cancellationToken), cancellationToken);
    }

    public Task<Result<Collection>> UpdateAsync(UpdateCollectionRequest request, Caller caller, CancellationToken cancellationToken) => ChangeAsync(
        request.Slug,
        caller,
        async (context, row) =>
        {
            var (title, description) = (request.HasTitle ? request.Title : row.Title, request.HasDescription ? request.Description : row.Description);
            if ((TitleFault(title) ?? TextFault("description", description, LongestDescription) ?? PositionFault(request.HasPosition, request.Position)) is { } fault)
            {
                return fault;
            }

            var others = await context.Collections.AsTracking().Where(other => other.OwnerKey == row.OwnerKey).OrderBy(other => other.Position).ToListAsync(cancellationToken);
            if (others.Find(other => other.Key == StoredCollection.KeyOf(title) && other != row) is { } namesake)
            {
                return Error.Exists("COLLECTION_EXISTS", $"{row.Owner} has a collection '{Text.Shorten(namesake.Title)}' already: {CollectionSlug.Of(namesake)}");
            }

            row.Say(title, description);
            row.IsPrivate = request.HasPrivate ? request.Private : row.IsPrivate;
            row.Theme = request.Theme is CollectionTheme.Unspecified ? row.Theme : request.Theme;
            if (request.HasPosition)
            {
                // Who writes below a name sees all that is there.
                Arrangement.Move(others, row, request.Position, _ => true);
            }

            return null;
        },
        cancellationToken);

    public async Task<Result<string>> DeleteAsync(string slug, Caller caller, CancellationToken cancellationToken)
    {
        var found = await FindToWriteAsync(slug, caller, cancellationToken);
        return found.Error is { } error ? error : await InTurnAsync<string>(
            found.Value.OwnerKey,
            async context =>
            {
                var id = found.Value.Id;
                // It may be featured: that list loses it with it.
                await TakeTurnAsync(context, FeatureDesk.Turn, cancellationToken);
                return await context.Collections.Where(row => row.Id == id).ExecuteDeleteAsync(cancellationToken) is 1 ? id : CollectionReading.NotFound(slug);
            },
            cancellationToken);
    }

    public Task<Result<Collection>> AddAsync(AddCollectionItemRequest request, Caller caller, CancellationToken cancellationToken) => ChangeAsync(
        request.Slug,
        caller,
        async (context, row) =>
        {
            var name = RepositoryName.Create(request.Repository?.Name);
            if ((name.Error ?? TextFault("note", request.Note, LongestNote)) is { } fault)
            {
                return fault;
            }

            var repository = await RepositoryFinder.FindAsync(context, name.Value, request.Repository!.Kind, caller, cancellationToken);
            return repository.Error is { } missing ? missing : await AddAsync(context, row, repository.Value, request.Note, cancellationToken);
        },
        cancellationToken);

    public Task<Result<Collection>> UpdateAsync(UpdateCollectionItemRequest request, Caller caller, CancellationToken cancellationToken) => ChangeAsync(
        request.Slug,
        caller,
        async (context, row) =>
        {
            if (((request.HasNote ? TextFault("note", request.Note, LongestNote) : null) ?? PositionFault(request.HasPosition, request.Position)) is { } fault)
            {
                return fault;
            }

            var items = await ItemsOf(context, row).ToListAsync(cancellationToken);
            var seen = await SeenAsync(context, row, caller, cancellationToken);
            if (items.Find(item => item.Id == request.ItemId && seen.Contains(item.Id)) is not { } item)
            {
                return NoItem(request.ItemId, row);
            }

            item.Note = request.HasNote ? request.Note.Trim() : item.Note;
            if (request.HasPosition)
            {
                Arrangement.Move(items, item, request.Position, other => seen.Contains(other.Id));
            }

            return null;
        },
        cancellationToken);

    public Task<Result<Collection>> RemoveAsync(RemoveCollectionItemRequest request, Caller caller, CancellationToken cancellationToken) => ChangeAsync(
        request.Slug,
        caller,
        async (context, row) =>
        {
            var seen = await SeenAsync(context, row, caller, cancellationToken);
            if (!seen.Contains(request.ItemId))
            {
                return NoItem(request.ItemId, row);
            }

            await context.CollectionItems.Where(item => item.Id == request.ItemId).ExecuteDeleteAsync(cancellationToken);
            return null;
        },
        cancellationToken);

    private async Task<Result<CreateCollectionResponse>> CreateAsync(
        CatalogDbContext context, TenantName owner, CreateCollectionRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var (ownerKey, key) = (owner.Value.ToLowerInvariant(), StoredCollection.KeyOf(request.Title));
        var own = context.Collections.Where(row => row.OwnerKey == ownerKey);
        if (await own.SingleOrDefaultAsync(row => row.Key == key, cancellationToken) is { } existing)
        {
            return new CreateCollectionResponse { Collection = await CollectionReading.DescribeAsync(context, existing, caller, Now, cancellationToken), Existed = true };
        }

        if (await own.CountAsync(cancellationToken) >= MaximumCollections)
        {
            return Error.Exhausted("TOO_MANY_COLLECTIONS", $"{owner} has {MaximumCollections} collections, which is as many as may be: delete one, or add to one");
        }

        var now = Now;
        var made = new StoredCollection
        {
            Id = CollectionSlug.NewId(),
            Owner = owner.Value,
            OwnerKey = ownerKey,
            IsPrivate = request.Private,
            Theme = request.Theme is CollectionTheme.Unspecified ? CollectionTheme.Orange : request.Theme,
            Position = 1 + (await own.MaxAsync(row => (long?)row.Position, cancellationToken) ?? -1),
            CreatedAt = now,
            UpdatedAt = now,
        };
        made.Say(request.Title, request.Description);
        context.Collections.Add(made);
        await context.SaveChangesAsync(cancellationToken);
        return new CreateCollectionResponse { Collection = await CollectionReading.DescribeAsync(context, made, caller, now, cancellationToken) };
    }

    private static async Task<Error?> AddAsync(CatalogDbContext context, StoredCollection row, SeenRepository repository, string note, CancellationToken cancellationToken)
    {
        var items = await ItemsOf(context, row).ToListAsync(cancellationToken);
        if (items.Exists(item => item.RepositoryId == repository.Id))
        {
            return Error.Exists("ITEM_EXISTS", $"{repository.Row.Name} is in '{Text.Shorten(row.Title)}' already");
        }

        if (items.Count >= CollectionReading.MaximumItems)
        {
            return Error.Exhausted("TOO_MANY_ITEMS", $"'{Text.Shorten(row.Title)}' has {CollectionReading.MaximumItems} items, which is as many as may be: remove one, or begin another collection");
        }

        context.CollectionItems.Add(new()
        {
            Id = CollectionSlug.NewId(), CollectionId = row.Id, RepositoryId = repository.Id, Position = items is [.., var last] ? last.Position + 1 : 0, Note = note.Trim(),
        });
        try
        {
            await context.SaveChangesAsync(cancellationToken);
            return null;
        }
        catch (DbUpdateException exception) when (exception.IsForeignKeyViolation())
        {
            return RepositoryFinder.NotFound(repository.Row.Name);
        }
    }

    /// <summary>Changes one collection, and answers it as it is then.</summary>
    private async Task<Result<Collection>> ChangeAsync(
        string slug, Caller caller, Func<CatalogDbContext, StoredCollection, Task<Error?>> change, CancellationToken cancellationToken)
    {
        var found = await FindToWriteAsync(slug, caller, cancellationToken);
        return found.Error is { } error ? error : await InTurnAsync<Collection>(
            found.Value.OwnerKey,
            async context =>
            {
                var row = await CollectionReading.FindAsync(context.Collections.AsTracking(), slug, caller, cancellationToken);
                if ((row.Error ?? await change(context, row.Value)) is { } fault)
                {
                    return fault;
                }

                row.Value.UpdatedAt = Now;
                await context.SaveChangesAsync(cancellationToken);
                return await CollectionReading.DescribeAsync(context, row.Value, caller, row.Value.UpdatedAt, cancellationToken);
            },
            cancellationToken);
    }

    /// <summary>Has a change made when it is this owner's turn, and keeps it if it answers a value.</summary>
    private Task<Result<T>> InTurnAsync<T>(string ownerKey, Func<CatalogDbContext, Task<Result<T>>> change, CancellationToken cancellationToken)
        where T : notnull => contexts.DecideAsync(
            async context =>
            {
                await TakeTurnAsync(context, ownerKey, cancellationToken);
                return await change(context);
            },
            cancellationToken);

    /// <summary>Whoever else wants this owner's turn waits until the transaction ends.</summary>
    public static Task TakeTurnAsync(CatalogDbContext context, string ownerKey, CancellationToken cancellationToken) => context.Database.ExecuteSqlAsync(
        $"INSERT INTO collection_owners (owner, changes) VALUES ({ownerKey}, 1) ON CONFLICT (owner) DO UPDATE SET changes = collection_owners.changes + 1", cancellationToken);

    private async Task<Result<StoredCollection>> FindToWriteAsync(string slug, Caller caller, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var found = await CollectionReading.FindAsync(context.Collections, slug, caller, cancellationToken);
        return found.Error is null && caller.WriteFault(TenantName.Create(found.Value.Owner).Value) is { } denied ? denied : found;
    }

    private static IQueryable<StoredItem> ItemsOf(CatalogDbContext context, StoredCollection row) =>
        context.CollectionItems.AsTracking().Where(item => item.CollectionId == row.Id).OrderBy(item => item.Position);

    private static Task<HashSet<string>> SeenAsync(CatalogDbContext context, StoredCollection row, Caller caller, CancellationToken cancellationToken)
    {
        var repositories = context.Repositories.Where(RepositoryDirectory.SeenBy(caller));
        return context.CollectionItems.Where(item => item.CollectionId == row.Id && repositories.Any(repository => repository.Id == item.RepositoryId))
            .Select(item => item.Id).ToHashSetAsync(cancellationToken);
    }

    private static Error NoItem(string id, StoredCollection row) => Error.NotFound("ITEM_NOT_FOUND", $"there is no item '{Text.Shorten(id)}' in {CollectionSlug.Of(row)}, or none that you may see");

    private static Error? TitleFault(string title) => Text.Refusal("title", title.Trim(), 1, LongestTitle);

    private static Error? TextFault(string field, string text, int longest) => text.Length > longest || text.Contains('\0', StringComparison.Ordinal)
        ? Error.Invalid("BAD_TEXT", $"{field} has {text.Length} characters, or a zero character: at most {longest} are expected")
        : null;

    private static Error? PositionFault(bool isGiven, long position) => isGiven && position < 0 ? Error.Invalid("BAD_POSITION", $"position is {position}: 0 or more is expected") : null;
}
