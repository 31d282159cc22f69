using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Access;
using ModelGarden.Testing;

namespace ModelGarden.Catalog.Tests;

/// <summary>Who reviews what, what is said of it, and that nothing of it is rewritten.</summary>
public abstract class ReviewTests(Engine engine) : CatalogContract(engine)
{
    private static readonly Principal Cyd = People.Person("Cyd", "garden", Roles.Curator);

    [Fact]
    public async Task Review_AssignedChangesRequestedAndSubmittedAgain_IsOneThread()
    {
        await SubmitAsync();

        await TakeAsync(Curator, LifecycleAction.Assign, reviewer: "CYD");
        await TakeAsync(Engineer, LifecycleAction.Comment, "what is it that you miss?");
        await TakeAsync(As(Cyd), LifecycleAction.Comment, "a word on the data");
        var returned = await TakeAsync(As(Cyd), LifecycleAction.RequestChanges, "see above");
        Assert.Equal((Lifecycle.ChangesRequested, "cyd"), (returned.Lifecycle, Assert.Single(returned.Submission.Reviewers)));
        var second = await CommitAsync(Add("README.md", Card + "\nTold.\n"));
        var again = await TakeAsync(Engineer, LifecycleAction.Submit);

        Assert.Equal((Lifecycle.Submitted, second.Id, "cyd"), (again.Lifecycle, again.SubmittedRevision, Assert.Single(again.Submission.Reviewers)));
        Assert.Equal("NOT_A_REVIEWER", await ReasonAsync(TakeCall(Curator, LifecycleAction.Approve)));
        Assert.Equal(Lifecycle.Approved, (await TakeAsync(As(Cyd), LifecycleAction.Approve)).Lifecycle);
        Assert.Equal(Lifecycle.Published, (await TakeAsync(Curator, LifecycleAction.Publish)).Lifecycle);
        Assert.Null((await Engineer.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)).Submission);
        Assert.Equal(
            ["ann Submit ", "cora Assign cyd", "ann Comment what is it that you miss?", "Cyd Comment a word on the data", "Cyd RequestChanges see above", "ann Submit ", "Cyd Approve ", "cora Publish "],
            (await StepsAsync()).Select(step => $"{step.Account} {step.Action} {step.Reviewer}{step.Comment}"));
    }

    [Fact]
    public async Task Comment_WhoMayNot_IsRefused()
    {
        await SubmitAsync();

        Assert.Equal("REPOSITORY_NOT_FOUND", await ReasonAsync(TakeCall(Stranger, LifecycleAction.Comment, "hm")));
        Assert.Equal("ROLE_MISSING", await ReasonAsync(TakeCall(As(People.Person("leo", "acme", Roles.Legal)), LifecycleAction.Comment, "hm")));
        Assert.Equal("COMMENT_MISSING", await ReasonAsync(TakeCall(Engineer, LifecycleAction.Comment)));
        Assert.Equal("COMMENT_MISSING", await ReasonAsync(TakeCall(Curator, LifecycleAction.RequestChanges, " ")));
        Assert.Equal("CURATORS_ONLY", await ReasonAsync(TakeCall(Engineer, LifecycleAction.Assign, reviewer: "ann")));
        Assert.Equal("CURATORS_ONLY", await ReasonAsync(TakeCall(Engineer, LifecycleAction.RequestChanges, "no")));
        Assert.Equal("BAD_ACCOUNT_NAME", await ReasonAsync(TakeCall(Curator, LifecycleAction.Assign, reviewer: "no one")));
        await StepAsync(LifecycleAction.Withdraw);
        Assert.Equal("BAD_TRANSITION", await ReasonAsync(TakeCall(Engineer, LifecycleAction.Comment, "hm")));
    }

    [Fact]
    public async Task Approve_BySubmitter_IsAnothersMatter()
    {
        var both = As(People.Person("ann", "acme", Roles.Engineer, Roles.Curator));
        await SubmitAsync();

        Assert.Equal("FOUR_EYES", await ReasonAsync(TakeCall(both, LifecycleAction.Approve)));
        await StepAsync(LifecycleAction.Withdraw);
        await TakeAsync(As(People.Operator), LifecycleAction.Submit);
        Assert.Equal(Lifecycle.Approved, (await TakeAsync(As(People.Operator), LifecycleAction.Approve)).Lifecycle);
    }

    [Fact]
    public async Task Source_OfWhatIsUnderReview_Stays()
    {
        await SubmitAsync();
        var other = new UpdateRepositoryRequest { Name = Model, Source = new() { Kind = SourceKind.Partner } };

        Assert.Equal("UNDER_REVIEW", await ReasonAsync(Engineer.UpdateRepositoryAsync(other, cancellationToken: Cancel)));

        await Engineer.UpdateRepositoryAsync(new() { Name = Model, Source = new() { Kind = SourceKind.FirstParty } }, cancellationToken: Cancel);
        await StepAsync(LifecycleAction.Withdraw);
        Assert.Equal(SourceKind.Partner, (await Engineer.UpdateRepositoryAsync(other, cancellationToken: Cancel)).Source.Kind);
    }

    [Fact]
    public async Task Comment_OfPublishedRepository_IsNoChangeOfIt()
    {
        await PublishAsync();
        await CommitAsync(Add("a", "1"));
        var before = await StepAsync(LifecycleAction.Submit);

        var after = await TakeAsync(Engineer, LifecycleAction.Comment, "it is better now");

        Assert.Equal(before, after);
        Assert.Null((await Stranger.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)).Submission);
    }

    [Fact]
    public async Task ListRepositories_OfReviewer_AreThoseThatWaitForHim()
    {
        await SubmitAsync();
        await CreateAsync("acme/other");
        Assert.Empty(await WaitingAsync("cyd"));
        await TakeAsync(Curator, LifecycleAction.Assign, reviewer: "cyd");

        Assert.Equal([Model], await WaitingAsync("Cyd"));
        Assert.Empty(await WaitingAsync("cy"));
        await TakeAsync(As(Cyd), LifecycleAction.Approve);
        Assert.Empty(await WaitingAsync("cyd"));
        Assert.Equal("CURATORS_ONLY", await ReasonAsync(Engineer.ListRepositoriesAsync(new() { Reviewer = "cyd" }, cancellationToken: Cancel)));
    }

    [Fact]
    public async Task ListLifecycle_InPages_IsWhole()
    {
        await SubmitAsync();
        for (var i = 0; i < 5; i++)
        {
            await TakeAsync(Engineer, LifecycleAction.Comment, $"{i}");
        }

        var (comments, token) = (new List<string>(), "");
        do
        {
            var page = await Engineer.ListLifecycleAsync(new() { Name = Model, PageSize = 2, PageToken = token }, cancellationToken: Cancel);
            comments.AddRange(page.Steps.Select(step => step.Comment));
            token = page.NextPageToken;
        }
        while (token.Length > 0);

        Assert.Equal(["", "0", "1", "2", "3", "4"], comments);
        Assert.Equal("BAD_PAGE_TOKEN", await ReasonAsync(Engineer.ListLifecycleAsync(new() { Name = Model, PageToken = "?" }, cancellationToken: Cancel)));
    }

    [Fact]
    public async Task History_WhateverIsDone_IsOnlyAddedTo()
    {
        var repository = await CreateAsync();
        await CommitAsync(Add("README.md", Card));
        var kept = new List<string>();
        Func<Task>[] deeds =
        [
            () => StepAsync(LifecycleAction.Submit),
            () => TakeAsync(Curator, LifecycleAction.Assign, reviewer: "cyd"),
            () => TakeAsync(Engineer, LifecycleAction.Comment, "please"),
            () => TakeAsync(As(Cyd), LifecycleAction.RequestChanges, "no"),
            () => StepAsync(LifecycleAction.Submit),
            () => TakeAsync(Curator, LifecycleAction.Unassign, reviewer: "cyd"),
            () => StepAsync(LifecycleAction.Approve),
            () => StepAsync(LifecycleAction.Publish),
            () => CommitAsync(Add("a", "1")),
            async () => await Engineer.SquashBranchAsync(new() { Name = Model, Summary = "squash" }, cancellationToken: Cancel),
            async () => await Engineer.MoveRepositoryAsync(new() { Name = Model, NewName = "acme/moved" }, cancellationToken: Cancel),
            async () => await Engineer.MoveRepositoryAsync(new() { Name = "acme/moved", NewName = Model }, cancellationToken: Cancel),
            () => StepAsync(LifecycleAction.Deprecate),
            () => StepAsync(LifecycleAction.Retire),
            async () => await Engineer.DeleteRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel),
        ];

        foreach (var deed in deeds)
        {
            await deed();
            var rows = await RowsAsync(repository.Id);
            Assert.Equal(kept, rows.Take(kept.Count));
            kept = rows;
        }

        Assert.Equal(13, kept.Count);
    }

    [Theory]
    [InlineData("UPDATE lifecycle_steps SET comment = 'fine by all' WHERE action = 12", "step 3, comment by ann")]
    [InlineData("UPDATE lifecycle_steps SET account = 'dora' WHERE action = 13", "step 2, assign by dora")]
    [InlineData("DELETE FROM lifecycle_steps WHERE action = 12", "step 3, approve by cyd")]
    [InlineData("DELETE FROM lifecycle_steps WHERE action = 4", "there are 3 steps")]
    [InlineData("UPDATE lifecycle_steps SET hash = '' WHERE action IN (4, 12)", "there are 4 steps")]
    [InlineData("UPDATE lifecycle_steps SET hash = '' WHERE action = 12; UPDATE lifecycle_steps SET comment = 'fine' WHERE action = 12", "step 4, approve by cyd")]
    [InlineData("UPDATE repositories SET step_hash = ''", "there are 4 steps")]
    public async Task VerifyLifecycle_RewrittenOnDisk_SaysWhere(string statement, string expected)
    {
        await SubmitAsync();
        await TakeAsync(Curator, LifecycleAction.Assign, reviewer: "cyd");
        await TakeAsync(Engineer, LifecycleAction.Comment, "please");
        await TakeAsync(As(People.Person("cyd", "garden", Roles.Curator)), LifecycleAction.Approve);
        var whole = await VerifyAsync();
        Assert.Equal((4L, "", (await StepsAsync())[^1].Hash), (whole.Steps, whole.Fault, whole.Head));

        await ExecuteAsync(statement);

        Assert.StartsWith(expected, (await VerifyAsync()).Fault, StringComparison.Ordinal);
        Assert.Equal("OWNER_ONLY", await ReasonAsync(await PublishedOfOthersAsync()));
    }

    [Fact]
    public async Task VerifyLifecycle_StepsFromBeforeThereWereHashes_AreCoveredByTheNext()
    {
        await SubmitAsync();
        await TakeAsync(Engineer, LifecycleAction.Comment, "please");
        await ExecuteAsync("UPDATE lifecycle_steps SET hash = ''");
        await ExecuteAsync("UPDATE repositories SET step_hash = ''");
        Assert.Equal(("", ""), ((await VerifyAsync()).Fault, (await VerifyAsync()).Head));
        await StepAsync(LifecycleAction.Approve);
        Assert.Equal("", (await VerifyAsync()).Fault);

        await ExecuteAsync("UPDATE lifecycle_steps SET comment = 'thank you' WHERE action = 12");

        Assert.StartsWith("step 3, approve by cora", (await VerifyAsync()).Fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task VerifyLifecycle_StepsOfAnEarlierVersionBesideThis_AreSaidToHaveNoHash_UntilTheNextCoversThem()
    {
        await SubmitAsync();
        await TakeAsync(Engineer, LifecycleAction.Comment, "please");
        var before = await VerifyAsync();
        Assert.Equal((2L, 0L), (before.Steps, before.UnhashedSince));
        await TakeAsEarlierAsync(LifecycleAction.Withdraw, "submission = 0, submitted_revision = ''");

        var unhashed = await VerifyAsync();
        Assert.Equal(("", 3L, 3L, before.Head), (unhashed.Fault, unhashed.Steps, unhashed.UnhashedSince, unhashed.Head));

        await StepAsync(LifecycleAction.Submit);
        var covered = await VerifyAsync();
        Assert.Equal(("", 4L, 0L, (await StepsAsync())[^1].Hash), (covered.Fault, covered.Steps, covered.UnhashedSince, covered.Head));
        await ExecuteAsync("UPDATE lifecycle_steps SET account = 'bob' WHERE hash = ''");
        Assert.StartsWith("step 4, submit by ann", (await VerifyAsync()).Fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Approve_OfWhatAnEarlierVersionSubmitted_KnowsItsSubmitterAndNobodyElsesApprovals(bool isRatedBefore)
    {
        var both = As(People.Person("ann", "acme", Roles.Engineer, Roles.Curator));
        await CreateAsync();
        await CommitAsync(Add("README.md", Card));
        await As(People.Person("bob", "acme", Roles.Engineer)).ChangeLifecycleAsync(new() { Name = Model, Action = LifecycleAction.Submit }, cancellationToken: Cancel);
        await TakeAsync(Curator, LifecycleAction.Assign, reviewer: "cyd");
        // What is known of the submission that is withdrawn stays on the row, for it does not know these columns.
        await TakeAsEarlierAsync(LifecycleAction.Withdraw, "submission = 0, submitted_revision = ''");
        await TakeAsEarlierAsync(LifecycleAction.Submit, "submission = 2, submitted_revision = head");

        if (isRatedBefore)
        {
            await Curator.RateRepositoryAsync(new() { Name = Model, Rating = ContentRating.General, Reason = "seen" }, cancellationToken: Cancel);
        }

        Assert.Equal("FOUR_EYES", await ReasonAsync(TakeCall(both, LifecycleAction.Approve)));
        Assert.Equal(Lifecycle.Approved, (await TakeAsync(Curator, LifecycleAction.Approve)).Lifecycle);
        Assert.Equal((0L, ""), ((await VerifyAsync()).UnhashedSince, (await VerifyAsync()).Fault));
    }

    [Fact]
    public async Task VerifyLifecycle_TwoStepsOfOneDecisionBehindUnhashedOnes_CoverThemOnce()
    {
        await SubmitAsync();
        var reported = await Engineer.ReportRepositoryAsync(new() { Name = Model, Category = ReportCategory.Unsafe, Text = "odd" }, cancellationToken: Cancel);
        await TakeAsEarlierAsync(LifecycleAction.Withdraw, "submission = 0, submitted_revision = ''");

        await Curator.ResolveReportAsync(
            new() { Id = reported.Report.Id, State = ReportState.Upheld, Action = ReportAction.Rated, Rating = ContentRating.Sensitive, Note = "so it is" }, cancellationToken: Cancel);

        var verified = await VerifyAsync();
        Assert.Equal(("", 4L, 0L), (verified.Fault, verified.Steps, verified.UnhashedSince));
    }

    /// <summary>A step as a version takes it that knows neither hashes nor submitters.</summary>
    private async Task TakeAsEarlierAsync(LifecycleAction action, string changes)
    {
        await ExecuteAsync($"UPDATE repositories SET version = version + 1, {changes}");
        await ExecuteAsync($"INSERT INTO lifecycle_steps (repository_id, repository, action, state, revision, account, comment, at) SELECT id, name, {action:d}, 1, head, 'ann', '', 0 FROM repositories");
    }

    private async Task SubmitAsync()
    {
        await CreateAsync();
        await CommitAsync(Add("README.md", Card));
        await StepAsync(LifecycleAction.Submit);
    }

    private static async Task<Repository> TakeAsync(Contracts.V1.Catalog.CatalogClient client, LifecycleAction action, string comment = "", string reviewer = "") =>
        await TakeCall(client, action, comment, reviewer);

    private static Grpc.Core.AsyncUnaryCall<Repository> TakeCall(Contracts.V1.Catalog.CatalogClient client, LifecycleAction action, string comment = "", string reviewer = "") =>
        client.ChangeLifecycleAsync(new() { Name = Model, Action = action, Comment = comment, Reviewer = reviewer }, cancellationToken: Cancel);

    private async Task<IReadOnlyList<LifecycleStep>> StepsAsync() => (await Engineer.ListLifecycleAsync(new() { Name = Model }, cancellationToken: Cancel)).Steps;

    private async Task<VerifyLifecycleResponse> VerifyAsync() => await Engineer.VerifyLifecycleAsync(new() { Name = Model }, cancellationToken: Cancel);

    /// <summary>A call of a stranger's that sees a published repository alone.</summary>
    private async Task<Grpc.Core.AsyncUnaryCall<VerifyLifecycleResponse>> PublishedOfOthersAsync()
    {
        await ExecuteAsync("UPDATE repositories SET standing = 5, published = submitted_revision");
        return Stranger.VerifyLifecycleAsync(new() { Name = Model }, cancellationToken: Cancel);
    }

    private async Task<IEnumerable<string>> WaitingAsync(string reviewer) =>
        (await Curator.ListRepositoriesAsync(new() { Reviewer = reviewer }, cancellationToken: Cancel)).Repositories.Select(repository => repository.Name);

    private async Task<List<string>> RowsAsync(string repositoryId)
    {
        await using var context = await OpenAsync();
        var rows = await context.LifecycleSteps.Where(step => step.RepositoryId == repositoryId).OrderBy(step => step.Id).ToListAsync(Cancel);
        return rows.ConvertAll(row => $"{row.Id} {row.Repository} {row.ToStep()}");
    }

    private Task<CatalogDbContext> OpenAsync() => Garden.PartsOf(ServiceNames.Catalog).GetRequiredService<IDbContextFactory<CatalogDbContext>>().CreateDbContextAsync(Cancel);
}

public sealed class ReviewOnSqliteTests() : ReviewTests(Engine.Sqlite);

public sealed class ReviewOnPostgresTests() : ReviewTests(Engine.Postgres);
