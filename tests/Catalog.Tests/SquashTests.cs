using ModelGarden.Contracts.V1;

namespace ModelGarden.Catalog.Tests;

/// <summary>A branch becomes one commit, and nothing that anyone relies on is lost.</summary>
public abstract class SquashTests(Engine engine) : CatalogContract(engine)
{
    [Fact]
    public async Task SquashBranch_Main_IsOneCommitOfTheSameFiles()
    {
        await CreateAsync();
        await CommitAsync(Add("README.md", Card), Add("a", "1"));
        var head = await CommitAsync(Add("b/c", "2"), Delete("a"));

        var squashed = await SquashAsync();

        Assert.Equal((head.Tree, 0, "all in one", "why"), (squashed.Tree, squashed.Parents.Count, squashed.Summary, squashed.Description));
        var commits = await Engineer.ListCommitsAsync(new() { Name = Model }, cancellationToken: Cancel);
        Assert.Equal((1, squashed), (commits.Total, Assert.Single(commits.Commits)));
        var repository = await Engineer.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel);
        Assert.Equal((squashed.Id, squashed.Id, "Small llama"), (repository.Head, repository.Record.Revision, repository.Record.Declared.Title));
        Assert.Equal(2, (await Engineer.ListCommitsAsync(new() { Name = Model, Revision = head.Id }, cancellationToken: Cancel)).Total);
        using var git = await Git.InitAsync();
        var tree = await git.WriteTreeAsync(new Dictionary<string, byte[]> { ["README.md"] = System.Text.Encoding.UTF8.GetBytes(Card), ["b/c"] = "2"u8.ToArray() });
        Assert.Equal(await git.CommitTreeAsync(tree, null, "ann", squashed.At.ToDateTimeOffset(), "all in one\n\nwhy\n"), squashed.Id);
    }

    [Fact]
    public async Task SquashBranch_WithAPublishedRevision_LeavesItToThoseWhoUseIt()
    {
        var (_, published) = await PublishAsync();
        await CommitAsync(Add("draft", "1"));

        var squashed = await SquashAsync();

        var seen = await Stranger.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel);
        Assert.Equal((published.Id, Lifecycle.Published), (seen.Head, seen.Lifecycle));
        Assert.Equal([published.Id], seen.PublishedRevisions);
        Assert.Equal([published.Id], (await Stranger.ListCommitsAsync(new() { Name = Model }, cancellationToken: Cancel)).Commits.Select(commit => commit.Id));
        Assert.Equal("{}", (await Stranger.ReadFileAsync(new() { Name = Model, Revision = published.Id, Path = "config.json" }, cancellationToken: Cancel)).Content.ToStringUtf8());
        Assert.Equal("REVISION_NOT_FOUND", await ReasonAsync(Stranger.ResolveRevisionAsync(new() { Name = Model, Revision = squashed.Id }, cancellationToken: Cancel)));
    }

    [Fact]
    public async Task SquashBranch_WhileSubmitted_PublishesWhatWasSubmitted()
    {
        await CreateAsync();
        await CommitAsync(Add("README.md", Card));
        var submitted = await CommitAsync(Add("a", "1"));
        await StepAsync(LifecycleAction.Submit);
        await SquashAsync();

        Assert.Equal(submitted.Id, (await Engineer.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)).SubmittedRevision);
        await StepAsync(LifecycleAction.Approve);
        var repository = await StepAsync(LifecycleAction.Publish);

        Assert.Equal([submitted.Id], repository.PublishedRevisions);
    }

    [Fact]
    public async Task SquashBranch_Any_IsToldInTheHistoryAndTheFeed()
    {
        var repository = await CreateAsync();
        await CommitAsync(Add("a", "1"));
        var head = await CommitAsync(Add("a", "2"));

        var squashed = await SquashAsync();

        var step = Assert.Single((await Engineer.ListLifecycleAsync(new() { Name = Model }, cancellationToken: Cancel)).Steps);
        Assert.Equal((LifecycleAction.Squash, Lifecycle.Draft, head.Id, "ann"), (step.Action, step.State, step.Revision, step.Account));
        Assert.Equal($"refs/heads/main: 2 commits up to {head.Id} became {squashed.Id}", step.Comment);
        await UntilAsync(repository.Id, state => state.Head == squashed.Id);
        Assert.Equal("BAD_ACTION", await ReasonAsync(Curator.ChangeLifecycleAsync(new() { Name = Model, Action = LifecycleAction.Squash }, cancellationToken: Cancel)));
    }

    [Fact]
    public async Task SquashBranch_OneCommitOnly_StaysAsItIs()
    {
        await CreateAsync();
        var only = await CommitAsync(Add("a", "1"));

        Assert.Equal(only, await SquashAsync());
        Assert.Empty((await Engineer.ListLifecycleAsync(new() { Name = Model }, cancellationToken: Cancel)).Steps);
    }

    [Fact]
    public async Task SquashBranch_AnotherBranch_LeavesMain()
    {
        await CreateAsync();
        await CommitAsync(Add("a", "1"));
        var main = await CommitAsync(Add("a", "2"));
        await Engineer.CreateRefAsync(new() { Name = Model, Ref = "refs/heads/dev" }, cancellationToken: Cancel);

        var squashed = await Engineer.SquashBranchAsync(new() { Name = Model, Branch = "dev", Summary = "s" }, cancellationToken: Cancel);

        var refs = (await Engineer.ListRefsAsync(new() { Name = Model }, cancellationToken: Cancel)).Refs;
        Assert.Equal([("refs/heads/dev", squashed.Id), ("refs/heads/main", main.Id)], refs.Select(one => (one.Name, one.Commit)));
        // From there life goes on.
        var next = await Engineer.CreateCommitAsync(new() { Name = Model, Branch = "dev", Summary = "on", Parent = squashed.Id, Operations = { Add("b", "1") } }, cancellationToken: Cancel);
        Assert.Equal([squashed.Id], next.Parents);
    }

    [Fact]
    public async Task SquashBranch_Refused_ChangesNothing()
    {
        await CreateAsync();
        Assert.Equal("REVISION_NOT_FOUND", await ReasonAsync(Engineer.SquashBranchAsync(new() { Name = Model, Summary = "s" }, cancellationToken: Cancel)));
        var first = await CommitAsync(Add("a", "1"));
        var head = await CommitAsync(Add("a", "2"));

        Assert.Equal("PARENT_MOVED", await ReasonAsync(Engineer.SquashBranchAsync(new() { Name = Model, Summary = "s", Parent = first.Id }, cancellationToken: Cancel)));
        Assert.Equal("BAD_SUMMARY", await ReasonAsync(Engineer.SquashBranchAsync(new() { Name = Model }, cancellationToken: Cancel)));
        Assert.Equal("REVISION_NOT_FOUND", await ReasonAsync(Engineer.SquashBranchAsync(new() { Name = Model, Branch = "none", Summary = "s" }, cancellationToken: Cancel)));
        Assert.Equal("BAD_REF_NAME", await ReasonAsync(Engineer.SquashBranchAsync(new() { Name = Model, Branch = "a..b", Summary = "s" }, cancellationToken: Cancel)));
        Assert.Equal("REPOSITORY_NOT_FOUND", await ReasonAsync(Stranger.SquashBranchAsync(new() { Name = Model, Summary = "s" }, cancellationToken: Cancel)));
        Assert.Equal(head.Id, (await Engineer.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)).Head);
    }

    private async Task<Commit> SquashAsync() => await Engineer.SquashBranchAsync(new() { Name = Model, Summary = "all in one", Description = "why" }, cancellationToken: Cancel);
}

public sealed class SquashOnSqliteTests() : SquashTests(Engine.Sqlite);

public sealed class SquashOnPostgresTests() : SquashTests(Engine.Postgres);
