using ModelGarden.Contracts.V1;
using ModelGarden.Testing;

namespace ModelGarden.Catalog.Tests;

/// <summary>Repositories made out of others.</summary>
public abstract class DuplicateTests(Engine engine) : CatalogContract(engine)
{
    private const string Duplicate = "globex/llama";

    [Fact]
    public async Task Duplicate_OfWhatIsPublished_HasItsFilesInOneCommit_AndSaysWhoseTheyWere()
    {
        var weights = Artifacts.Upload("acme", "weights", 5_000_000_000);
        await CreateAsync();
        await CommitAsync(Add("README.md", Card), Add("a/b/c.json", "{}"), Add("a/copy.json", "{}"), Large("w.bin", weights));
        await StepAsync(LifecycleAction.Submit);
        await StepAsync(LifecycleAction.Approve);
        var published = await StepAsync(LifecycleAction.Publish);
        await CommitAsync(Add("draft", "not published"));
        Artifacts.Upload("globex", "weights", 5_000_000_000);

        var made = await DuplicateAsync();

        Assert.Equal((Duplicate, Lifecycle.Draft, Visibility.Garden), (made.Name, made.Lifecycle, made.Visibility));
        Assert.Equal((SourceKind.FirstParty, Model, published.Head), (made.Source.Kind, made.Source.Origin, made.Source.OriginRevision));
        Assert.Equal((5, "Small llama"), (made.Record.Measured.FileCount, made.Record.Declared.Title));
        Assert.Equal(await TreeAsync(Engineer, Model, published.Head), await TreeAsync(Stranger, Duplicate));
        var commits = await Stranger.ListCommitsAsync(new() { Name = Duplicate }, cancellationToken: Cancel);
        Assert.Equal((1, $"Duplicate of {Model}", made.Head), (commits.Total, commits.Commits[0].Summary, commits.Commits[0].Id));
        Assert.Equal("{}", (await Stranger.ReadFileAsync(new() { Name = Duplicate, Path = "a/b/c.json" }, cancellationToken: Cancel)).Content.ToStringUtf8());
        Assert.Equal(made.Head, (await UntilAsync(made.Id, state => state.Name == Duplicate)).Record.Revision);
    }

    [Fact]
    public async Task Duplicate_IsARepositoryOfItsOwn()
    {
        await PublishAsync();
        var made = await DuplicateAsync();

        await Stranger.CreateCommitAsync(new() { Name = Duplicate, Summary = "mine", Operations = { Add("config.json", "{\"mine\":1}") } }, cancellationToken: Cancel);
        await StepAsync(LifecycleAction.Retire);
        await Engineer.DeleteRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel);

