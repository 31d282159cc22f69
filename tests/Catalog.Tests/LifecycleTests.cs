using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Testing;

namespace ModelGarden.Catalog.Tests;

/// <summary>The way to publication: who may, what must hold, what is remembered.</summary>
public abstract class LifecycleTests(Engine engine) : CatalogContract(engine)
{
    [Fact]
    public async Task ChangeLifecycle_WholeWay_IsRememberedStepByStep()
    {
        await CreateAsync();
        var commit = await CommitAsync(Add("README.md", Card));

        Assert.Equal(Lifecycle.Submitted, (await StepAsync(LifecycleAction.Submit)).Lifecycle);
        Assert.Equal(Lifecycle.InReview, (await StepAsync(LifecycleAction.StartReview)).Lifecycle);
        Assert.Equal(Lifecycle.Approved, (await StepAsync(LifecycleAction.Approve, "fine")).Lifecycle);
        var published = await StepAsync(LifecycleAction.Publish, revision: commit.Id[..10]);

        Assert.Equal((Lifecycle.Published, commit.Id, ""), (published.Lifecycle, Assert.Single(published.PublishedRevisions), published.SubmittedRevision));
        var steps = (await Engineer.ListLifecycleAsync(new() { Name = Model }, cancellationToken: Cancel)).Steps;
        Assert.Equal(
            [(LifecycleAction.Submit, Lifecycle.Submitted, "ann", ""), (LifecycleAction.StartReview, Lifecycle.InReview, "cora", ""),
                (LifecycleAction.Approve, Lifecycle.Approved, "cora", "fine"), (LifecycleAction.Publish, Lifecycle.Published, "cora", "")],
            steps.Select(step => (step.Action, step.State, step.Account, step.Comment)));
        Assert.All(steps, step => Assert.Equal(commit.Id, step.Revision));
    }

    [Fact]
    public async Task ChangeLifecycle_EachStep_IsToldTheAuditTrailOnce()
    {
        await CreateAsync();
        await CommitAsync(Add("README.md", Card));
        await StepAsync(LifecycleAction.Submit);
        await StepAsync(LifecycleAction.StartReview);

        var steps = (await Engineer.ListLifecycleAsync(new() { Name = Model }, cancellationToken: Cancel)).Steps;
        var told = await AuditEventsAsync();

        Assert.Equal(
            [("repository.submit", Model, "ann", steps[0].Hash), ("repository.start-review", Model, "cora", steps[1].Hash)],
            told.Select(one => (one.Action, one.Subject, one.Account, one.Detail["step"])));
        Assert.All(told, one => Assert.Equal(Model.Split('/')[0], one.Tenant));
    }

