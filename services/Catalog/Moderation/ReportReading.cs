using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Hosting.Access;

namespace ModelGarden.Catalog.Moderation;

/// <summary>Finds and lists reports: all for who moderates, for everybody else those of his own.</summary>
internal static class ReportReading
{
    private const int NormalPage = 100;
    private const int MaximumPage = 500;

    /// <summary>Curators are the garden's, as everywhere here: they see what is reported of every tenant.</summary>
    public static bool IsModerator(Caller caller) => caller.IsService || (caller.IsCurator && caller.HasScope(Scopes.Curate));

    public static async Task<Result<StoredReport>> FindAsync(IQueryable<StoredReport> rows, string id, Caller caller, CancellationToken cancellationToken) =>
        !id.Contains('\0', StringComparison.Ordinal) && await rows.SingleOrDefaultAsync(row => row.Id == id, cancellationToken) is { } found
            && (IsModerator(caller) || found.ReporterKey == AccountKey.Of(caller.Principal.Name))
            ? found
            : Error.NotFound("REPORT_NOT_FOUND", $"there is no report '{Text.Shorten(id)}', or none that you may see");

    public static async Task<Report> DescribeAsync(CatalogDbContext context, StoredReport row, Caller caller, CancellationToken cancellationToken) =>
        (await DescribeAsync(context, [row], caller, cancellationToken))[0];

    public static async Task<Result<ListReportsResponse>> ListOwnAsync(CatalogDbContext context, ListOwnReportsRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var (size, after) = (PageToken.Size(request.PageSize, NormalPage, MaximumPage), PageToken.ReadPlace(request.PageToken));
        if ((size.Error ?? after.Error) is { } error)
        {
            return error;
        }

        var key = AccountKey.Of(caller.Principal.Name);
        var rows = context.Reports.Where(row => row.ReporterKey == key);
        if (after.Value is { Id: { Length: > 0 } last, At: var at })
        {
            rows = rows.Where(row => row.At < at || (row.At == at && string.Compare(row.Id, last) < 0));
        }

        return await PageAsync(context, rows.OrderByDescending(row => row.At).ThenByDescending(row => row.Id), size.Value, caller, cancellationToken);
    }

    public static async Task<Result<ListReportsResponse>> ListAsync(CatalogDbContext context, ListReportsRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var (size, after) = (PageToken.Size(request.PageSize, NormalPage, MaximumPage), PageToken.ReadPlace(request.PageToken));
        if ((size.Error ?? after.Error ?? AssigneeFault(request.Assignee)) is { } error)
        {
            return error;
        }

        var repository = await RepositoryAsync(context, request, caller, cancellationToken);
        if (repository.Error is { } missing)
        {
            return missing;
        }

        var wanted = Wanted(context, request, repository.Value);
        if (after.Value is { Id: { Length: > 0 } last, At: var at })
        {
            wanted = wanted.Where(row => row.At > at || (row.At == at && string.Compare(row.Id, last) > 0));
        }

        return await PageAsync(context, wanted.OrderBy(row => row.At).ThenBy(row => row.Id), size.Value, caller, cancellationToken);
    }

    public static async Task<Result<ListReportedRepositoriesResponse>> ListRepositoriesAsync(
        CatalogDbContext context, ListReportedRepositoriesRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var (size, after) = (PageToken.Size(request.PageSize, NormalPage, MaximumPage), PageToken.ReadPlace(request.PageToken));
        if ((size.Error ?? after.Error) is { } error)
        {
            return error;
        }

        var groups = context.Reports.Where(row => row.State == ReportState.Open).GroupBy(row => row.RepositoryId)
            .Select(group => new { Id = group.Key, Reports = group.Count(), Unassigned = group.Count(row => row.Assignee == ""), Oldest = group.Min(row => row.At) });
        if (after.Value is { Id: { Length: > 0 } last, At: var at })
        {
            groups = groups.Where(group => group.Oldest > at || (group.Oldest == at && string.Compare(group.Id, last) > 0));
        }

        var rows = await groups.OrderBy(group => group.Oldest).ThenBy(group => group.Id).Take(size.Value + 1).ToListAsync(cancellationToken);
        var page = rows.Take(size.Value).ToList();
        var ids = page.ConvertAll(group => group.Id);
        var repositories = await context.Repositories.Where(RepositoryDirectory.SeenBy(caller)).Where(row => ids.Contains(row.Id))
            .Select(row => new { row.Id, row.Name, row.Kind }).ToDictionaryAsync(row => row.Id, cancellationToken);
        var categories = await CategoriesAsync(context, ids, cancellationToken);
        return new ListReportedRepositoriesResponse
        {
            // One that was deleted since has no open reports any more.
            Repositories =
            {
                page.Where(group => repositories.ContainsKey(group.Id)).Select(group => new ReportedRepository
                {
                    Repository = new() { Name = repositories[group.Id].Name, Kind = repositories[group.Id].Kind },
                    Reports = group.Reports,
                    Unassigned = group.Unassigned,
                    OldestAt = Timestamp.FromDateTimeOffset(group.Oldest),
                    Categories = { categories[group.Id] },
                }),
            },
            NextPageToken = rows.Count > page.Count ? PageToken.Write(page[^1].Oldest.ToUnixTimeMilliseconds(), page[^1].Id) : "",
        };
    }

