using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Commits;
using ModelGarden.Catalog.Merging;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Catalog.Revisions;
using ModelGarden.Hosting.Access;

namespace ModelGarden.Catalog.Discussions;

/// <summary>Opens, changes and merges discussions and pull requests.</summary>
internal sealed class DiscussionDesk(RepositoryChanges changes, Merger merger)
{
    private const int ShortestTitle = 3;
    private const int LongestTitle = 200;
    private const int LongestText = 64 << 10;
    private const int MaximumEvents = 1000;

    // All of it is one answer, which is to stay a message between services.
    private const int MaximumTexts = 2 << 20;

    public Task<Result<Discussion>> OpenAsync(SeenRepository repository, OpenDiscussionRequest request, Caller caller, CancellationToken cancellationToken)
    {
        if ((TitleFault(request.Title) ?? TextFault(request.Description, 0)) is { } fault)
        {
            return Task.FromResult<Result<Discussion>>(fault);
        }

        return changes.RunAsync<Discussion>(
            repository.Id,
            async change =>
            {
                var head = change.Repository.Head;
                if (request.PullRequest && head.Length is 0)
                {
                    return Error.NotFound("REVISION_NOT_FOUND", $"{change.Repository.Name} has no commit yet: there is nothing to propose a change of");
                }

                if (!await change.ClaimAsync(cancellationToken))
                {
                    return RepositoryChange.Lost;
                }

                change.KeepQuiet();
                var status = request.PullRequest ? DiscussionStatus.Draft : DiscussionStatus.Open;
                var opened = await PullRequests.OpenAsync(change, request.Title.Trim(), request.Description, request.PullRequest, status, caller, cancellationToken);
                if (opened.Error is { } full)
                {
                    return full;
                }

                if (request.PullRequest)
                {
                    PullRequests.Begin(change, opened.Value, head);
                }

                return opened.Value.ToDiscussion();
            },
            cancellationToken);
    }

    /// <summary>What is said or done now; of a comment that is changed, the comment as it is by now.</summary>
    public Task<Result<DiscussionEvent>> ChangeAsync(SeenRepository repository, ChangeDiscussionRequest request, Caller caller, CancellationToken cancellationToken) =>
        changes.RunAsync<DiscussionEvent>(repository.Id, change => ChangeAsync(change, repository, request, caller, cancellationToken), cancellationToken);

    public Task<Result<Discussion>> MergeAsync(SeenRepository repository, MergePullRequestRequest request, Caller caller, CancellationToken cancellationToken) =>
        TextFault(request.Comment, 0) is { } fault
            ? Task.FromResult<Result<Discussion>>(fault)
            : changes.RunAsync<Discussion>(repository.Id, change => MergeAsync(change, repository, request, caller, cancellationToken), cancellationToken);

    /// <summary>The files of a pull request that main has changed differently.</summary>
    public async Task<IReadOnlyList<string>> ConflictsAsync(SeenRepository repository, StoredDiscussion pull, Caller caller, CancellationToken cancellationToken)
    {
        var dry = await changes.RunAsync<MergeRevisionResponse>(
            repository.Id, change => merger.AttemptAsync(change, PlanOf(pull), new() { Revision = PullRequests.RefOf(pull.Number), DryRun = true }, caller, cancellationToken), cancellationToken);
        // Without a common ancestor it cannot be merged either, and no file is to blame: merging says so.
        return dry.Error is null ? dry.Value.Conflicts : [];
    }

