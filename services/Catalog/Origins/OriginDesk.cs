using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Comparing;
using ModelGarden.Catalog.Lifecycles;
using ModelGarden.Catalog.Objects;
using ModelGarden.Catalog.Reading;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Hosting.Access;

namespace ModelGarden.Catalog.Origins;

/// <summary>Keeps what upstream said of the files that were taken from there, once it is held against them.</summary>
internal sealed class OriginDesk(IDbContextFactory<CatalogDbContext> contexts, RepositoryChanges changes, FileReading reading)
{
    private const int MaximumFiles = 100_000;
    private const int MaximumRecords = 1000;

    /// <summary>The record as it is then; with other calls to come, without checksums.</summary>
    public async Task<Result<OriginRecord>> RecordAsync(SeenRepository repository, RecordOriginRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var source = RepositoryDirectory.Normal(request.Source);
        if ((source.Error ?? OriginCheck.Fault(request.Files)) is { } fault)
        {
            return fault;
        }

        // Read before the repository is taken, for which others wait: the files of a commit are what they are.
        var files = await ReadAsync(repository, request, cancellationToken);
        return files.Error ?? await changes.RunAsync(repository.Id, change => RecordAsync(change, request, source.Value, files.Value, caller, cancellationToken), cancellationToken);
    }

    /// <summary>The same of all files of a commit that was taken from another repository, in the transaction in which it is made.</summary>
    public static async Task KeepAsync(
        CatalogDbContext context, StoredRepository repository, string commit, IEnumerable<PlacedFile> files, string account, CancellationToken cancellationToken)
    {
        var origin = New(repository.Id, 1, commit, repository.Source, account, repository.CreatedAt);
        context.Origins.Add(origin);
        await CompleteAsync(context, repository, origin, Sorted(files.Select(LineOf)), repository.CreatedAt, cancellationToken);
    }

    /// <summary>What the named files are here, in the revision that the call or its record is about.</summary>
    private async Task<Result<NamedFiles>> ReadAsync(SeenRepository repository, RecordOriginRequest request, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var revision = request.Number is 0
            ? request.Revision
            : await context.Origins.Where(row => row.RepositoryId == repository.Id && row.Number == request.Number).Select(row => row.Revision).SingleOrDefaultAsync(cancellationToken);
        if (revision is null)
        {
            return NoRecord(repository.Row, request.Number);
        }

        var root = await reading.OpenAsync(context, SeenRepository.ForFeed(repository.Row), revision, cancellationToken);
        return root.Error is { } error ? error
            : root.Value.Commit.Length is 0 ? Error.NotFound("REVISION_NOT_FOUND", $"{repository.Row.Name} has no commit yet: there are no files that come from anywhere")
            : await OriginCheck.ReadAsync(context, repository.Id, root.Value, request.Files, cancellationToken);
    }

    private static async Task<Result<OriginRecord>> RecordAsync(RepositoryChange change, RecordOriginRequest request, Source source, NamedFiles files, Caller caller, CancellationToken cancellationToken)
    {
        var found = request.Number is 0 ? await BeginAsync(change, files.Commit, source, caller, cancellationToken) : await FindAsync(change, request.Number, cancellationToken);
        if (found.Error is { } missing)
        {
            return missing;
        }

        var (origin, before) = (found.Value, request.Number is 0 ? [] : await OriginLines.ReadAsync(change.Context, found.Value, cancellationToken));
        var isTold = request.Number is not 0 && before.Select(line => line.Upstream).ToHashSet().IsSupersetOf(request.Files);
        // The answer may have been lost.
        if (isTold && (origin.IsWhole || request.More))
        {
            return origin.ToRecord();
        }

        var lines = isTold ? new List<OriginLine>() : Hold(origin, request, files, before);
        return lines.Error ?? (request.More
            ? await GoOnAsync(change, request, origin, lines.Value, cancellationToken)
            : await EndAsync(change, request, origin, Sorted([.. before, .. lines.Value]), cancellationToken));
    }

    private static async Task<Result<StoredOrigin>> BeginAsync(RepositoryChange change, string commit, Source source, Caller caller, CancellationToken cancellationToken)
    {
        var (context, repository) = (change.Context, change.Repository);
        if (RepositoryDirectory.SourceFault(repository, source) is { } fault)
        {
            return fault;
        }

        var numbers = await context.Origins.Where(row => row.RepositoryId == repository.Id).Select(row => row.Number).ToListAsync(cancellationToken);
        return numbers.Count >= MaximumRecords
            ? Error.Exhausted("TOO_MANY_ORIGINS", $"{repository.Name} has {MaximumRecords} records of where its files are from, which is as many as may be")
            : New(repository.Id, numbers.DefaultIfEmpty().Max() + 1, commit, source, caller.Principal.Name, change.Now);
    }

    private static async Task<Result<StoredOrigin>> FindAsync(RepositoryChange change, long number, CancellationToken cancellationToken)
    {
        var found = await change.Context.Origins.AsTracking().SingleOrDefaultAsync(row => row.RepositoryId == change.Repository.Id && row.Number == number, cancellationToken);
        return found is null ? NoRecord(change.Repository, number) : found;
    }

    private static Error NoRecord(StoredRepository repository, long number) => OriginReading.NotFound($"there is no record {number} of {repository.Name}: begin one, without a number");

