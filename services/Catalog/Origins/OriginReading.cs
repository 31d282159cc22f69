using System.Globalization;
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
        var (size, token) = (PageToken.Size(request.PageSize, MaximumFiles, MaximumFiles), ReadToken(request));
        if ((size.Error ?? token.Error) is { } error)
        {
            return error;
        }

        var (revision, number, after) = token.Value;
        var root = await reading.OpenAsync(context, repository, revision, cancellationToken);
        var origin = root.Error is { } missing ? missing : await FindAsync(context, repository, root.Value.Commit, number, cancellationToken);
        if (origin.Error is { } fault)
        {
            return fault;
        }

        var all = await CompareAsync(context, repository, root.Value, origin.Value, cancellationToken);
        var left = all.Where(file => request.States.Count is 0 || request.States.Contains(file.State)).Where(file => after.Length is 0 || PathOrder.Bytes.Compare(file.Path, after) > 0).ToList();
        var page = left.Take(size.Value).ToList();
        return new GetOriginResponse
        {
            Files = { page },
            NextPageToken = left.Count > page.Count ? PageToken.Write(root.Value.Commit, origin.Value.Number.ToString(CultureInfo.InvariantCulture), page[^1].Path) : "",
            Record = Shown(origin.Value, repository),
            Commit = root.Value.Commit,
            Same = Count(OriginFileState.Same),
            Changed = Count(OriginFileState.Changed),
            Added = Count(OriginFileState.Added),
            Removed = Count(OriginFileState.Removed),
        };

        int Count(OriginFileState state) => all.Count(file => file.State == state);
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

    private static Result<(string Revision, long Number, string After)> ReadToken(GetOriginRequest request) => PageToken.Read(request.PageToken, 3) switch
    {
        { Error: { } error } => error,
        { Value: [] } => (request.Revision, request.Number, ""),
        { Value: [var commit, var text, var after] } when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) => (commit, number, after),
        _ => Error.Invalid("BAD_PAGE_TOKEN", "page_token is not one that a list of an origin's files answered: begin with an empty one"),
    };

    /// <summary>Those that the caller may know of, newest first.</summary>
    private static async Task<Result<List<StoredOrigin>>> AllAsync(CatalogDbContext context, SeenRepository repository, CancellationToken cancellationToken)
    {
        var all = await WholeOf(context, repository.Id).OrderByDescending(row => row.Number).ToListAsync(cancellationToken);
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

        var history = all.Value.Count > 0 && commit.Length > 0 ? await HistoryAsync(context, repository.Id, [commit], cancellationToken) : new HashSet<string>();
        return history.Error is { } tooLong ? tooLong
            : all.Value.Find(row => history.Value.Contains(row.Revision)) is { } found ? found
            : NotFound($"nothing is recorded of what upstream said of the files of {repository.Row.Name}{(commit.Length > 0 ? $" at {commit}" : "")}");
    }

    /// <summary>Some commits and all that came before them, what was squashed into them as well.</summary>
    private static async Task<Result<HashSet<string>>> HistoryAsync(CatalogDbContext context, string repositoryId, IEnumerable<string> commits, CancellationToken cancellationToken)
    {
        var replaced = await context.Squashes.Where(row => row.RepositoryId == repositoryId).ToDictionaryAsync(row => row.Revision, row => row.Replaced, cancellationToken);
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

            foreach (var older in behind.Value.Where(history.Add).Select(replaced.GetValueOrDefault).OfType<string>())
            {
                open.Push(older);
            }
        }

        return history;
    }

    private static async Task<List<OriginFileStatus>> CompareAsync(CatalogDbContext context, SeenRepository repository, FileReading.Root root, StoredOrigin origin, CancellationToken cancellationToken)
    {
        var upstream = (await OriginLines.ReadAsync(context, origin, cancellationToken)).ToDictionary(line => line.Path, StringComparer.Ordinal);
        var all = new List<OriginFileStatus>();
        await foreach (var (path, item) in root.Trees.FilesAsync(root.Tree, cancellationToken))
        {
            var line = upstream.Remove(path, out var found) ? found : null;
            all.Add(new() { Path = path, State = StateOf(line, item), Upstream = line?.Upstream, Here = item.At(path) });
        }

        // What was there before it was published is nobody else's business.
        if (repository.Sees(origin.Revision))
        {
            all.AddRange(upstream.Values.Select(line => new OriginFileStatus { Path = line.Path, State = OriginFileState.Removed, Upstream = line.Upstream }));
        }

        return [.. all.OrderBy(file => file.Path, PathOrder.Bytes)];
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