    private static async Task<Result<DiscussionEvent>> ChangeAsync(
        RepositoryChange change, SeenRepository repository, ChangeDiscussionRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var context = change.Context;
        var found = await DiscussionReading.FindAsync(context.Discussions.AsTracking(), repository, request.Number, cancellationToken);
        var events = found.Error is null ? await DiscussionReading.EventsAsync(context, found.Value, cancellationToken) : [];
        var made = found.Error is { } missing ? missing
            : events.Count >= MaximumEvents ? Error.Exhausted("TOO_MANY_EVENTS", $"the discussion has {MaximumEvents} events: go on in another one")
            : events.Sum(one => (long)one.Text.Length) > MaximumTexts ? Error.Exhausted("TOO_MANY_EVENTS", $"the discussion has more than {MaximumTexts} characters, with all that was edited: go on in another one")
            : Plan(change, found.Value, events, request, caller);
        if (made.Error is { } refused)
        {
            return refused;
        }

        if (!await change.ClaimAsync(cancellationToken))
        {
            return RepositoryChange.Lost;
        }

        change.KeepQuiet();
        context.DiscussionEvents.AddRange(made.Value);
        await context.SaveChangesAsync(cancellationToken);
        var shown = made.Value[0].Subject > 0 ? made.Value[0].Subject : made.Value[0].Id;
        return StoredEvent.Shown([.. events, .. made.Value]).Single(one => one.Id == shown);
    }

    /// <summary>The events that come of a change, the one that is answered first; sets the discussion to what it says.</summary>
    private static Result<StoredEvent[]> Plan(RepositoryChange change, StoredDiscussion discussion, List<StoredEvent> events, ChangeDiscussionRequest request, Caller caller)
    {
        var writes = caller.WriteFault(RepositoryFinder.OwnerOf(change.Repository)) is null;
        var mayManage = writes || discussion.Author == caller.Principal.Name;
        switch (request.ChangeCase)
        {
            case ChangeDiscussionRequest.ChangeOneofCase.Comment:
                return TextFault(request.Comment, 1) is { } bad ? bad : new[] { Event(StoredEventKind.Comment, request.Comment) };
            case ChangeDiscussionRequest.ChangeOneofCase.Title:
                return !mayManage ? NotYours("renamed") : TitleFault(request.Title) is { } badTitle ? badTitle : Rename();
            case ChangeDiscussionRequest.ChangeOneofCase.Status:
                return !mayManage ? NotYours("closed or opened") : StatusFault(discussion, request) is { } badStatus ? badStatus : Move();
            case ChangeDiscussionRequest.ChangeOneofCase.Edit:
                return (CommentFault(request.Edit.Id, false) ?? TextFault(request.Edit.Text, 1)) is { } badEdit ? badEdit : new[] { Event(StoredEventKind.Edit, request.Edit.Text, request.Edit.Id) };
            case ChangeDiscussionRequest.ChangeOneofCase.Hide:
                return CommentFault(request.Hide, writes) is { } badHide ? badHide : new[] { Event(StoredEventKind.Hide, "", request.Hide) };
            default:
                return Error.Invalid("BAD_CHANGE", "nothing is said to be changed: one of comment, title, status, edit and hide is expected");
        }

        StoredEvent Event(StoredEventKind kind, string text, long subject = 0, string detail = "", DiscussionStatus status = default) => new()
        {
            RepositoryId = discussion.RepositoryId, Number = discussion.Number, Kind = kind, Author = caller.Principal.Name, At = change.Now,
            Text = text, Detail = detail, Status = status, Subject = subject,
        };

        StoredEvent[] Rename()
        {
            var before = discussion.Title;
            discussion.Title = request.Title.Trim();
            return [Event(StoredEventKind.Title, discussion.Title, detail: before)];
        }

        StoredEvent[] Move()
        {
            discussion.Status = request.Status;
            var moved = Event(StoredEventKind.Status, "", status: request.Status);
            return request.Remark.Length > 0 ? [moved, Event(StoredEventKind.Comment, request.Remark)] : [moved];
        }

        Error? CommentFault(long id, bool mayAny) => StoredEvent.Shown(events).FirstOrDefault(one => one.Id == id && one.Kind is DiscussionEventKind.Comment) switch
        {
            null => Error.NotFound("COMMENT_NOT_FOUND", $"there is no comment {id} in discussion {discussion.Number}"),
            { Hidden: true } => Error.Conflict("BAD_STATUS", "the comment is hidden, and stays so"),
            var comment when comment.Author == caller.Principal.Name || mayAny => null,
            _ => NotYours("changed"),
        };
    }

