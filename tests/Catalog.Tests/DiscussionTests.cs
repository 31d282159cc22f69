using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Discussions;
using ModelGarden.Contracts.V1;
using ModelGarden.Testing;

namespace ModelGarden.Catalog.Tests;

/// <summary>What is said about repositories, and what is proposed to them.</summary>
public abstract class DiscussionTests(Engine engine) : CatalogContract(engine)
{
    [Fact]
    public async Task Discussion_OpenedCommentedRenamedAndClosed_IsToldWhole()
    {
        var (repository, _) = await PublishAsync();
        var updated = repository.UpdatedAt;

        var opened = await Stranger.OpenDiscussionAsync(new() { Name = Model, Title = " A question ", Description = "How?" }, cancellationToken: Cancel);
        var comment = await ChangeAsync(Engineer, new() { Comment = "Like thsi." });
        await ChangeAsync(Engineer, new() { Edit = new() { Id = comment.Id, Text = "Like this." } });
        var renamed = await ChangeAsync(Stranger, new() { Title = "An answered question" });
        var closed = await ChangeAsync(Engineer, new() { Status = DiscussionStatus.Closed, Remark = "done" });

        Assert.Equal((1L, "A question", DiscussionStatus.Open, false, "ann"), (opened.Number, opened.Title, opened.Status, opened.PullRequest, opened.Author));
        Assert.Equal(("An answered question", "A question"), (renamed.Text, renamed.Detail));
        Assert.Equal(DiscussionStatus.Closed, closed.Status);
        var details = await Stranger.GetDiscussionAsync(new() { Name = Model, Number = 1 }, cancellationToken: Cancel);
        Assert.Equal(("An answered question", DiscussionStatus.Closed), (details.Discussion.Title, details.Discussion.Status));
        Assert.Equal(["Comment How?", "Comment Like this.", "Title An answered question", "Status ", "Comment done"], details.Events.Select(one => $"{one.Kind} {one.Text}"));
        Assert.Equal((1, false, true), (details.Events[1].Edits, details.Events[1].Hidden, details.Events[1].EditedAt is not null));
        var hidden = await ChangeAsync(Engineer, new() { Hide = details.Events[0].Id });
        Assert.Equal(("", true), (hidden.Text, hidden.Hidden));
        // Talk is no change of what the repository is.
        Assert.Equal(updated, (await Engineer.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)).UpdatedAt);
    }

    [Fact]
    public async Task PullRequest_WithThousandsOfCommits_ShowsTheNewestAndCountsAll_AndIsStillTalkedAbout()
    {
        await CreateAsync();
        await CommitAsync(Add("README.md", Card));
        await Engineer.CreateCommitAsync(new() { Name = Model, Summary = "propose", CreatePullRequest = true, Operations = { Add("a", "1") } }, cancellationToken: Cancel);
        var said = await ChangeAsync(Engineer, new() { Comment = "before" });
        await using (var context = Contexts())
        {
            var opened = await context.DiscussionEvents.SingleAsync(row => row.Kind == StoredEventKind.Commit, Cancel);
            context.DiscussionEvents.AddRange(Enumerable.Range(0, 1200).Select(i => new StoredEvent
            {
                RepositoryId = opened.RepositoryId, Number = 1, Kind = StoredEventKind.Commit, Author = "ann", At = opened.At, Text = $"{i}", Detail = opened.Detail,
            }));
            await context.SaveChangesAsync(Cancel);
        }

        var after = await ChangeAsync(Engineer, new() { Comment = "after" });
        var details = await Engineer.GetDiscussionAsync(new() { Name = Model, Number = 1 }, cancellationToken: Cancel);

        Assert.Equal(1201, details.Commits);
        Assert.Equal([said.Id, after.Id], details.Events.Where(one => one.Kind is DiscussionEventKind.Comment).Select(one => one.Id));
        Assert.Equal((after.Id, 502), (details.Events[^1].Id, details.Events.Count));
        Assert.Equal(Enumerable.Range(700, 500).Select(i => $"{i}"), details.Events.Where(one => one.Kind is DiscussionEventKind.Commit).Select(one => one.Text));
    }

    [Fact]
    public async Task Comment_Edited_KeepsWhatItSaidUntilItIsHidden()
    {
        await PublishAsync();
        await Stranger.OpenDiscussionAsync(new() { Name = Model, Title = "A question", Description = "one" }, cancellationToken: Cancel);
        var first = (await Stranger.GetDiscussionAsync(new() { Name = Model, Number = 1 }, cancellationToken: Cancel)).Events[0];
        await ChangeAsync(Stranger, new() { Comment = "untouched" });
        var second = await ChangeAsync(Stranger, new() { Edit = new() { Id = first.Id, Text = "two" } });
        await ChangeAsync(Stranger, new() { Edit = new() { Id = first.Id, Text = "three" } });

        var events = (await As(People.Anonymous).GetDiscussionAsync(new() { Name = Model, Number = 1 }, cancellationToken: Cancel)).Events;

        Assert.Equal([("one", first.At), ("two", second.EditedAt)], events[0].History.Select(former => (former.Text, former.At)));
        Assert.Equal(("three", 2), (events[0].Text, events[0].Edits));
        Assert.Empty(events[1].History);
        Assert.Empty((await ChangeAsync(Engineer, new() { Hide = first.Id })).History);
        var hidden = (await Engineer.GetDiscussionAsync(new() { Name = Model, Number = 1 }, cancellationToken: Cancel)).Events[0];
        Assert.Equal(("", true, 2, 0), (hidden.Text, hidden.Hidden, hidden.Edits, hidden.History.Count));
    }

    [Fact]
    public async Task Discussion_WithTooMuchSaid_TakesNoMore()
    {
        await PublishAsync();
        await Stranger.OpenDiscussionAsync(new() { Name = Model, Title = "Much", Description = "x" }, cancellationToken: Cancel);
        var id = (await Stranger.GetDiscussionAsync(new() { Name = Model, Number = 1 }, cancellationToken: Cancel)).Events[0].Id;
        // What was edited away counts too, for it is shown.
        for (var edit = 0; edit < 32; edit++)
        {
            await ChangeAsync(Stranger, new() { Edit = new() { Id = id, Text = new('ü', 64 << 10) } });
        }

        Assert.Equal("TOO_MANY_EVENTS", await ReasonAsync(ChangingAsync(Engineer, new() { Comment = "more" })));
        Assert.Equal(32, (await Stranger.GetDiscussionAsync(new() { Name = Model, Number = 1 }, cancellationToken: Cancel)).Events[0].History.Count);
    }

    [Fact]
    public async Task PullRequest_OpenedByACommit_IsMergedIntoMain()
    {
        await CreateAsync();
        var main = await CommitAsync(Add("a", "1"), Add("b", "1"));
        var request = Request(Add("a", "proposed"));
        (request.Summary, request.Description, request.CreatePullRequest, request.Parent) = ("Better a", "because", true, main.Id);
        var first = await Engineer.CreateCommitAsync(request, cancellationToken: Cancel);
        var second = await Engineer.CreateCommitAsync(new() { Name = Model, Branch = "refs/pr/1", Summary = "and c", Parent = first.Id, Operations = { Add("c", "1") } }, cancellationToken: Cancel);
        var ours = await CommitAsync(Add("b", "2"));

        var merged = await Engineer.MergePullRequestAsync(new() { Name = Model, Number = first.PullRequest, Comment = "thanks" }, cancellationToken: Cancel);

        Assert.Equal((1L, main.Id), (first.PullRequest, Assert.Single(first.Parents)));
        Assert.Equal([first.Id], second.Parents);
        var head = (await Engineer.ListCommitsAsync(new() { Name = Model }, cancellationToken: Cancel)).Commits[0];
        Assert.Equal((head.Id, DiscussionStatus.Merged, "Better a (#1)"), (merged.MergeCommit, merged.Status, head.Summary));
        Assert.Equal([ours.Id, second.Id], head.Parents);
        Assert.Equal(["a", "b", "c"], await PathsAsync());
        var refs = (await Engineer.ListRefsAsync(new() { Name = Model }, cancellationToken: Cancel)).Refs;
        Assert.Equal([("refs/heads/main", head.Id), ("refs/pr/1", second.Id)], refs.Select(one => (one.Name, one.Commit)));
        var events = (await Engineer.GetDiscussionAsync(new() { Name = Model, Number = 1 }, cancellationToken: Cancel)).Events;
        Assert.Equal(["Comment because", "Commit Better a", "Commit and c", "Commit Better a (#1)", "Status ", "Comment thanks"], events.Select(one => $"{one.Kind} {one.Text}"));
        Assert.Equal("BAD_STATUS", await ReasonAsync(Engineer.MergePullRequestAsync(new() { Name = Model, Number = 1 }, cancellationToken: Cancel)));
        Assert.Equal("BAD_STATUS", await ReasonAsync(ChangingAsync(Engineer, new() { Status = DiscussionStatus.Open })));
        Assert.Equal("BAD_STATUS", await ReasonAsync(Engineer.CreateCommitAsync(new() { Name = Model, Branch = "refs/pr/1", Summary = "late", Operations = { Add("d", "1") } }, cancellationToken: Cancel)));
    }

    [Fact]
    public async Task PullRequest_InConflict_NamesTheFilesAndStaysOpen()
    {
        await CreateAsync();
        await CommitAsync(Add("a", "1"));
        await ProposeAsync(Add("a", "theirs"), Add("b", "theirs"));
        await CommitAsync(Add("a", "ours"));

        Assert.Equal(["a"], (await Engineer.GetDiscussionAsync(new() { Name = Model, Number = 1 }, cancellationToken: Cancel)).Conflicts);
        Assert.Equal("MERGE_CONFLICT", await ReasonAsync(Engineer.MergePullRequestAsync(new() { Name = Model, Number = 1 }, cancellationToken: Cancel)));
        // Solved on its own branch.
        await Engineer.CreateCommitAsync(new() { Name = Model, Branch = "refs/pr/1", Summary = "as on main", Operations = { Add("a", "ours") } }, cancellationToken: Cancel);
        Assert.Empty((await Engineer.GetDiscussionAsync(new() { Name = Model, Number = 1 }, cancellationToken: Cancel)).Conflicts);
        await Engineer.MergePullRequestAsync(new() { Name = Model, Number = 1 }, cancellationToken: Cancel);
        Assert.Equal(["a", "b"], await PathsAsync());
    }

    [Fact]
    public async Task PullRequest_OpenedEmpty_IsADraftUntilSomethingComes()
    {
        await CreateAsync();
        Assert.Equal("REVISION_NOT_FOUND", await ReasonAsync(Engineer.OpenDiscussionAsync(new() { Name = Model, Title = "too early", PullRequest = true }, cancellationToken: Cancel)));
        var main = await CommitAsync(Add("a", "1"));

        var opened = await Engineer.OpenDiscussionAsync(new() { Name = Model, Title = "an idea", PullRequest = true }, cancellationToken: Cancel);

        Assert.Equal((DiscussionStatus.Draft, true), (opened.Status, opened.PullRequest));
        Assert.Equal(main.Id, (await Engineer.ResolveRevisionAsync(new() { Name = Model, Revision = "refs/pr/1" }, cancellationToken: Cancel)).Commit);
        Assert.Equal("NOTHING_TO_MERGE", await ReasonAsync(Engineer.MergePullRequestAsync(new() { Name = Model, Number = 1 }, cancellationToken: Cancel)));
        await ChangeAsync(Engineer, new() { Status = DiscussionStatus.Open });
        await Engineer.CreateCommitAsync(new() { Name = Model, Branch = "refs/pr/1", Summary = "here it is", Operations = { Add("b", "1") } }, cancellationToken: Cancel);
        Assert.Equal(DiscussionStatus.Merged, (await Engineer.MergePullRequestAsync(new() { Name = Model, Number = 1 }, cancellationToken: Cancel)).Status);
    }

    [Fact]
    public async Task Discussions_Listed_AreThoseThatOneMaySee()
    {
        await PublishAsync();
        await Stranger.OpenDiscussionAsync(new() { Name = Model, Title = "first" }, cancellationToken: Cancel);
        await ProposeAsync(Add("a", "1"));
        await Engineer.OpenDiscussionAsync(new() { Name = Model, Title = "third" }, cancellationToken: Cancel);
        await ChangeAsync(Engineer, new() { Status = DiscussionStatus.Closed }, 3);

        Assert.Equal([3, 2, 1], await NumbersAsync(Engineer, new()));
        Assert.Equal([3, 1], await NumbersAsync(Stranger, new()));
        Assert.Equal([2], await NumbersAsync(Engineer, new() { PullRequest = true }));
        Assert.Equal([3, 1], await NumbersAsync(Engineer, new() { PullRequest = false }));
        Assert.Equal([2, 1], await NumbersAsync(Engineer, new() { Statuses = { DiscussionStatus.Open, DiscussionStatus.Draft } }));
        Assert.Equal([1], await NumbersAsync(Engineer, new() { Skip = 2, PageSize = 1 }));
        Assert.Empty(await NumbersAsync(Engineer, new() { Author = "nobody" }));
        Assert.Equal("DISCUSSION_NOT_FOUND", await ReasonAsync(Stranger.GetDiscussionAsync(new() { Name = Model, Number = 2 }, cancellationToken: Cancel)));
        Assert.Equal("DISCUSSION_NOT_FOUND", await ReasonAsync(ChangingAsync(Stranger, new() { Comment = "x" }, 2)));
        Assert.Equal("DISCUSSION_NOT_FOUND", await ReasonAsync(Engineer.GetDiscussionAsync(new() { Name = Model, Number = 9 }, cancellationToken: Cancel)));
        Assert.Equal("REVISION_NOT_FOUND", await ReasonAsync(Stranger.ResolveRevisionAsync(new() { Name = Model, Revision = "refs/pr/2" }, cancellationToken: Cancel)));
        Assert.Equal("NOT_YOUR_NAMESPACE", await ReasonAsync(Stranger.OpenDiscussionAsync(new() { Name = Model, Title = "mine", PullRequest = true }, cancellationToken: Cancel)));
        Assert.Equal("NOT_YOUR_NAMESPACE", await ReasonAsync(Stranger.MergePullRequestAsync(new() { Name = Model, Number = 2 }, cancellationToken: Cancel)));
    }

    [Fact]
    public async Task Discussion_ChangedByThoseWhoMayNot_StaysAsItIs()
    {
        await PublishAsync();
        await Engineer.OpenDiscussionAsync(new() { Name = Model, Title = "ours", Description = "said" }, cancellationToken: Cancel);
        var said = (await Engineer.GetDiscussionAsync(new() { Name = Model, Number = 1 }, cancellationToken: Cancel)).Events[0].Id;
        var bob = As(People.Person("bob", "globex", "engineer"));

        Assert.Equal("NOT_YOURS", await ReasonAsync(ChangingAsync(bob, new() { Title = "theirs" })));
        Assert.Equal("NOT_YOURS", await ReasonAsync(ChangingAsync(bob, new() { Status = DiscussionStatus.Closed })));
        Assert.Equal("NOT_YOURS", await ReasonAsync(ChangingAsync(bob, new() { Edit = new() { Id = said, Text = "x" } })));
        Assert.Equal("NOT_YOURS", await ReasonAsync(ChangingAsync(bob, new() { Hide = said })));
        Assert.Equal("COMMENT_NOT_FOUND", await ReasonAsync(ChangingAsync(Engineer, new() { Hide = 999_999 })));
        Assert.Equal("BAD_STATUS", await ReasonAsync(ChangingAsync(Engineer, new() { Status = DiscussionStatus.Open })));
        Assert.Equal("BAD_STATUS", await ReasonAsync(ChangingAsync(Engineer, new() { Status = DiscussionStatus.Merged })));
        Assert.Equal("BAD_TITLE", await ReasonAsync(ChangingAsync(Engineer, new() { Title = "a" })));
        Assert.Equal("BAD_TEXT", await ReasonAsync(ChangingAsync(Engineer, new() { Comment = " " })));
        Assert.Equal("BAD_TEXT", await ReasonAsync(ChangingAsync(Engineer, new() { Comment = "a\0b" })));
        Assert.Equal("BAD_CHANGE", await ReasonAsync(ChangingAsync(Engineer, new())));
        Assert.Equal("BAD_STATUS", await ReasonAsync(Engineer.MergePullRequestAsync(new() { Name = Model, Number = 1 }, cancellationToken: Cancel)));
        Assert.Single((await Engineer.GetDiscussionAsync(new() { Name = Model, Number = 1 }, cancellationToken: Cancel)).Events);
    }

    [Fact]
    public async Task PullRequest_Refs_AreOnlyItsOwn()
    {
        await CreateAsync();
        await CommitAsync(Add("a", "1"));
        await ProposeAsync(Add("a", "2"));

        Assert.Equal("PULL_REQUEST", await ReasonAsync(Engineer.DeleteRefAsync(new() { Name = Model, Ref = "refs/pr/1" }, cancellationToken: Cancel)));
        Assert.Equal("BAD_REF_NAME", await ReasonAsync(Engineer.CreateRefAsync(new() { Name = Model, Ref = "refs/pr/2" }, cancellationToken: Cancel)));
        Assert.Equal("BAD_REF_NAME", await ReasonAsync(Engineer.SquashBranchAsync(new() { Name = Model, Branch = "refs/pr/1", Summary = "s" }, cancellationToken: Cancel)));
        foreach (var (branch, reason) in new[] { ("refs/pr/2", "REVISION_NOT_FOUND"), ("refs/pr/x", "BAD_REF_NAME"), ("refs/pr/", "BAD_REF_NAME"), ("refs/pr/01", "BAD_REF_NAME"), ("refs/pr/99999999999999999999", "BAD_REF_NAME") })
        {
            Assert.Equal((branch, reason), (branch, await ReasonAsync(Engineer.CreateCommitAsync(new() { Name = Model, Branch = branch, Summary = "s", Operations = { Add("b", "1") } }, cancellationToken: Cancel))));
        }

        var same = Request(Add("a", "1"));
        same.CreatePullRequest = true;
        Assert.Equal("NOTHING_TO_COMMIT", await ReasonAsync(Engineer.CreateCommitAsync(same, cancellationToken: Cancel)));
    }

    private async Task<Commit> ProposeAsync(params Operation[] operations)
    {
        var request = Request(operations);
        request.CreatePullRequest = true;
        return await Engineer.CreateCommitAsync(request, cancellationToken: Cancel);
    }

    private static Grpc.Core.AsyncUnaryCall<DiscussionEvent> ChangingAsync(Contracts.V1.Catalog.CatalogClient client, ChangeDiscussionRequest request, long number = 1)
    {
        (request.Name, request.Number) = (Model, number);
        return client.ChangeDiscussionAsync(request, cancellationToken: Cancel);
    }

    private static async Task<DiscussionEvent> ChangeAsync(Contracts.V1.Catalog.CatalogClient client, ChangeDiscussionRequest request, long number = 1) => await ChangingAsync(client, request, number);

    private static async Task<IEnumerable<long>> NumbersAsync(Contracts.V1.Catalog.CatalogClient client, ListDiscussionsRequest request)
    {
        request.Name = Model;
        return (await client.ListDiscussionsAsync(request, cancellationToken: Cancel)).Discussions.Select(one => one.Number);
    }
}

public sealed class DiscussionOnSqliteTests() : DiscussionTests(Engine.Sqlite);

public sealed class DiscussionOnPostgresTests() : DiscussionTests(Engine.Postgres);