    private static Result<List<OriginLine>> Hold(StoredOrigin origin, RecordOriginRequest request, NamedFiles files, List<OriginLine> before)
    {
        if (origin.IsWhole)
        {
            return Error.Conflict("ORIGIN_COMPLETE", $"record {origin.Number} is whole, and these files are not in it: records are not changed, begin another");
        }

        if (request.Files.Count is 0)
        {
            return Error.Invalid("BAD_ORIGIN", "no file is named: a record says of each file what upstream said of it");
        }

        if (before.Count + request.Files.Count > MaximumFiles)
        {
            return Error.Exhausted("TOO_MANY_FILES", $"{before.Count + request.Files.Count} files are named, at most {MaximumFiles} may be");
        }

        var named = before.Select(line => line.Path).ToHashSet(StringComparer.Ordinal);
        return request.Files.FirstOrDefault(file => !named.Add(file.Path)) is { } twice
            ? Error.Invalid("BAD_ORIGIN", $"'{Text.Shorten(twice.Path)}' is named twice{(before.Count > 0 ? ", in this call or in one of those before it" : "")}")
            : OriginCheck.Hold(files, request.Files);
    }

    private static async Task<Result<OriginRecord>> GoOnAsync(RepositoryChange change, RecordOriginRequest request, StoredOrigin origin, List<OriginLine> lines, CancellationToken cancellationToken)
    {
        if (!await ClaimAsync(change, request, origin, cancellationToken))
        {
            return RepositoryChange.Lost;
        }

        change.KeepQuiet();
        await change.Context.SaveChangesAsync(cancellationToken);
        await OriginLines.AddAsync(change.Context, origin, lines, cancellationToken);
        return origin.ToRecord();
    }

    private static async Task<Result<OriginRecord>> EndAsync(RepositoryChange change, RecordOriginRequest request, StoredOrigin origin, List<OriginLine> lines, CancellationToken cancellationToken)
    {
        var (context, repository) = (change.Context, change.Repository);
        if (RepositoryDirectory.SourceFault(repository, origin.Source) is { } fault)
        {
            return fault;
        }

        if (await LastAsync(context, repository, cancellationToken) is { } last && IsSaid(repository, last, origin, lines))
        {
            return last.ToRecord();
        }

        if (!await ClaimAsync(change, request, origin, cancellationToken))
        {
            return RepositoryChange.Lost;
        }

        await StepHistory.CatchUpAsync(change, cancellationToken);
        await CompleteAsync(context, repository, origin, lines, change.Now, cancellationToken);
        return origin.ToRecord();
    }

    /// <summary>The newest record says the same, and is the one that the repository's source has.</summary>
    private static bool IsSaid(StoredRepository repository, StoredOrigin last, StoredOrigin origin, List<OriginLine> lines) =>
        (last.Revision, last.Digest) == (origin.Revision, repository.SourceDigest) && repository.IsFrom(origin.Source) && repository.IsFrom(last.Source) && OriginLines.IsOf(last.Digest, lines);

    private static Task<StoredOrigin?> LastAsync(CatalogDbContext context, StoredRepository repository, CancellationToken cancellationToken) =>
        OriginReading.WholeOf(context, repository.Id).OrderByDescending(row => row.Number).FirstOrDefaultAsync(cancellationToken);

    /// <summary>Takes the repository; a record that is begun takes the place of one that was not ended.</summary>
    private static async Task<bool> ClaimAsync(RepositoryChange change, RecordOriginRequest request, StoredOrigin origin, CancellationToken cancellationToken)
    {
        var context = change.Context;
        if (!await change.ClaimAsync(cancellationToken))
        {
            return false;
        }

        if (request.Number is 0)
        {
            await context.Origins.Where(row => row.RepositoryId == origin.RepositoryId && row.Digest == "").ExecuteDeleteAsync(cancellationToken);
            context.Origins.Add(origin);
        }

        return true;
    }

    /// <summary>Ends a record with all of its list: the repository's source is what it says, and so does its history.</summary>
    private static async Task CompleteAsync(
        CatalogDbContext context, StoredRepository repository, StoredOrigin origin, List<OriginLine> lines, DateTimeOffset now, CancellationToken cancellationToken)
    {
        origin.Complete(lines.Count, OriginLines.DigestOf(lines));
        await context.SaveChangesAsync(cancellationToken);
        await OriginLines.ReplaceAsync(context, origin, lines, cancellationToken);
        repository.Source = origin.Source;
        await StepHistory.AddAsync(context, repository, new(LifecycleAction.Import), (origin.Revision, origin.Words, origin.Account, now), cancellationToken);
    }

    private static StoredOrigin New(string repositoryId, long number, string revision, Source source, string account, DateTimeOffset now) => new()
    {
        RepositoryId = repositoryId,
        Number = number,
        Revision = revision,
        SourceKind = source.Kind,
        SourceOrigin = source.Origin,
        SourceRevision = source.OriginRevision,
        Account = account,
        At = now,
    };

    private static List<OriginLine> Sorted(IEnumerable<OriginLine> lines) => [.. lines.OrderBy(line => line.Path, PathOrder.Bytes)];

    private static OriginLine LineOf(PlacedFile file) =>
        new(new() { Path = file.Path, Size = file.Item.Size, Oid = file.Item.Oid.Hex, Sha256 = file.Item.Sha256?.Hex ?? "" }, file.Item.Oid.Hex);
}