    private static async Task<ILookup<string, CategoryCount>> CategoriesAsync(CatalogDbContext context, List<string> repositoryIds, CancellationToken cancellationToken)
    {
        var counts = await context.Reports.Where(row => row.State == ReportState.Open && repositoryIds.Contains(row.RepositoryId))
            .GroupBy(row => new { row.RepositoryId, row.Category })
            .Select(group => new { group.Key.RepositoryId, group.Key.Category, Reports = group.Count() })
            .ToListAsync(cancellationToken);
        return counts.OrderBy(count => count.Category).ToLookup(count => count.RepositoryId, count => new CategoryCount { Category = count.Category, Reports = count.Reports });
    }

    private static Error? AssigneeFault(string assignee) => assignee.Length is 0 ? null : AccountName.Create(assignee).Error;

    /// <summary>The id of the repository that is asked for; empty: none in particular.</summary>
    private static async Task<Result<string>> RepositoryAsync(CatalogDbContext context, ListReportsRequest request, Caller caller, CancellationToken cancellationToken)
    {
        if (request.Name.Length is 0)
        {
            return "";
        }

        var name = RepositoryName.Create(request.Name);
        var found = name.Error is { } bad ? bad : await RepositoryFinder.FindAsync(context, name.Value, request.Kind, caller, cancellationToken);
        return found.Error is { } missing ? missing : found.Value.Id;
    }

    private static IQueryable<StoredReport> Wanted(CatalogDbContext context, ListReportsRequest request, string repositoryId)
    {
        var states = request.States.Count > 0 ? request.States.Distinct().ToList() : [ReportState.Open];
        var rows = context.Reports.Where(row => states.Contains(row.State));
        if (request.Categories.Count > 0)
        {
            var categories = request.Categories.Distinct().ToList();
            rows = rows.Where(row => categories.Contains(row.Category));
        }

        if (repositoryId.Length > 0)
        {
            rows = rows.Where(row => row.RepositoryId == repositoryId);
        }

        if (request.Assignee.Length > 0)
        {
            var assignee = AccountKey.Of(request.Assignee);
            rows = rows.Where(row => row.Assignee == assignee);
        }

        return request.Unassigned ? rows.Where(row => row.Assignee == "") : rows;
    }

    private static async Task<Result<ListReportsResponse>> PageAsync(CatalogDbContext context, IQueryable<StoredReport> ordered, int size, Caller caller, CancellationToken cancellationToken)
    {
        var rows = await ordered.Take(size + 1).ToListAsync(cancellationToken);
        var page = rows.Take(size).ToList();
        return new ListReportsResponse
        {
            Reports = { await DescribeAsync(context, page, caller, cancellationToken) },
            NextPageToken = rows.Count > page.Count ? PageToken.Write(page[^1].At.ToUnixTimeMilliseconds(), page[^1].Id) : "",
        };
    }

    /// <summary>With the names that their repositories have now, as far as the reader sees these; else as they were made.</summary>
    private static async Task<IReadOnlyList<Report>> DescribeAsync(CatalogDbContext context, List<StoredReport> rows, Caller caller, CancellationToken cancellationToken)
    {
        var ids = rows.Select(row => row.RepositoryId).Distinct().ToList();
        var names = await context.Repositories.Where(RepositoryDirectory.SeenBy(caller)).Where(row => ids.Contains(row.Id))
            .Select(row => new { row.Id, row.Name }).ToDictionaryAsync(row => row.Id, row => row.Name, cancellationToken);
        var isModerator = IsModerator(caller);
        return rows.ConvertAll(row => row.ToReport(names.GetValueOrDefault(row.RepositoryId, row.Repository), isModerator));
    }
}
