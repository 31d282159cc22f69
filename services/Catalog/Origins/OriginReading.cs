using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Comparing;
using ModelGarden.Catalog.Merging;
using ModelGarden.Catalog.Objects;
using ModelGarden.Catalog.Reading;
using ModelGarden.Catalog.Repositories;

namespace ModelGarden.Catalog.Origins;

/// <summary>Shows what upstream said of files beside what they are by now.</summary>
internal sealed class OriginReading(FileReading reading)
{
    private const int MaximumFiles = 1000;
    private const int NormalRecords = 100;
    private const int MaximumRecords = 500;

    /// <summary>Those whose list is whole.</summary>
    public static IQueryable<StoredOrigin> WholeOf(CatalogDbContext context, string repositoryId) => context.Origins.Where(row => row.RepositoryId == repositoryId && row.Digest != "");

    public static Error NotFound(string message) => Error.NotFound("ORIGIN_NOT_FOUND", message);

    public async Task<Result<GetOriginResponse>> GetAsync(CatalogDbContext context, SeenRepository repository, GetOriginRequest request, CancellationToken cancellationToken)
    {
        var (size, token) = (PageToken.Size(request.PageSize, MaximumFiles, MaximumFiles), OriginPage.Of(request));
        if ((size.Error ?? token.Error) is { } error)
        {
            return error;
        }

        var from = token.Value;
        var root = await reading.OpenAsync(context, repository, from.Revision, cancellationToken);
        var origin = root.Error is { } missing ? missing : await FindAsync(context, repository, root.Value.Commit, from.Number, cancellationToken);
        if (origin.Error is { } fault)
        {
            return fault;
        }

        var files = CompareAsync(context, repository, root.Value, origin.Value, from, cancellationToken);
        var (page, next, counts) = await ReadPageAsync(files, from.Counts, request, size.Value, cancellationToken);
        return new GetOriginResponse
        {
            Files = { page },
            NextPageToken = next is var (after, place) ? new OriginPage(root.Value.Commit, origin.Value.Number, after, place, counts).Write() : "",
            Record = Shown(origin.Value, repository),
            Commit = root.Value.Commit,
            Same = counts.Same,
            Changed = counts.Changed,
            Added = counts.Added,
            Removed = counts.Removed,
        };
    }

    /// <summary>One page, behind which file the next begins and in which row of upstream's list (null: there is none), and how many files there are. The first page counts all; the others end behind themselves.</summary>
    private static async Task<(List<OriginFileStatus> Files, (string After, int Place)? Next, OriginCounts Counts)> ReadPageAsync(
        IAsyncEnumerable<(OriginFileStatus, int)> files, OriginCounts? known, GetOriginRequest request, int size, CancellationToken cancellationToken)
    {
        var (page, counts, before, next) = (new List<OriginFileStatus>(), known ?? new(0, 0, 0, 0), "", ((string, int)?)null);
        await foreach (var (file, place) in files.WithCancellation(cancellationToken))
        {
            counts = known ?? counts.And(file.State);
            if (next is null && (request.States.Count is 0 || request.States.Contains(file.State)))
            {
                if (page.Count < size)
                {
                    page.Add(file);
                }
                else
                {
                    next = (before, place);
                }
            }

            if (next is not null && known is not null)
            {
                break;
            }

            before = file.Path;
        }

        return (page, next, counts);
    }

    public static async Task<Result<ListOriginsResponse>> ListAsync(CatalogDbContext context, SeenRepository repository, ListOriginsRequest request, CancellationToken cancellationToken)
    {
        var (size, token) = (PageToken.Size(request.PageSize, NormalRecords, MaximumRecords), PageToken.Read(request.PageToken, 1));
        if ((size.Error ?? token.Error) is { } error)
        {
            return error;
        }

        var before = long.MaxValue;
        if (token.Value is [var text] && !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out before))
        {
            return Error.Invalid("BAD_PAGE_TOKEN", "page_token is not one that a list of records answered: begin with an empty one");
        }

        var all = await AllAsync(context, repository, cancellationToken);
        if (all.Error is { } fault)
        {
            return fault;
        }

