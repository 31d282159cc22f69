using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Catalog.Revisions;
using ModelGarden.Hosting.Access;

namespace ModelGarden.Catalog.Discussions;

/// <summary>What commits have to do with pull requests: they open them, and come to them. All within the commit's own change.</summary>
internal static class PullRequests
{
    private const int MaximumDiscussions = 10_000;

    public static string RefOf(long number) => string.Create(CultureInfo.InvariantCulture, $"{RefName.PullRequests}{number}");

    /// <summary>Opens a discussion with its first comment; after the repository is claimed, so that no two get one number.</summary>
    public static async Task<Result<StoredDiscussion>> OpenAsync(
        RepositoryChange change, string title, string description, bool isPullRequest, DiscussionStatus status, Caller caller, CancellationToken cancellationToken)
    {
        var (context, id) = (change.Context, change.Repository.Id);
        var newest = await context.Discussions.Where(row => row.RepositoryId == id).MaxAsync(row => (long?)row.Number, cancellationToken) ?? 0;
        if (newest >= MaximumDiscussions)
        {
            return Error.Exhausted("TOO_MANY_DISCUSSIONS", $"{change.Repository.Name} has {MaximumDiscussions} discussions: go on in one of them");
        }

        var opened = new StoredDiscussion
        {
            RepositoryId = id,
            Number = newest + 1,
            Title = title,
            Status = status,
            IsPullRequest = isPullRequest,
            Author = caller.Principal.Name,
            CreatedAt = change.Now,
        };
        context.Discussions.Add(opened);
        if (description.Length > 0)
        {
            context.DiscussionEvents.Add(new() { RepositoryId = id, Number = opened.Number, Kind = StoredEventKind.Comment, Author = opened.Author, At = change.Now, Text = description });
        }

        return opened;
    }

    /// <summary>Puts a pull request's branch, a new one, on a commit.</summary>
    public static void Begin(RepositoryChange change, StoredDiscussion opened, string commit) =>
        change.Context.Refs.Add(new() { RepositoryId = opened.RepositoryId, Name = RefOf(opened.Number), Target = commit, At = change.Now });

    /// <summary>Tells of a commit that came.</summary>
    public static void Tell(RepositoryChange change, long number, Commit commit) => change.Context.DiscussionEvents.Add(new()
    {
        RepositoryId = change.Repository.Id,
        Number = number,
        Kind = StoredEventKind.Commit,
        Author = commit.Author,
        At = change.Now,
        Text = commit.Summary,
        Detail = commit.Id,
    });

    /// <summary>Why a commit cannot come to a branch: it is that of a pull request that is over; null: it can.</summary>
    public static async Task<Error?> FaultAsync(CatalogDbContext context, StoredRepository repository, RefName branch, CancellationToken cancellationToken)
    {
        if (branch.PullRequest is not { } number)
        {
            return null;
        }

        var row = await context.Discussions.SingleOrDefaultAsync(row => row.RepositoryId == repository.Id && row.Number == number, cancellationToken);
        return row is null or { IsUnderWay: true } ? null : Error.Conflict("BAD_STATUS", $"pull request {number} of {repository.Name} is {row.Status.ToString().ToLowerInvariant()}: open it again, or another one");
    }
}
