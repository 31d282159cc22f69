using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Repositories;

namespace ModelGarden.Catalog.Discussions;

/// <summary>Finds and lists discussions; pull requests only for those who see drafts, for they are made of them.</summary>
internal static class DiscussionReading
{
    private const int NormalPage = 50;
    private const int MaximumPage = 100;
    private const int MaximumSkip = 100_000;

    // Nothing bounds how many commits come to a pull request; all of them are in its branch's history.
    private const int ShownCommits = 500;

    public static async Task<Result<StoredDiscussion>> FindAsync(IQueryable<StoredDiscussion> rows, SeenRepository repository, long number, CancellationToken cancellationToken)
    {
        var row = await rows.SingleOrDefaultAsync(row => row.RepositoryId == repository.Id && row.Number == number, cancellationToken);
        return row is not null && (repository.SeesAll || !row.IsPullRequest)
            ? row
            : Error.NotFound("DISCUSSION_NOT_FOUND", $"there is no discussion {number} of {repository.Row.Name}, or none that you may see");
    }

    /// <summary>What was said and done, commits apart, oldest first.</summary>
    public static Task<List<StoredEvent>> EventsAsync(CatalogDbContext context, StoredDiscussion discussion, CancellationToken cancellationToken) =>
        EventsOf(context, discussion).Where(row => row.Kind != StoredEventKind.Commit).OrderBy(row => row.Id).ToListAsync(cancellationToken);

    /// <summary>All of it as it is shown, of commits the newest.</summary>
    public static async Task<DiscussionDetails> DescribeAsync(CatalogDbContext context, StoredDiscussion discussion, CancellationToken cancellationToken)
    {
        var commits = EventsOf(context, discussion).Where(row => row.Kind == StoredEventKind.Commit);
        var newest = discussion.IsPullRequest ? await commits.OrderByDescending(row => row.Id).Take(ShownCommits).ToListAsync(cancellationToken) : [];
        var said = await EventsAsync(context, discussion, cancellationToken);
        return new()
        {
            Discussion = discussion.ToDiscussion(),
            Events = { StoredEvent.Shown([.. said.Concat(newest).OrderBy(row => row.Id)]) },
            Commits = newest.Count < ShownCommits ? newest.Count : await commits.CountAsync(cancellationToken),
        };
    }

    private static IQueryable<StoredEvent> EventsOf(CatalogDbContext context, StoredDiscussion discussion) =>
        context.DiscussionEvents.Where(row => row.RepositoryId == discussion.RepositoryId && row.Number == discussion.Number);

    public static async Task<Result<ListDiscussionsResponse>> ListAsync(
        CatalogDbContext context, SeenRepository repository, ListDiscussionsRequest request, CancellationToken cancellationToken)
    {
        var size = PageToken.Size(request.PageSize, NormalPage, MaximumPage);
        if ((size.Error ?? (request.Skip is < 0 or > MaximumSkip ? Error.Invalid("BAD_PAGE_SIZE", $"skip is {request.Skip}: 0 to {MaximumSkip} is expected") : null)) is { } error)
        {
            return error;
        }

        var (id, author, statuses) = (repository.Id, request.Author, request.Statuses.ToList());
        var rows = context.Discussions.Where(row => row.RepositoryId == id)
            .Where(row => repository.SeesAll || !row.IsPullRequest)
            .Where(row => !request.HasPullRequest || row.IsPullRequest == request.PullRequest)
            .Where(row => author.Length == 0 || row.Author == author)
            .Where(row => statuses.Count == 0 || statuses.Contains(row.Status));
        var page = await rows.OrderByDescending(row => row.Number).Skip((int)request.Skip).Take(size.Value).ToListAsync(cancellationToken);
        return new ListDiscussionsResponse
        {
            Discussions = { page.Select(row => row.ToDiscussion()) },
            Total = await rows.CountAsync(cancellationToken),
            Repository = await RepositoryDirectory.DescribeAsync(context, repository, cancellationToken),
        };
    }
}