        var left = all.Value.Where(row => row.Number < before).ToList();
        var page = left.Take(size.Value).ToList();
        return new ListOriginsResponse
        {
            Records = { page.Select(row => Shown(row, repository)) },
            NextPageToken = left.Count > page.Count ? PageToken.Write(page[^1].Number.ToString(CultureInfo.InvariantCulture)) : "",
        };
    }

    /// <summary>Those that the caller may know of, newest first.</summary>
    private static async Task<Result<List<StoredOrigin>>> AllAsync(CatalogDbContext context, SeenRepository repository, CancellationToken cancellationToken)
    {
        var all = await NewestFirst(context, repository.Id).ToListAsync(cancellationToken);
        if (repository.SeesAll || all.Count is 0)
        {
            return all;
        }

        var histories = await HistoryAsync(context, repository.Id, repository.Row.Life.Published, cancellationToken);
        return histories.Error is { } error ? error : all.FindAll(row => histories.Value.Contains(row.Revision));
    }

    private static async Task<Result<StoredOrigin>> FindAsync(CatalogDbContext context, SeenRepository repository, string commit, long number, CancellationToken cancellationToken)
    {
        var all = await AllAsync(context, repository, cancellationToken);
        if (all.Error is { } error)
        {
            return error;
        }

        if (number is not 0)
        {
            return all.Value.Find(row => row.Number == number) is { } named ? named : NotFound($"there is no record {number} of {repository.Row.Name}, or none that you may see");
        }

        return await NewestAsync(context, repository.Row, all.Value, commit, cancellationToken);
    }

    /// <summary>The newest record that is of a commit or of one in its history, whoever may see it; ORIGIN_NOT_FOUND: there is none.</summary>
    public static async Task<Result<StoredOrigin>> BehindAsync(CatalogDbContext context, StoredRepository repository, string commit, CancellationToken cancellationToken) =>
        await NewestAsync(context, repository, await NewestFirst(context, repository.Id).ToListAsync(cancellationToken), commit, cancellationToken);

    private static async Task<Result<StoredOrigin>> NewestAsync(CatalogDbContext context, StoredRepository repository, List<StoredOrigin> all, string commit, CancellationToken cancellationToken)
    {
        var history = all.Count > 0 && commit.Length > 0 ? await HistoryAsync(context, repository.Id, [commit], cancellationToken) : new HashSet<string>();
        return history.Error is { } tooLong ? tooLong
            : all.Find(row => history.Value.Contains(row.Revision)) is { } found ? found
            : NotFound($"nothing is recorded of what upstream said of the files of {repository.Name}{(commit.Length > 0 ? $" at {commit}" : "")}");
    }

    private static IQueryable<StoredOrigin> NewestFirst(CatalogDbContext context, string repositoryId) => WholeOf(context, repositoryId).OrderByDescending(row => row.Number);

    /// <summary>Some commits and all that came before them, what was squashed into them as well.</summary>
    private static async Task<Result<HashSet<string>>> HistoryAsync(CatalogDbContext context, string repositoryId, IEnumerable<string> commits, CancellationToken cancellationToken)
    {
        var replaced = (await context.Squashes.Where(row => row.RepositoryId == repositoryId).ToListAsync(cancellationToken)).ToLookup(row => row.Revision, row => row.Replaced);
        var (history, search, open) = (new HashSet<string>(StringComparer.Ordinal), new AncestorSearch(context, repositoryId), new Stack<string>(commits));
        while (open.TryPop(out var commit))
        {
            if (history.Contains(commit))
            {
                continue;
            }

            var behind = await search.HistoryAsync(commit, cancellationToken);
            if (behind.Error is { } error)
            {
                return error;
            }

            foreach (var older in behind.Value.Where(history.Add).SelectMany(commit => replaced[commit]))
            {
                open.Push(older);
            }
        }

        return history;
    }

    /// <summary>Both lists side by side, each file with the place of upstream's row that was read last. Of each, only what is behind the last file shown is read.</summary>
    private static async IAsyncEnumerable<(OriginFileStatus File, int Place)> CompareAsync(
        CatalogDbContext context, SeenRepository repository, FileReading.Root root, StoredOrigin origin, OriginPage from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // What was there before it was published is nobody else's business.
        var (showsRemoved, place) = (repository.Sees(origin.Revision), from.Place);
        await using var theirs = OriginLines.ReadFromAsync(context, origin, place, cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using var ours = root.Trees.FilesAsync(root.Tree, cancellationToken, from.After).GetAsyncEnumerator(cancellationToken);
        var (isTheirs, isOurs) = (await theirs.MoveNextAsync(), await ours.MoveNextAsync());
        while (isTheirs && from.After.Length > 0 && PathOrder.Bytes.Compare(theirs.Current.Line.Path, from.After) <= 0)
        {
            isTheirs = await theirs.MoveNextAsync();
        }

        while (isTheirs || isOurs)
        {
            place = isTheirs ? theirs.Current.Place : place;
            var order = !isTheirs ? 1 : !isOurs ? -1 : PathOrder.Bytes.Compare(theirs.Current.Line.Path, ours.Current.Path);
            if (order >= 0)
            {
                var line = order is 0 ? theirs.Current.Line : null;
                yield return (new() { Path = ours.Current.Path, State = StateOf(line, ours.Current.File), Upstream = line?.Upstream, Here = ours.Current.File.At(ours.Current.Path) }, place);
            }
            else if (showsRemoved)
            {
                yield return (new() { Path = theirs.Current.Line.Path, State = OriginFileState.Removed, Upstream = theirs.Current.Line.Upstream }, place);
            }

            (isTheirs, isOurs) = (order <= 0 ? await theirs.MoveNextAsync() : isTheirs, order >= 0 ? await ours.MoveNextAsync() : isOurs);
        }
    }

    private static OriginFileState StateOf(OriginLine? line, TreeItem item) =>
        line is null ? OriginFileState.Added : line.Kept == item.Oid.Hex ? OriginFileState.Same : OriginFileState.Changed;

    private static OriginRecord Shown(StoredOrigin origin, SeenRepository repository)
    {
        var record = origin.ToRecord();
        (record.Revision, record.Account) = (repository.Sees(origin.Revision) ? record.Revision : "", repository.SeesAll ? record.Account : "");
        return record;
    }
}
