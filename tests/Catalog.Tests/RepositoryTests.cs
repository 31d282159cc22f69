using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Testing;
using Grpc.Core;

namespace ModelGarden.Catalog.Tests;

/// <summary>Repositories themselves: made, found, listed, changed, deleted; and their refs.</summary>
public abstract class RepositoryTests(Engine engine) : CatalogContract(engine)
{
    [Fact]
    public async Task CreateRepository_Twice_IsRefusedWhateverTheCase()
    {
        var made = await CreateAsync("acme/Llama");

        Assert.Equal((Lifecycle.Draft, Visibility.Garden, RepositoryKind.Model, SourceKind.FirstParty), (made.Lifecycle, made.Visibility, made.Kind, made.Source.Kind));
        Assert.Equal("REPOSITORY_EXISTS", await ReasonAsync(Engineer.CreateRepositoryAsync(new() { Name = "ACME/llama" }, cancellationToken: Cancel)));
        Assert.Equal(made, await Engineer.GetRepositoryAsync(new() { Name = "Acme/LLAMA" }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task CreateRepository_SameNameOfAnotherKind_IsAnotherRepository()
    {
        var data = await Engineer.CreateRepositoryAsync(new() { Name = Model, Kind = RepositoryKind.Dataset }, cancellationToken: Cancel);
        Assert.Equal(data.Id, (await Engineer.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)).Id);
        var model = await CreateAsync();

        Assert.Equal(model.Id, (await Engineer.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)).Id);
        Assert.Equal(data.Id, (await Engineer.GetRepositoryAsync(new() { Name = Model, Kind = RepositoryKind.Dataset }, cancellationToken: Cancel)).Id);
        Assert.Equal("REPOSITORY_NOT_FOUND", await ReasonAsync(Engineer.GetRepositoryAsync(new() { Name = Model, Kind = RepositoryKind.App }, cancellationToken: Cancel)));
    }

    [Fact]
    public async Task CreateRepository_WithAFirstCommit_HasMainFromTheBeginning()
    {
        var weights = Artifacts.Upload("acme", "weights", 5_000_000);

        var made = await Engineer.CreateRepositoryAsync(
            new() { Name = Model, FirstCommit = new() { Summary = "begin", Operations = { Add("README.md", Card), Large("w.bin", weights) } } }, cancellationToken: Cancel);

        var refs = await Engineer.ListRefsAsync(new() { Name = Model }, cancellationToken: Cancel);
        Assert.Equal(("refs/heads/main", made.Head), refs.Refs.Select(one => (one.Name, one.Commit)).Single());
        var commit = Assert.Single((await Engineer.ListCommitsAsync(new() { Name = Model }, cancellationToken: Cancel)).Commits);
        Assert.Equal((made.Head, "begin", "ann", 0), (commit.Id, commit.Summary, commit.Author, commit.Parents.Count));
        Assert.Equal([".gitattributes", "README.md", "w.bin"], await PathsAsync());
        Assert.Equal(("Small llama", Verdict.Clean), (made.Record.Declared.Title, made.Record.Measured.Verdict));
        Assert.Equal(made, await Engineer.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel));
        Assert.Equal(made.Head, (await UntilAsync(made.Id, _ => true)).Head);
        await CommitAsync(Add("next", "1"));
    }

