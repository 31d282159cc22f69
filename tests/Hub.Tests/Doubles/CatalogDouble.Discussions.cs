using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Tests.Doubles;

/// <summary>Discussions and pull requests, of which none is ever in conflict but one called so.</summary>
public sealed partial class CatalogDouble
{
    private static readonly Timestamp Then = Timestamp.FromDateTime(new DateTime(2026, 2, 3, 4, 5, 6, DateTimeKind.Utc));

    public override Task<Discussion> OpenDiscussion(OpenDiscussionRequest request, ServerCallContext context)
    {
        var status = request.PullRequest ? DiscussionStatus.Draft : DiscussionStatus.Open;
        return Task.FromResult(Open(Find(request.Name, request.Kind, context), request.Title, request.Description, request.PullRequest, status, context.GetCaller().Principal.Name).Discussion);
    }

    public override Task<ListDiscussionsResponse> ListDiscussions(ListDiscussionsRequest request, ServerCallContext context)
    {
        var repository = Find(request.Name, request.Kind, context);
        var all = repository.Discussions.Select(one => one.Discussion).Reverse()
            .Where(one => !request.HasPullRequest || one.PullRequest == request.PullRequest)
            .Where(one => request.Author.Length is 0 || one.Author == request.Author)
            .Where(one => request.Statuses.Count is 0 || request.Statuses.Contains(one.Status)).ToList();
        return Task.FromResult(new ListDiscussionsResponse { Discussions = { all.Skip((int)request.Skip).Take(request.PageSize) }, Total = all.Count, Repository = repository.Describe() });
    }

    public override Task<DiscussionDetails> GetDiscussion(GetDiscussionRequest request, ServerCallContext context) =>
        Task.FromResult(Counted(Discussed(Find(request.Name, request.Kind, context), request.Number)));

    private static DiscussionDetails Counted(DiscussionDetails details) => new(details) { Commits = details.Events.Count(one => one.Kind is DiscussionEventKind.Commit) };

    public override Task<DiscussionEvent> ChangeDiscussion(ChangeDiscussionRequest request, ServerCallContext context)
    {
        var details = Discussed(Find(request.Name, request.Kind, context), request.Number);
        var by = context.GetCaller().Principal.Name;
        switch (request.ChangeCase)
        {
            case ChangeDiscussionRequest.ChangeOneofCase.Comment:
                return Task.FromResult(Tell(details, DiscussionEventKind.Comment, by, request.Comment));
            case ChangeDiscussionRequest.ChangeOneofCase.Title:
                var before = details.Discussion.Title;
                details.Discussion.Title = request.Title;
                return Task.FromResult(Tell(details, DiscussionEventKind.Title, by, request.Title, before));
            case ChangeDiscussionRequest.ChangeOneofCase.Status:
                details.Discussion.Status = request.Status;
                return Task.FromResult(Tell(details, DiscussionEventKind.Status, by, "", request.Remark));
            default:
                var id = request.ChangeCase is ChangeDiscussionRequest.ChangeOneofCase.Hide ? request.Hide : request.Edit.Id;
                var comment = details.Events.FirstOrDefault(one => one.Id == id) ?? throw new ErrorException(Error.NotFound("COMMENT_NOT_FOUND", $"no comment {id}"));
                comment.History.Add(new FormerText { Text = comment.Text, At = comment.EditedAt ?? comment.At });
                (comment.Text, comment.Hidden) = request.ChangeCase is ChangeDiscussionRequest.ChangeOneofCase.Hide ? ("", true) : (request.Edit.Text, false);
                comment.Edits += comment.Hidden ? 0 : 1;
                if (comment.Hidden)
                {
                    comment.History.Clear();
                }

                return Task.FromResult(comment);
        }
    }

    public override Task<Discussion> MergePullRequest(MergePullRequestRequest request, ServerCallContext context)
    {
        var repository = FindOwn(request.Name, request.Kind, context);
        var pull = Discussed(repository, request.Number).Discussion;
        if (pull.Title is "conflict")
        {
            throw new ErrorException(Error.Conflict("MERGE_CONFLICT", "both have changed 'a'"));
        }

        repository.Refs["refs/heads/main"] = pull.MergeCommit = repository.Refs[$"refs/pr/{request.Number}"];
        pull.Status = DiscussionStatus.Merged;
        return Task.FromResult(pull);
    }

    private static Commit Propose(StoredRepository repository, string? head, SortedDictionary<string, StoredEntry> files, CreateCommitRequest request, string author)
    {
        var opened = Open(repository, request.Summary, request.Description, true, DiscussionStatus.Open, author);
        var commit = repository.Add($"refs/pr/{opened.Discussion.Number}", head, files, request, author);
        Tell(opened, DiscussionEventKind.Commit, author, commit.Summary, commit.Id);
        opened.Conflicts.Add(request.Summary is "conflict" ? ["a"] : Array.Empty<string>());
        return new(commit) { PullRequest = opened.Discussion.Number };
    }

    private static DiscussionDetails Open(StoredRepository repository, string title, string description, bool isPullRequest, DiscussionStatus status, string author)
    {
        var number = repository.Discussions.Count + 1;
        var opened = new DiscussionDetails { Discussion = new() { Number = number, Title = title, Status = status, PullRequest = isPullRequest, Author = author, CreatedAt = Then } };
        repository.Discussions.Add(opened);
        if (description.Length > 0)
        {
            Tell(opened, DiscussionEventKind.Comment, author, description);
        }

        return opened;
    }

    private static DiscussionEvent Tell(DiscussionDetails details, DiscussionEventKind kind, string by, string text, string detail = "")
    {
        details.Events.Add(new DiscussionEvent { Id = details.Events.Count + 1, Kind = kind, Author = by, At = Then, Text = text, Detail = detail, Status = details.Discussion.Status });
        return details.Events[^1];
    }

    private static DiscussionDetails Discussed(StoredRepository repository, long number) => repository.Discussions.FirstOrDefault(one => one.Discussion.Number == number)
        ?? throw new ErrorException(Error.NotFound("DISCUSSION_NOT_FOUND", $"no discussion {number} of {repository.Name}"));
}
