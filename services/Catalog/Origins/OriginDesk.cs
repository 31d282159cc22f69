using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Comparing;
using ModelGarden.Catalog.Lifecycles;
using ModelGarden.Catalog.Objects;
using ModelGarden.Catalog.Reading;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Hosting.Access;

namespace ModelGarden.Catalog.Origins;

/// <summary>Keeps what upstream said of the files that were taken from there, once it is held against them.</summary>
internal sealed class OriginDesk(RepositoryChanges changes, FileReading reading)
{
    private const int MaximumFiles = 100_000;
    private const int MaximumRecords = 1000;

    /// <summary>The record as it is then; with other calls to come, without checksums.</summary>
    public async Task<Result<OriginRecord>> RecordAsync(SeenRepository repository, RecordOriginRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var source = RepositoryDirectory.Normal(request.Source);
        return (source.Error ?? OriginCheck.Fault(request.Files)) is { } fault
            ? fault
            : await changes.RunAsync(repository.Id, change => RecordAsync(change, request, source.Value, caller, cancellationToken), cancellationToken);
    }

    /// <summary>The same of all files of a commit that was taken from another repository, in the transaction in which it is made.</summary>
    public static async Task KeepAsync(
        CatalogDbContext context, StoredRepository repository, string commit, IEnumerable<PlacedFile> files, string account, CancellationToken cancellationToken)
    {
        var origin = New(repository.Id, 1, commit, repository.Source, account, repository.CreatedAt);
        context.Origins.Add(origin);
        await CompleteAsync(context, repository, origin, Sorted(files.Select(LineOf)), repository.CreatedAt, cancellationToken);
    }

    private async Task<Result<OriginRecord>> RecordAsync(RepositoryChange change, RecordOriginRequest request, Source source, Caller caller, CancellationToken cancellationToken)
    {
        var found = request.Number is 0 ? await BeginAsync(change, request, source, caller, cancellationToken) : await FindAsync(change, request.Number, cancellationToken);
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

        var lines = isTold ? new List<OriginLine>() : await HoldAsync(change, origin, request, before.Count, cancellationToken);
        return lines.Error ?? (request.More
            ? await GoOnAsync(change, request, origin, lines.Value, cancellationToken)
            : await EndAsync(change, request, origin, Sorted([.. before, .. lines.Value]), cancellationToken));
    }

    private async Task<Result<StoredOrigin>> BeginAsync(RepositoryChange change, RecordOriginRequest request, Source source, Caller caller, CancellationToken cancellationToken)
    {
        var (context, repository) = (change.Context, change.Repository);
        var root = await reading.OpenAsync(context, SeenRepository.ForFeed(repository), request.Revision, cancellationToken);
        if ((root.Error ?? RepositoryDirectory.SourceFault(repository, source)) is { } fault)
        {
            return fault;
        }

        if (root.Value.Commit.Length is 0)
        {
            return Error.NotFound("REVISION_NOT_FOUND", $"{repository.Name} has no commit yet: there are no files that come from anywhere");
        }

        var numbers = await context.Origins.Where(row => row.RepositoryId == repository.Id).Select(row => row.Number).ToListAsync(cancellationToken);
        return numbers.Count >= MaximumRecords
            ? Error.Exhausted("TOO_MANY_ORIGINS", $"{repository.Name} has {MaximumRecords} records of where its files are from, which is as many as may be")
            : New(repository.Id, numbers.DefaultIfEmpty().Max() + 1, root.Value.Commit, source, caller.Principal.Name, change.Now);
    }

    private static async Task<Result<StoredOrigin>> FindAsync(RepositoryChange change, long number, CancellationToken cancellationToken)
    {
        var found = await change.Context.Origins.AsTracking().SingleOrDefaultAsync(row => row.RepositoryId == change.Repository.Id && row.Number == number, cancellationToken);
        return found is null ? OriginReading.NotFound($"there is no record {number} of {change.Repository.Name}: begin one, without a number") : found;
    }

    private async Task<Result<List<OriginLine>>> HoldAsync(RepositoryChange change, StoredOrigin origin, RecordOriginRequest request, int before, CancellationToken cancellationToken)
    {
        if (origin.IsWhole)
        {
            return Error.Conflict("ORIGIN_COMPLETE", $"record {origin.Number} is whole, and these files are not in it: records are not changed, begin another");
        }

        if (request.Files.Count is 0)
        {
            return Error.Invalid("BAD_ORIGIN", "no file is named: a record says of each file what upstream said of it");
        }

        if (before + request.Files.Count > MaximumFiles)
        {
            return Error.Exhausted("TOO_MANY_FILES", $"{before + request.Files.Count} files are named, at most {MaximumFiles} may be");
        }

        var root = await reading.OpenAsync(change.Context, SeenRepository.ForFeed(change.Repository), origin.Revision, cancellationToken);
        var held = root.Error is { } error ? error : await OriginCheck.HoldAsync(change.Context, change.Repository.Id, root.Value, request.Files, cancellationToken);
        return held.Error is { } fault ? fault : held.Value.ToList();
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
        if (lines.Zip(lines.Skip(1)).FirstOrDefault(pair => pair.First.Path == pair.Second.Path).First is { } twice)
        {
            return Error.Invalid("BAD_ORIGIN", $"'{Text.Shorten(twice.Path)}' is named twice");
        }

        if (RepositoryDirectory.SourceFault(repository, origin.Source) is { } fault)
        {
            return fault;
        }

        if (await LastAsync(context, repository, cancellationToken) is { } last && IsSaid(repository, last, origin, OriginLines.DigestOf(lines)))
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
    private static bool IsSaid(StoredRepository repository, StoredOrigin last, StoredOrigin origin, string digest) =>
        (last.Revision, last.Digest, repository.SourceDigest) == (origin.Revision, digest, digest) && repository.IsFrom(origin.Source) && repository.IsFrom(last.Source);

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
        await StepHistory.AddAsync(context, repository, new(LifecycleAction.Import), (origin.Revision, WordsOf(origin), origin.Account, now), cancellationToken);
    }

    private static string WordsOf(StoredOrigin origin) => string.Create(
        CultureInfo.InvariantCulture,
        $"record {origin.Number}: {origin.Files} files of {(origin.SourceOrigin.Length > 0 ? origin.SourceOrigin : "an origin without a name")}{(origin.SourceRevision.Length > 0 ? " at " : "")}{origin.SourceRevision}, checksums {origin.Digest}");

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