        Assert.Equal(Card, (await Stranger.ReadFileAsync(new() { Name = Duplicate, Path = "README.md" }, cancellationToken: Cancel)).Content.ToStringUtf8());
        Assert.Equal("{}", (await Stranger.ReadFileAsync(new() { Name = Duplicate, Path = "config.json", Revision = made.Head }, cancellationToken: Cancel)).Content.ToStringUtf8());
    }

    [Fact]
    public async Task Duplicate_OfLargeFilesThatTheTenantDoesNotHold_IsRefused()
    {
        await PublishWeightsAsync();

        Assert.Equal("FILE_NOT_UPLOADED", await ReasonAsync(Stranger.DuplicateRepositoryAsync(Request(), cancellationToken: Cancel)));

        Assert.Equal("REPOSITORY_NOT_FOUND", await ReasonAsync(Stranger.GetRepositoryAsync(new() { Name = Duplicate }, cancellationToken: Cancel)));
    }

    [Fact]
    public async Task Duplicate_OfWhatWasFoundBadSince_IsForReviewersAlone()
    {
        var weights = Artifacts.Upload("acme", "weights", 5_000_000_000);
        var repository = await CreateAsync();
        await CommitAsync(Add("README.md", Card), Large("w.bin", weights));
        await StepAsync(LifecycleAction.Submit);
        await StepAsync(LifecycleAction.Approve);
        await StepAsync(LifecycleAction.Publish);
        Artifacts.Upload("globex", "weights", 5_000_000_000);
        Artifacts.Tell(new(weights) { Verdict = Verdict.Malicious });
        await UntilAsync(repository.Id, state => state.Record.Measured.Verdict is Verdict.Malicious);

        Assert.Equal("FILE_NOT_CLEAN", await ReasonAsync(Stranger.DuplicateRepositoryAsync(Request(), cancellationToken: Cancel)));

        var made = await Engineer.DuplicateRepositoryAsync(new() { Name = Model, NewName = "acme/copy" }, cancellationToken: Cancel);
        Assert.Equal(Verdict.Malicious, made.Record.Measured.Verdict);
    }

    [Theory]
    [InlineData(Model, "acme/llama-2", "NOT_YOUR_NAMESPACE")]
    [InlineData(Model, "globex/taken", "REPOSITORY_EXISTS")]
    [InlineData(Model, "no name", "BAD_REPOSITORY_NAME")]
    [InlineData("acme/draft", Duplicate, "REPOSITORY_NOT_FOUND")]
    [InlineData("globex/taken", Duplicate, "NOTHING_TO_DUPLICATE")]
    public async Task Duplicate_ThatCannotBe_IsRefused(string name, string newName, string reason)
    {
        await PublishAsync();
        await CreateAsync("acme/draft");
        await Stranger.CreateRepositoryAsync(new() { Name = "globex/taken" }, cancellationToken: Cancel);

        Assert.Equal(reason, await ReasonAsync(Stranger.DuplicateRepositoryAsync(new() { Name = name, NewName = newName }, cancellationToken: Cancel)));
        Assert.Equal(reason, await ReasonAsync(Stranger.DuplicateRepositoryAsync(new() { Name = name, NewName = newName, DryRun = true }, cancellationToken: Cancel)));
    }

    [Fact]
    public async Task Duplicate_Tried_MakesNothing_WhoeverHoldsTheFiles()
    {
        await PublishWeightsAsync();

        Assert.Equal(Duplicate, (await Stranger.DuplicateRepositoryAsync(new(Request()) { DryRun = true }, cancellationToken: Cancel)).Name);

        Assert.Equal("REPOSITORY_NOT_FOUND", await ReasonAsync(Stranger.GetRepositoryAsync(new() { Name = Duplicate }, cancellationToken: Cancel)));
    }

    [Fact]
    public async Task Duplicate_ByAnOperator_IsMadeOfWhatTheNamespacesTenantHolds()
    {
        var weights = await PublishWeightsAsync();
        var operators = As(People.Operator);
        Artifacts.Upload(People.Operator.Tenant, "weights", weights.Size);
        Assert.Equal("'w.bin': globex has not uploaded a file with sha256 " + weights.Sha256 + ": upload it first, then commit", (await ErrorAsync(operators.DuplicateRepositoryAsync(Request(), cancellationToken: Cancel))).Message);

        Artifacts.Upload("globex", "weights", weights.Size);

        Assert.Equal(Duplicate, (await operators.DuplicateRepositoryAsync(Request(), cancellationToken: Cancel)).Name);
    }

    [Fact]
    public async Task Duplicate_Private_IsSeenByNobodyElse()
    {
        await PublishAsync();

        var made = await Stranger.DuplicateRepositoryAsync(new() { Name = Model, NewName = Duplicate, Visibility = Visibility.Private }, cancellationToken: Cancel);

        Assert.Equal(Visibility.Private, made.Visibility);
        Assert.Equal("REPOSITORY_NOT_FOUND", await ReasonAsync(Engineer.GetRepositoryAsync(new() { Name = Duplicate }, cancellationToken: Cancel)));
    }

    private async Task<StoredFile> PublishWeightsAsync()
    {
        var weights = Artifacts.Upload("acme", "weights", 5_000_000_000);
        await CreateAsync();
        await CommitAsync(Add("README.md", Card), Large("w.bin", weights));
        await StepAsync(LifecycleAction.Submit);
        await StepAsync(LifecycleAction.Approve);
        await StepAsync(LifecycleAction.Publish);
        return weights;
    }

    private static DuplicateRepositoryRequest Request() => new() { Name = Model, NewName = Duplicate };

    private async Task<Repository> DuplicateAsync() => await Stranger.DuplicateRepositoryAsync(Request(), cancellationToken: Cancel);

    private static async Task<List<TreeEntry>> TreeAsync(Contracts.V1.Catalog.CatalogClient client, string name, string revision = "") =>
        [.. (await client.ListTreeAsync(new() { Name = name, Revision = revision, Recursive = true }, cancellationToken: Cancel)).Entries];
}

public sealed class DuplicateOnSqliteTests() : DuplicateTests(Engine.Sqlite);

public sealed class DuplicateOnPostgresTests() : DuplicateTests(Engine.Postgres);