    [Fact]
    public async Task Submit_NothingThatIsNeeded_ListsAllThatIsMissing()
    {
        await CreateAsync();
        var pending = Artifacts.Upload("acme", "weights", 100, Verdict.Pending);
        var bad = Artifacts.Upload("acme", "pickle", 100, Verdict.Malicious);
        await CommitAsync(Large("a.safetensors", pending), Large("b.bin", bad));

        var error = await ErrorAsync(Engineer.ChangeLifecycleAsync(new() { Name = Model, Action = LifecycleAction.Submit }, cancellationToken: Cancel));

        Assert.Equal("CHECKS_FAILED", error.Reason);
        Assert.Contains("'a.safetensors' has not been examined yet", error.Message, StringComparison.Ordinal);
        Assert.Contains("'b.bin' was found malicious", error.Message, StringComparison.Ordinal);
        Assert.Contains("no README.md", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("# No licence\n", "no known licence")]
    [InlineData("---\nlicense: unknown\n---\n", "no known licence")]
    [InlineData("---\nlicense: other\n---\n", "without a 'license_name'")]
    public async Task Submit_LicenceNotKnown_IsRefused(string card, string expected)
    {
        await CreateAsync();
        await CommitAsync(Add("README.md", card));

        var error = await ErrorAsync(Engineer.ChangeLifecycleAsync(new() { Name = Model, Action = LifecycleAction.Submit }, cancellationToken: Cancel));

        Assert.Equal("CHECKS_FAILED", error.Reason);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Approve_FileFoundBadSinceSubmission_IsRefused()
    {
        var repository = await CreateAsync();
        var file = Artifacts.Upload("acme", "weights", 100);
        await CommitAsync(Add("README.md", Card), Large("w.bin", file));
        await StepAsync(LifecycleAction.Submit);

        Artifacts.Tell(new(file) { Verdict = Verdict.Suspicious });
        await UntilAsync(repository.Id, state => state.Record.Measured.Verdict is Verdict.Suspicious);

        var error = await ErrorAsync(Curator.ChangeLifecycleAsync(new() { Name = Model, Action = LifecycleAction.Approve }, cancellationToken: Cancel));
        Assert.Equal("CHECKS_FAILED", error.Reason);
        Assert.Equal(Lifecycle.Submitted, (await Engineer.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)).Lifecycle);
    }

    [Fact]
    public async Task Submit_SecondRevision_LeavesTheFirstPublished()
    {
        var (repository, first) = await PublishAsync();
        var second = await CommitAsync(Add("new", "1"));

        await StepAsync(LifecycleAction.Submit);

        var mine = await Engineer.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel);
        Assert.Equal((Lifecycle.Submitted, second.Id, second.Id), (mine.Lifecycle, mine.Head, mine.SubmittedRevision));
        var theirs = await Stranger.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel);
        Assert.Equal((Lifecycle.Published, first.Id, ""), (theirs.Lifecycle, theirs.Head, theirs.SubmittedRevision));
        var told = await UntilAsync(repository.Id, state => state.SubmittedRevision == second.Id);
        Assert.Equal((Lifecycle.Published, second.Id, first.Id), (told.Lifecycle, told.Record.Revision, told.PublishedRecord.Revision));