    [Theory]
    [InlineData("", "w.bin", "FILE_NOT_UPLOADED")]
    [InlineData("../a", "", "BAD_PATH")]
    [InlineData("", "", "NOTHING_TO_COMMIT")]
    [InlineData("README.md", "", "CARD_INVALID")]
    public async Task CreateRepository_WithAFirstCommitThatCannotBe_IsNotMade(string small, string large, string reason)
    {
        var first = new CreateCommitRequest { Summary = "begin" };
        first.Operations.AddRange([.. small.Length > 0 ? [Add(small, "---\nlicense: [\n---\n")] : Array.Empty<Operation>(), .. large.Length > 0 ? [Large(large, new() { Sha256 = new('a', 64), Size = 3 })] : Array.Empty<Operation>()]);

        Assert.Equal(reason, await ReasonAsync(Engineer.CreateRepositoryAsync(new() { Name = Model, FirstCommit = first }, cancellationToken: Cancel)));
        Assert.Equal("REPOSITORY_NOT_FOUND", await ReasonAsync(Engineer.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)));
    }

    [Fact]
    public async Task CreateRepository_WithAFirstCommitToElsewhere_IsRefused()
    {
        var first = new CreateCommitRequest { Summary = "begin", Branch = "side", Operations = { Add("a", "1") } };

        Assert.Equal("BAD_FIRST_COMMIT", await ReasonAsync(Engineer.CreateRepositoryAsync(new() { Name = Model, FirstCommit = first }, cancellationToken: Cancel)));
    }

    [Theory]
    [InlineData("garden/v1", "BAD_REPOSITORY_NAME")]
    [InlineData("Garden/V1", "BAD_REPOSITORY_NAME")]
    [InlineData("noslash", "BAD_REPOSITORY_NAME")]
    [InlineData("acme/a/b", "BAD_REPOSITORY_NAME")]
    [InlineData("acme/x.git", "BAD_REPOSITORY_NAME")]
    [InlineData("acme/..", "BAD_REPOSITORY_NAME")]
    public async Task CreateRepository_BadName_IsRefused(string name, string reason) =>
        Assert.Equal(reason, await ReasonAsync(As(People.Operator).CreateRepositoryAsync(new() { Name = name }, cancellationToken: Cancel)));

    [Fact]
    public async Task CreateRepository_UnknownKind_IsRefused() =>
        Assert.Equal("BAD_VALUE", await ReasonAsync(Engineer.CreateRepositoryAsync(new() { Name = Model, Kind = (RepositoryKind)77 }, cancellationToken: Cancel)));

    [Fact]
    public async Task AnyText_WithAZeroCharacter_IsRefusedInWords()
    {
        await CreateAsync();
        await CommitAsync(Add("a", "1"));

        Assert.Equal("BAD_REPOSITORY_NAME", await ReasonAsync(Engineer.GetRepositoryAsync(new() { Name = "acme/a\0" }, cancellationToken: Cancel)));
        Assert.Equal("BAD_TENANT_NAME", await ReasonAsync(Engineer.ListRepositoriesAsync(new() { Owner = "a\0b" }, cancellationToken: Cancel)));
        Assert.Equal("BAD_PAGE_TOKEN", await ReasonAsync(Engineer.ListRepositoriesAsync(new() { PageToken = PageToken.Write("a\0", "Model") }, cancellationToken: Cancel)));
        Assert.Equal("BAD_PAGE_TOKEN", await ReasonAsync(Engineer.ListTreeAsync(new() { Name = Model, PageToken = PageToken.Write("main", "\0") }, cancellationToken: Cancel)));
        Assert.Equal("BAD_SOURCE", await ReasonAsync(Engineer.UpdateRepositoryAsync(new() { Name = Model, Source = new() { Origin = "\0" } }, cancellationToken: Cancel)));
        Assert.Equal("REVISION_NOT_FOUND", await ReasonAsync(Engineer.ResolveRevisionAsync(new() { Name = Model, Revision = "a\0" }, cancellationToken: Cancel)));
        Assert.Equal("PATH_NOT_FOUND", await ReasonAsync(Engineer.ReadFileAsync(new() { Name = Model, Path = "a\0" }, cancellationToken: Cancel)));
        Assert.Equal("PATH_NOT_FOUND", await ReasonAsync(Engineer.ListTreeAsync(new() { Name = Model, Path = "../a\0" }, cancellationToken: Cancel)));
        Assert.Equal("BAD_REF_NAME", await ReasonAsync(Engineer.CreateRefAsync(new() { Name = Model, Ref = "refs/tags/a\0" }, cancellationToken: Cancel)));
        Assert.Equal("BAD_MESSAGE", await ReasonAsync(Engineer.CreateRefAsync(new() { Name = Model, Ref = "refs/tags/a", Message = "\0" }, cancellationToken: Cancel)));
        Assert.Equal("REF_NOT_FOUND", await ReasonAsync(Engineer.DeleteRefAsync(new() { Name = Model, Ref = "refs/tags/a\0" }, cancellationToken: Cancel)));
        Assert.Equal("BAD_COMMENT", await ReasonAsync(Engineer.ChangeLifecycleAsync(new() { Name = Model, Action = LifecycleAction.Submit, Comment = "\0" }, cancellationToken: Cancel)));
        Assert.Equal("BAD_REPOSITORY_NAME", await ReasonAsync(Curator.ChangeLifecycleAsync(new() { Name = Model, Action = LifecycleAction.Deprecate, Successor = "a/b\0" }, cancellationToken: Cancel)));
    }

    [Fact]
    public async Task CreateRepository_ManyAtOnce_OneIsMade()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            try
            {
                return (await CreateAsync()).Id;
            }
            catch (RpcException exception) when (exception.StatusCode is StatusCode.AlreadyExists)
            {
                return "";
            }
        }));

        Assert.Single(outcomes, id => id.Length > 0);
    }

    [Fact]
    public async Task ListRepositories_InPages_ListsEachOnceByName()
    {
        foreach (var i in Enumerable.Range(0, 7))
        {
            await CreateAsync($"acme/model{i}");
        }

        await Engineer.CreateRepositoryAsync(new() { Name = "acme/model3", Kind = RepositoryKind.Dataset }, cancellationToken: Cancel);
        var names = new List<string>();
        var token = "";
        do
        {
            var page = await Engineer.ListRepositoriesAsync(new() { Owner = "acme", PageSize = 3, PageToken = token }, cancellationToken: Cancel);
            names.AddRange(page.Repositories.Select(repository => $"{repository.Name} {repository.Kind}"));
            token = page.NextPageToken;
        }
        while (token.Length > 0);

        Assert.Equal(["acme/model0 Model", "acme/model1 Model", "acme/model2 Model", "acme/model3 Model", "acme/model3 Dataset", "acme/model4 Model", "acme/model5 Model", "acme/model6 Model"], names);
        Assert.Empty((await Engineer.ListRepositoriesAsync(new() { Owner = "globex" }, cancellationToken: Cancel)).Repositories);
        Assert.Single((await Engineer.ListRepositoriesAsync(new() { Kind = RepositoryKind.Dataset }, cancellationToken: Cancel)).Repositories);
        Assert.Equal("BAD_PAGE_SIZE", await ReasonAsync(Engineer.ListRepositoriesAsync(new() { PageSize = 501 }, cancellationToken: Cancel)));
        Assert.Equal("BAD_PAGE_TOKEN", await ReasonAsync(Engineer.ListRepositoriesAsync(new() { PageToken = "!!" }, cancellationToken: Cancel)));
    }

    [Fact]
    public async Task UpdateRepository_SourceAndVisibility_AreChangedAlone()
    {
        await CreateAsync();
        var source = new Source { Kind = SourceKind.Mirrored, Origin = "https://example.com/x", OriginRevision = "abc" };

        await Engineer.UpdateRepositoryAsync(new() { Name = Model, Source = source }, cancellationToken: Cancel);
        var updated = await Engineer.UpdateRepositoryAsync(new() { Name = Model, Visibility = Visibility.Private }, cancellationToken: Cancel);

        Assert.Equal((Visibility.Private, source), (updated.Visibility, updated.Source));
        Assert.Equal(updated, await Engineer.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task DeleteRepository_Published_IsRetiredFirst()
    {
        var (repository, _) = await PublishAsync();

        Assert.Equal("STILL_PUBLISHED", await ReasonAsync(Engineer.DeleteRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)));
        Assert.Equal("STILL_PUBLISHED", await ReasonAsync(Engineer.UpdateRepositoryAsync(new() { Name = Model, Visibility = Visibility.Private }, cancellationToken: Cancel)));
        await StepAsync(LifecycleAction.Retire);
        await Engineer.DeleteRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel);

        Assert.Equal("REPOSITORY_NOT_FOUND", await ReasonAsync(Engineer.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)));
        Assert.NotEqual(repository.Id, (await CreateAsync()).Id);
        Assert.Empty(await PathsAsync());
    }

    [Fact]
    public async Task FilterUsedFiles_FilesOfAnyRevision_UntilTheRepositoryIsDeleted()
    {
        await CreateAsync();
        var (now, before, never) = (Artifacts.Upload("acme", "now", 3), Artifacts.Upload("acme", "before", 6), Artifacts.Upload("acme", "never", 5));
        await CommitAsync(Large("w.bin", before));
        await CommitAsync(Large("w.bin", now));

        Assert.Equal(new[] { now.Sha256, before.Sha256 }.Order(), (await UsedAsync(now, before, never)).Order());
        await Engineer.DeleteRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel);
        Assert.Empty(await UsedAsync(now, before, never));
    }

    [Fact]
    public async Task FilterUsedFiles_ForOthersThanServices_IsRefused()
    {
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await Engineer.FilterUsedFilesAsync(new(), cancellationToken: Cancel));

        Assert.Equal(StatusCode.PermissionDenied, refused.StatusCode);
    }

    [Fact]
    public async Task FilterUsedHolds_FilesOfATenantsOwnRepositories_InAnyRevision()
    {
        await CreateAsync();
        var (now, before, never) = (Artifacts.Upload("acme", "now", 3), Artifacts.Upload("acme", "before", 6), Artifacts.Upload("acme", "never", 5));
        await CommitAsync(Large("w.bin", before));
        await CommitAsync(Large("w.bin", now));
        FileHold[] used = [new() { Sha256 = now.Sha256, Tenant = "acme" }, new() { Sha256 = before.Sha256, Tenant = "acme" }];

        Assert.Equal(used, await UsedHoldsAsync([.. used, new() { Sha256 = never.Sha256, Tenant = "acme" }, new() { Sha256 = now.Sha256, Tenant = "globex" }]));
        await Engineer.DeleteRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel);
        Assert.Empty(await UsedHoldsAsync(used));
    }

    private async Task<IReadOnlyList<FileHold>> UsedHoldsAsync(params FileHold[] holds) =>
        (await new Contracts.V1.Catalog.CatalogClient(Garden.As(People.Service(ServiceNames.Artifacts), ServiceNames.Catalog))
            .FilterUsedHoldsAsync(new() { Holds = { holds } }, cancellationToken: Cancel)).Holds;

    private async Task<IReadOnlyList<string>> UsedAsync(params StoredFile[] files) =>
        (await new Contracts.V1.Catalog.CatalogClient(Garden.As(People.Service(ServiceNames.Artifacts), ServiceNames.Catalog))
            .FilterUsedFilesAsync(new() { Sha256 = { files.Select(file => file.Sha256) } }, cancellationToken: Cancel)).Sha256;

    [Fact]
    public async Task ChangeFeed_Lifetime_TellsStatesAndTheEnd()
    {
        var repository = await CreateAsync();
        var commit = await CommitAsync(Add("README.md", Card));
        Assert.Equal("Small llama", (await UntilAsync(repository.Id, state => state.Head == commit.Id)).Record.Declared.Title);

        await Engineer.DeleteRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel);

        using var watch = new ChangeFeed.ChangeFeedClient(Garden.As(People.Service("search"), ServiceNames.Catalog)).Watch(new() { From = 1 }, cancellationToken: Cancel);
        Assert.True(await watch.ResponseStream.MoveNext(Cancel));
        Assert.Equal(($"repository/{repository.Id}", null), (watch.ResponseStream.Current.Change.Key, watch.ResponseStream.Current.Change.State));
    }

    [Fact]
    public async Task Refs_MadeAndDeleted_AreListed()
    {
        await CreateAsync();
        Assert.Equal("REVISION_NOT_FOUND", await ReasonAsync(Engineer.CreateRefAsync(new() { Name = Model, Ref = "refs/heads/dev" }, cancellationToken: Cancel)));
        var first = await CommitAsync(Add("a", "1"));
        var second = await CommitAsync(Add("a", "2"));

        await Engineer.CreateRefAsync(new() { Name = Model, Ref = "refs/heads/feature/x" }, cancellationToken: Cancel);
        await Engineer.CreateRefAsync(new() { Name = Model, Ref = "refs/tags/v1", Revision = first.Id[..6], Message = "first" }, cancellationToken: Cancel);

        Assert.Equal(
            [("refs/heads/feature/x", second.Id), ("refs/heads/main", second.Id), ("refs/tags/v1", first.Id)],
            (await Engineer.ListRefsAsync(new() { Name = Model }, cancellationToken: Cancel)).Refs.Select(@ref => (@ref.Name, @ref.Commit)));
        Assert.Equal("REF_EXISTS", await ReasonAsync(Engineer.CreateRefAsync(new() { Name = Model, Ref = "refs/tags/v1" }, cancellationToken: Cancel)));
        Assert.Equal("REF_EXISTS", await ReasonAsync(Engineer.CreateRefAsync(new() { Name = Model, Ref = "refs/heads/main" }, cancellationToken: Cancel)));
        Assert.Equal("BAD_REF_NAME", await ReasonAsync(Engineer.CreateRefAsync(new() { Name = Model, Ref = "refs/heads/feature" }, cancellationToken: Cancel)));
        Assert.Equal("BAD_REF_NAME", await ReasonAsync(Engineer.CreateRefAsync(new() { Name = Model, Ref = "refs/heads/main/x" }, cancellationToken: Cancel)));
        Assert.Equal("REVISION_NOT_FOUND", await ReasonAsync(Engineer.CreateRefAsync(new() { Name = Model, Ref = "refs/heads/y", Revision = "none" }, cancellationToken: Cancel)));
        await Engineer.DeleteRefAsync(new() { Name = Model, Ref = "refs/heads/feature/x" }, cancellationToken: Cancel);
        Assert.Equal("REF_NOT_FOUND", await ReasonAsync(Engineer.DeleteRefAsync(new() { Name = Model, Ref = "refs/heads/feature/x" }, cancellationToken: Cancel)));
        Assert.Equal("DEFAULT_BRANCH", await ReasonAsync(Engineer.DeleteRefAsync(new() { Name = Model, Ref = "refs/heads/main" }, cancellationToken: Cancel)));
    }

    [Fact]
    public async Task ListCommits_InPages_IsNewestFirst()
    {
        await CreateAsync();
        var made = new List<string>();
        foreach (var i in Enumerable.Range(0, 7))
        {
            made.Insert(0, (await CommitAsync(Add("a", $"{i}"))).Id);
        }

        var listed = new List<string>();
        var token = "";
        do
        {
            var page = await Engineer.ListCommitsAsync(new() { Name = Model, PageSize = 3, PageToken = token }, cancellationToken: Cancel);
            Assert.Equal(7, page.Total);
            listed.AddRange(page.Commits.Select(commit => commit.Id));
            token = page.NextPageToken;
            await CommitAsync(Add("a", $"meanwhile {listed.Count}"));
        }
        while (token.Length > 0);

        Assert.Equal(made, listed);
    }

    [Fact]
    public async Task CheckCard_WithFaults_NamesThem()
    {
        var issues = (await As(People.Anonymous).CheckCardAsync(new() { Content = "---\nbase_model_relation: cousin\nlicense: mitt\n---\n" }, cancellationToken: Cancel)).Issues;

        Assert.Equal([("error", 2, "base_model_relation"), ("warning", 3, "license")], issues.Select(issue => (issue.Severity, issue.Line, issue.Field)).Order());
    }
}

public sealed class RepositoryOnSqliteTests() : RepositoryTests(Engine.Sqlite);

public sealed class RepositoryOnPostgresTests() : RepositoryTests(Engine.Postgres);