    private async Task<Result<Discussion>> MergeAsync(
        RepositoryChange change, SeenRepository repository, MergePullRequestRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var context = change.Context;
        var found = await DiscussionReading.FindAsync(context.Discussions.AsTracking(), repository, request.Number, cancellationToken);
        if (found.Error is { } missing)
        {
            return missing;
        }

        var pull = found.Value;
        if (!pull.IsPullRequest || !pull.IsUnderWay)
        {
            return Error.Conflict("BAD_STATUS", pull.IsPullRequest ? $"pull request {pull.Number} is {pull.Status.ToString().ToLowerInvariant()}" : $"{pull.Number} is a discussion: there is nothing to merge");
        }

        var merged = await merger.AttemptAsync(change, PlanOf(pull), new() { Revision = PullRequests.RefOf(pull.Number) }, caller, cancellationToken);
        if (merged.Error is { } refused)
        {
            return refused;
        }

        if (!change.IsClaimed)
        {
            return Error.Conflict("NOTHING_TO_MERGE", $"main has everything that pull request {pull.Number} brings");
        }

        (pull.Status, pull.MergeCommit) = (DiscussionStatus.Merged, merged.Value.Commit.Id);
        PullRequests.Tell(change, pull.Number, merged.Value.Commit);
        context.DiscussionEvents.Add(new()
        {
            RepositoryId = pull.RepositoryId, Number = pull.Number, Kind = StoredEventKind.Status, Author = caller.Principal.Name, At = change.Now, Status = DiscussionStatus.Merged,
        });
        if (request.Comment.Length > 0)
        {
            context.DiscussionEvents.Add(new()
            {
                RepositoryId = pull.RepositoryId, Number = pull.Number, Kind = StoredEventKind.Comment, Author = caller.Principal.Name, At = change.Now, Text = request.Comment,
            });
        }

        return pull.ToDiscussion();
    }

    private static CommitPlan PlanOf(StoredDiscussion pull) =>
        CommitPlan.Read(new() { Branch = RefName.Default, Summary = $"{pull.Title} (#{pull.Number})" }).OrThrow();

    private static Error? TitleFault(string title)
    {
        var trimmed = title.Trim();
        return trimmed.Length is < ShortestTitle or > LongestTitle || trimmed.Any(char.IsControl)
            ? Error.Invalid("BAD_TITLE", $"title has {trimmed.Length} characters, or a line break: one line of {ShortestTitle} to {LongestTitle} is expected")
            : null;
    }

    private static Error? TextFault(string text, int shortest) => text.Trim().Length < shortest || text.Length > LongestText || text.Contains('\0', StringComparison.Ordinal)
        ? Error.Invalid("BAD_TEXT", $"the comment has {text.Length} characters, or a zero character: {shortest} to {LongestText} are expected")
        : null;

    private static Error? StatusFault(StoredDiscussion discussion, ChangeDiscussionRequest request) => request.Status switch
    {
        not (DiscussionStatus.Open or DiscussionStatus.Closed) => Error.Invalid("BAD_STATUS", "a discussion is set open or closed; a pull request is merged by merging it"),
        _ when discussion.Status is DiscussionStatus.Merged => Error.Conflict("BAD_STATUS", $"pull request {discussion.Number} is merged, and stays so"),
        var status when discussion.Status == status => Error.Conflict("BAD_STATUS", $"discussion {discussion.Number} is {status.ToString().ToLowerInvariant()} already"),
        _ => TextFault(request.Remark, 0),
    };

    private static Error NotYours(string what) => Error.Denied("NOT_YOURS", $"it is {what} by its author, or by those who may write to the repository");
}