        await StepAsync(LifecycleAction.Approve);
        await StepAsync(LifecycleAction.Publish);
        Assert.Equal([second.Id, first.Id], (await Stranger.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)).PublishedRevisions);
    }

    [Fact]
    public async Task Deprecate_WithSuccessor_IsToldToAll()
    {
        await PublishAsync();
        var at = new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero);

        await Curator.ChangeLifecycleAsync(
            new() { Name = Model, Action = LifecycleAction.Deprecate, Successor = "acme/next", RetiresAt = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(at) },
            cancellationToken: Cancel);

        var theirs = await Stranger.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel);
        Assert.Equal((Lifecycle.Deprecated, "acme/next", at), (theirs.Lifecycle, theirs.Successor, theirs.RetiresAt.ToDateTimeOffset()));
        Assert.Equal("BAD_REPOSITORY_NAME", await ReasonAsync(Curator.ChangeLifecycleAsync(new() { Name = Model, Action = LifecycleAction.Deprecate, Successor = "x" }, cancellationToken: Cancel)));
    }

    [Fact]
    public async Task ChangeLifecycle_WhoMayNot_IsRefusedWithTheReason()
    {
        await PublishAsync();

        Assert.Equal("CURATORS_ONLY", await RefusedAsync(People.Engineer(), LifecycleAction.Retire));
        Assert.Equal("CURATORS_ONLY", await RefusedAsync(People.Admin(), LifecycleAction.Approve));
        Assert.Equal("NOT_YOUR_NAMESPACE", await RefusedAsync(People.Engineer("globex"), LifecycleAction.Submit));
        Assert.Equal("NOT_YOUR_NAMESPACE", await RefusedAsync(People.Curator, LifecycleAction.Submit));
        Assert.Equal("ROLE_MISSING", await RefusedAsync(People.Person("leo", "acme", Roles.Legal), LifecycleAction.Submit));
        Assert.Equal("COMMENT_MISSING", await RefusedAsync(People.Curator, LifecycleAction.TakeDown));
        Assert.Equal("BAD_ACTION", await RefusedAsync(People.Engineer(), LifecycleAction.Unspecified, curator: true));
        Assert.Equal("BAD_TRANSITION", await RefusedAsync(People.Curator, LifecycleAction.Publish));
        var scopeless = People.Curator.Clone();
        scopeless.Scopes.Remove(Scopes.Curate);
        Assert.Equal("SCOPE_MISSING", await RefusedAsync(scopeless, LifecycleAction.Retire));
    }

    [Fact]
    public async Task Approve_AnotherRevisionThanSubmitted_IsRefused()
    {
        await CreateAsync();
        var first = await CommitAsync(Add("README.md", Card));
        var second = await CommitAsync(Add("a", "1"));
        Assert.Equal(first.Id, (await StepAsync(LifecycleAction.Submit, revision: first.Id)).SubmittedRevision);

        Assert.Equal("OTHER_REVISION", await ReasonAsync(Curator.ChangeLifecycleAsync(new() { Name = Model, Action = LifecycleAction.Approve, Revision = second.Id }, cancellationToken: Cancel)));
        Assert.Equal(Lifecycle.Approved, (await StepAsync(LifecycleAction.Approve, revision: first.Id)).Lifecycle);
        Assert.Equal(Lifecycle.Draft, (await StepAsync(LifecycleAction.Reject, "not yet")).Lifecycle);
        Assert.Equal("REVISION_NOT_FOUND", await ReasonAsync(Engineer.ChangeLifecycleAsync(new() { Name = Model, Action = LifecycleAction.Submit, Revision = "nope" }, cancellationToken: Cancel)));
    }

    [Fact]
    public async Task TakeDown_IsToldToItsOwnersPeopleAlone()
    {
        await PublishAsync();
        await StepAsync(LifecycleAction.TakeDown, "malware");

        var error = await ErrorAsync(Engineer.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel));

        Assert.Equal((Kernel.ErrorCode.PermissionDenied, "REPOSITORY_TAKEN_DOWN"), (error.Code, error.Reason));
        Assert.Equal("REPOSITORY_TAKEN_DOWN", await ReasonAsync(Engineer.CreateCommitAsync(Request(Add("a", "1")), cancellationToken: Cancel)));
        Assert.Equal("REPOSITORY_NOT_FOUND", await ReasonAsync(Stranger.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)));
        Assert.Equal("REPOSITORY_NOT_FOUND", await ReasonAsync(As(People.Anonymous).GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)));
        Assert.Equal("REPOSITORY_NOT_FOUND", await ReasonAsync(Engineer.GetRepositoryAsync(new() { Name = Model, Kind = RepositoryKind.Dataset }, cancellationToken: Cancel)));
        Assert.Equal(Lifecycle.TakenDown, (await Curator.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)).Lifecycle);
        Assert.Empty((await Engineer.ListRepositoriesAsync(new(), cancellationToken: Cancel)).Repositories);
    }

    [Fact]
    public async Task Submit_EmptyRepository_IsRefused()
    {
        await CreateAsync();

        Assert.Equal("REVISION_NOT_FOUND", await ReasonAsync(Engineer.ChangeLifecycleAsync(new() { Name = Model, Action = LifecycleAction.Submit }, cancellationToken: Cancel)));
    }

    [Fact]
    public async Task ChangeLifecycle_TwoCuratorsAtOnce_OneStepEach()
    {
        await CreateAsync();
        await CommitAsync(Add("README.md", Card));
        await StepAsync(LifecycleAction.Submit);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ =>
        {
            try
            {
                await StepAsync(LifecycleAction.StartReview);
                return true;
            }
            catch (Grpc.Core.RpcException)
            {
                return false;
            }
        }));

        Assert.Single(outcomes, outcome => outcome);
        Assert.Equal(2, (await Engineer.ListLifecycleAsync(new() { Name = Model }, cancellationToken: Cancel)).Steps.Count);
    }

    private Task<string> RefusedAsync(Principal who, LifecycleAction action, bool curator = false) =>
        ReasonAsync(As(curator ? People.Curator : who).ChangeLifecycleAsync(new() { Name = Model, Action = action }, cancellationToken: Cancel));
}

public sealed class LifecycleOnSqliteTests() : LifecycleTests(Engine.Sqlite);

public sealed class LifecycleOnPostgresTests() : LifecycleTests(Engine.Postgres);
