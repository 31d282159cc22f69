using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Commits;
using ModelGarden.Catalog.Facts;
using ModelGarden.Catalog.Moderation;
using ModelGarden.Catalog.Webhooks;
using ModelGarden.Hosting.Access;
using ModelGarden.Persistence;
using ModelGarden.Scanning;

namespace ModelGarden.Catalog.Repositories;

/// <summary>Makes, changes, deletes and lists repositories.</summary>
internal sealed class RepositoryDirectory(
    IDbContextFactory<CatalogDbContext> contexts, RepositoryChanges changes, Committer committer, DeliveryBell bell, FileScanners scanners, TimeProvider clock)
{
    private const int MaximumPage = 500;
    private const int MaximumOrigin = 2048;
    private const int MaximumOriginRevision = 256;

    // A page is cut short before it gets too large for one message: cards may have a megabyte each.
    private const int PageBytes = 8 << 20;

    // The path of the garden's own REST interface.
    private const string Reserved = "garden/v1";

    public async Task<Result<Repository>> CreateAsync(RepositoryName name, CreateRepositoryRequest request, Caller caller, CancellationToken cancellationToken)
    {
        if (CreationFault(name, caller) is { } fault)
        {
            return fault;
        }

        var source = Normal(request.Source);
        if (source.Error is { } error)
        {
            return error;
        }

        var row = New(name, request, source.Value);
        if (request.FirstCommit is null)
        {
            return await InsertAsync(row, caller, null, cancellationToken);
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var first = await committer.PrepareAsync(context, row, request.FirstCommit, cancellationToken);
        return first.Error is { } bad ? bad : await InsertAsync(row, caller, fresh => committer.BeginAsync(fresh, row, first.Value, caller, cancellationToken), cancellationToken);
    }

    public Task<Result<Repository>> UpdateAsync(SeenRepository repository, UpdateRepositoryRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var source = Normal(request.Source);
        return source.Error is { } error ? Task.FromResult<Result<Repository>>(error) : changes.RunAsync<Repository>(
            repository.Id,
            async change =>
            {
                if (request.Visibility is Visibility.Private && change.Repository.IsOffered)
                {
                    return StillPublished(change.Repository.Name, "made private");
                }

                if (request.Source is not null && SourceFault(change.Repository, source.Value) is { } fault)
                {
                    return fault;
                }

                if (!await change.ClaimAsync(cancellationToken))
                {
                    return RepositoryChange.Lost;
                }

                change.Repository.Visibility = request.Visibility is Visibility.Unspecified ? change.Repository.Visibility : request.Visibility;
                change.Repository.Gate = request.Gate is AccessGate.Unspecified ? change.Repository.Gate : request.Gate;
                // Of another source, what was recorded says nothing.
                change.Repository.Source = request.Source is null || change.Repository.IsFrom(source.Value) ? change.Repository.Source : source.Value;
                change.Repository.UpdatedAt = change.Now;
                return await DescribeAsync(change.Context, SeenRepository.Of(change.Repository, caller)!, cancellationToken);
            },
            cancellationToken);
    }

    public Task<Result<string>> DeleteAsync(SeenRepository repository, CancellationToken cancellationToken) => changes.RunAsync<string>(
        repository.Id,
        async change =>
        {
            if (change.Repository.Life.IsOffered)
            {
                return StillPublished(change.Repository.Name, "deleted");
            }

            if (!await change.ClaimAsync(cancellationToken))
            {
                return RepositoryChange.Lost;
            }

            await OpenReports.LapseAsync(change, cancellationToken);
            change.Delete();
            return repository.Id;
        },
        cancellationToken);

    public async Task<Result<ListRepositoriesResponse>> ListAsync(ListRepositoriesRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var size = PageToken.Size(request.PageSize, 100, MaximumPage);
        var token = PageToken.Read(request.PageToken, 2);
        if ((size.Error ?? token.Error ?? OwnerFault(request.Owner) ?? ReviewerFault(request.Reviewer, caller)) is { } error)
        {
            return error;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var rows = await Query(context, request, caller, token.Value).Take(size.Value + 1).ToListAsync(cancellationToken);
        var seen = rows.Take(size.Value).Select(row => SeenRepository.Of(row, caller)).OfType<SeenRepository>().ToList();
        var found = await RecordsAsync(context, seen, cancellationToken);
        var response = new ListRepositoriesResponse();
        var bytes = 0;
        foreach (var repository in seen.TakeWhile(_ => bytes < PageBytes))
        {
            response.Repositories.Add(repository.Describe(found.GetValueOrDefault((repository.Id, repository.Head))));
            bytes += response.Repositories[^1].CalculateSize();
        }

        if (response.Repositories.Count < seen.Count || rows.Count > size.Value)
        {
            var last = seen[response.Repositories.Count - 1].Row;
            response.NextPageToken = PageToken.Write(last.Key, last.Kind.ToString());
        }

        return response;
    }

    /// <summary>Why the caller cannot make a repository of this name; null: he can.</summary>
    public static Error? CreationFault(RepositoryName name, Caller caller) => caller.WriteFault(name.Owner) ?? NameFault(name);

    /// <summary>A draft that is to have the files of another's commit.</summary>
    public StoredRepository NewLike(StoredRepository other, RepositoryName name, Visibility visibility, string commit)
    {
        var request = new CreateRepositoryRequest { Kind = other.Kind, Visibility = visibility is Visibility.Unspecified ? other.Visibility : visibility };
        var row = New(name, request, new() { Kind = other.Source.Kind, Origin = other.Name, OriginRevision = commit });
        // What was found in small files is copied with them.
        (row.RulesVersion, row.Scanners, row.AwaitsScan) = (other.RulesVersion, other.Scanners, other.AwaitsScan);
        // Whoever lets it go on to others decides on the gate himself: until then it is as shut as it was.
        row.Gate = other.Gate;
        // The same content.
        row.AttestedRating = other.AttestedRating;
        return row;
    }

    /// <summary>Why a repository cannot have this name; null: it can.</summary>
    public static Error? NameFault(RepositoryName name) => StoredRepository.KeyOf(name) is Reserved
        ? Error.Invalid("BAD_REPOSITORY_NAME", $"'{Reserved}' is the address of the garden's own interface: choose another name")
        : null;

    public static Error Exists(RepositoryKind kind, string name) => Error.Exists("REPOSITORY_EXISTS", $"there is a {kind.ToString().ToLowerInvariant()} '{name}' already");

    /// <summary>Why there cannot be this one besides those that there are; null: there can.</summary>
    public static async Task<Error?> TakenFaultAsync(CatalogDbContext context, StoredRepository row, CancellationToken cancellationToken) =>
        await context.Repositories.AnyAsync(other => other.Key == row.Key && other.Kind == row.Kind, cancellationToken) ? Exists(row.Kind, row.Name) : null;

    public static async Task<Repository> DescribeAsync(CatalogDbContext context, SeenRepository repository, CancellationToken cancellationToken) =>
        repository.Describe(await RecordKeeper.FindAsync(context, repository.Id, repository.Head, cancellationToken));

    /// <param name="row">The new repository.</param>
    /// <param name="caller">Whose it is.</param>
    /// <param name="fill">Puts into it, within the transaction that makes it, what it has from the beginning, or says why it cannot be made.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<Result<Repository>> InsertAsync(StoredRepository row, Caller caller, Func<CatalogDbContext, Task<Error?>>? fill, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await TakenFaultAsync(context, row, cancellationToken) is { } taken)
        {
            return taken;
        }

        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        context.Repositories.Add(row);
        try
        {
            await context.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException exception) when (exception.IsUniqueViolation())
        {
            return Exists(row.Kind, row.Name);
        }

        await FormerName.ForgetAsync(context, row, cancellationToken);
        if (fill is not null && await fill(context) is { } fault)
        {
            return fault;
        }

        var isWatched = await EventNotes.AddCreationAsync(context, row, cancellationToken);
        await context.SaveChangesAsync(cancellationToken);
        await RepositoryChange.AnnounceAsync(context, row, cancellationToken);
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        if (isWatched)
        {
            bell.Ring();
        }

        return await DescribeAsync(context, SeenRepository.Of(row, caller)!, cancellationToken);
    }

    private StoredRepository New(RepositoryName name, CreateRepositoryRequest request, Source source)
    {
        // What is stored has milliseconds; the answer is to say the same as every later one.
        var now = clock.GetStoredNow();
        return new()
        {
            Id = Guid.CreateVersion7(now).ToString("n"),
            Name = name.Value,
            Key = StoredRepository.KeyOf(name),
            Owner = name.Owner.Value.ToLowerInvariant(),
            Kind = request.Kind is RepositoryKind.Unspecified ? RepositoryKind.Model : request.Kind,
            Visibility = request.Visibility is Visibility.Unspecified ? Visibility.Garden : request.Visibility,
            Source = source,
            Standing = Lifecycle.Draft,
            Scanners = scanners.Signature,
            CreatedAt = now,
            UpdatedAt = now,
        };
    }

    /// <summary>Why a repository cannot be said to be from there now; null: it can. What is required of a revision follows from its source.</summary>
    public static Error? SourceFault(StoredRepository repository, Source source) => repository.Life.Submission is not Lifecycle.Unspecified && !repository.IsFrom(source)
        ? Error.Conflict("UNDER_REVIEW", $"a revision of {repository.Name} is under review: its source is what it was when that began; withdraw it first")
        : null;

    /// <summary>A source as callers may say it: what upstream said of the files is recorded, not told.</summary>
    public static Result<Source> Normal(Source? source) => source switch
    {
        null => new Source { Kind = SourceKind.FirstParty },
        { Origin.Length: > MaximumOrigin } or { OriginRevision.Length: > MaximumOriginRevision } => Error.Invalid(
            "BAD_SOURCE", $"source: origin has at most {MaximumOrigin} characters, origin_revision at most {MaximumOriginRevision}"),
        _ when source.Origin.Any(char.IsControl) || source.OriginRevision.Any(char.IsControl) => Error.Invalid("BAD_SOURCE", "source: origin or origin_revision has a control character"),
        _ when !Enum.IsDefined(source.Kind) => Error.Invalid("BAD_SOURCE", $"source: there is no kind {source.Kind:d}"),
        { Kind: SourceKind.Unspecified } => new Source(source) { Kind = SourceKind.FirstParty, Checksums = null },
        _ => new Source(source) { Checksums = null },
    };

    private static Error? OwnerFault(string owner) => owner.Length is 0 ? null : TenantName.Create(owner).Error;

    /// <summary>Others are not told who reviews what.</summary>
    private static Error? ReviewerFault(string reviewer, Caller caller) => reviewer.Length is 0 ? null
        : caller.IsService || (caller.IsCurator && caller.MayLookInside) ? AccountName.Create(reviewer).Error
        : Error.Denied("CURATORS_ONLY", $"what waits for a reviewer is for curators to see: {caller.Principal.Name} has not that role");

    private static Error StillPublished(string name, string what) =>
        Error.Conflict("STILL_PUBLISHED", $"{name} is published, others may be using it: a curator retires it before it is {what}");

    /// <summary>What the caller may see, with the lifecycle as he is told it: the rules of <see cref="SeenRepository"/> as a query.</summary>
    private static IQueryable<StoredRepository> Query(CatalogDbContext context, ListRepositoriesRequest request, Caller caller, string[] after)
    {
        IQueryable<StoredRepository> query = context.Repositories.OrderBy(row => row.Key).ThenBy(row => row.Kind);
        if (after is [var key, var kindText])
        {
            var kind = Enum.TryParse<RepositoryKind>(kindText, out var parsed) ? parsed : RepositoryKind.Unspecified;
            query = query.Where(row => string.Compare(row.Key, key) > 0 || (row.Key == key && row.Kind > kind));
        }

        if (request.Owner.Length > 0)
        {
            var owner = request.Owner.ToLowerInvariant();
            query = query.Where(row => row.Owner == owner);
        }

        if (request.Reviewer.Length > 0)
        {
            var reviewer = $" {request.Reviewer.ToLowerInvariant()} ";
            query = query.Where(row => (row.Submission == Lifecycle.Submitted || row.Submission == Lifecycle.InReview) && row.Reviewers.Contains(reviewer) && !row.Approvals.Contains(reviewer));
        }

        return query
            .Where(row => request.Kind == RepositoryKind.Unspecified || row.Kind == request.Kind)
            .Where(SeenBy(caller, request.Lifecycle));
    }

    /// <summary>Which repositories the caller sees: the rules of <see cref="SeenRepository"/> as a query.</summary>
    public static Expression<Func<StoredRepository, bool>> SeenBy(Caller caller) => SeenBy(caller, Lifecycle.Unspecified);

    /// <summary>Of which repositories that he sees the caller sees everything: of all, or of those of an owner; of the others what is published. Again the rules of <see cref="SeenRepository"/>.</summary>
    public static (bool IsAll, string Tenant) InsightOf(Caller caller) =>
        (caller.IsService || (caller.IsCurator && caller.MayLookInside), caller.MayLookInside ? caller.Principal.Tenant.ToLowerInvariant() : "");

    private static Expression<Func<StoredRepository, bool>> SeenBy(Caller caller, Lifecycle state)
    {
        var any = state is Lifecycle.Unspecified;
        var isUnderWay = state is Lifecycle.Submitted or Lifecycle.InReview or Lifecycle.Approved or Lifecycle.ChangesRequested;
        if (caller.IsService)
        {
            return row => any || (isUnderWay ? row.Standing == Lifecycle.Draft && row.Submission == state
                : row.Standing == state && (state != Lifecycle.Draft || row.Submission == Lifecycle.Unspecified));
        }

        if (caller.IsCurator && caller.MayLookInside)
        {
            return row => any || (isUnderWay ? row.Submission == state : row.Standing == state && row.Submission == Lifecycle.Unspecified);
        }

        var tenant = InsightOf(caller).Tenant;
        return row => row.Owner == tenant
            ? row.Standing != Lifecycle.TakenDown && (any || (isUnderWay ? row.Submission == state : row.Standing == state && row.Submission == Lifecycle.Unspecified))
            : row.Visibility == Visibility.Garden && (row.Standing == Lifecycle.Published || row.Standing == Lifecycle.Deprecated) && (any || row.Standing == state);
    }

    /// <summary>What describes the heads of these, by repository and revision.</summary>
    public static async Task<Dictionary<(string, string), ModelRecord>> RecordsAsync(CatalogDbContext context, List<SeenRepository> seen, CancellationToken cancellationToken)
    {
        var ids = seen.Select(repository => repository.Id).ToList();
        var heads = seen.Select(repository => repository.Head).Where(head => head.Length > 0).ToList();
        var rows = await context.Records.Where(row => ids.Contains(row.RepositoryId) && heads.Contains(row.Revision)).ToListAsync(cancellationToken);
        return rows.ToDictionary(row => (row.RepositoryId, row.Revision), row => ModelRecord.Parser.ParseFrom(row.Content));
    }
}
