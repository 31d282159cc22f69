using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Errors;

namespace ModelGarden.Catalog.Tests;

/// <summary>Commits: what they make, what wins, what is refused.</summary>
public abstract class CommitTests(Engine engine) : CatalogContract(engine)
{
    [Fact]
    public async Task CreateCommit_First_MakesMainAndIsRead()
    {
        var repository = await CreateAsync();
        Assert.Equal("", (await ResolveAsync("")).Commit);
        Assert.Equal("", (await ResolveAsync("main")).Commit);

        var commit = await CommitAsync(Add("README.md", Card), Add("src/a.py", "print()"));

        var refs = await Engineer.ListRefsAsync(new() { Name = Model }, cancellationToken: Cancel);
        Assert.Equal([new Ref { Name = "refs/heads/main", Commit = commit.Id }], refs.Refs);
        foreach (var revision in new[] { "", "HEAD", "main", "refs/heads/main", commit.Id, commit.Id[..7] })
        {
            Assert.Equal(commit.Id, (await ResolveAsync(revision)).Commit);
        }

        Assert.Equal(["README.md", "src/", "src/a.py"], await PathsAsync());
        Assert.Equal(["src/a.py"], await PathsAsync(path: "src"));
        Assert.Equal(Card, (await Engineer.ReadFileAsync(new() { Name = Model, Path = "README.md" }, cancellationToken: Cancel)).Content.ToStringUtf8());
        Assert.Equal((repository.Id, commit.Id), (await ResolveAsync("")).Repository is { } now ? (now.Id, now.Head) : default);
    }

    [Fact]
    public async Task CreateCommit_ChangesNothing_AnswersTheHead()
    {
        await CreateAsync();
        var first = await CommitAsync(Add("a", "1"));

        Assert.Equal(first.Id, (await CommitAsync(Add("a", "1"))).Id);
        Assert.Equal(first.Id, (await CommitAsync()).Id);
        Assert.Equal(first.Id, (await CommitAsync(Add("b", "2"), Delete("b"))).Id);
        Assert.Equal(1, (await Engineer.ListCommitsAsync(new() { Name = Model }, cancellationToken: Cancel)).Total);
    }

    [Fact]
    public async Task CreateCommit_ManyAtOnceOnOneParent_OneWins()
    {
        await CreateAsync();
        var parent = await CommitAsync(Add("a", "1"));

        var reasons = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => TryAsync($"file{i}", parent.Id)));

        Assert.Single(reasons, "");
        Assert.All(reasons, reason => Assert.True(reason is "" or "PARENT_MOVED", reason));
        Assert.Equal(2, (await PathsAsync()).Count);
    }

    [Fact]
    public async Task CreateCommit_ManyAtOnceWithoutParent_AllAreKept()
    {
        await CreateAsync();

        var reasons = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => TryAsync($"file{i}", "")));

        Assert.All(reasons, reason => Assert.Equal("", reason));
        Assert.Equal(12, (await PathsAsync()).Count);
        Assert.Equal(12, (await Engineer.ListCommitsAsync(new() { Name = Model }, cancellationToken: Cancel)).Total);
    }

    [Fact]
    public async Task CreateCommit_SameObjectsInTwoRepositoriesAtOnce_BothHaveThem()
    {
        await CreateAsync();
        await CreateAsync("acme/twin");
        var file = Artifacts.Upload("acme", "weights", 1_000);

        await Task.WhenAll(new[] { Model, "acme/twin" }.SelectMany(name => Enumerable.Range(0, 6).Select(async i =>
        {
            var request = Request(Large($"w{i}.bin", file), Add("same", "same"));
            request.Name = name;
            await Engineer.CreateCommitAsync(request, cancellationToken: Cancel);
        })));

        var twin = await Engineer.ListTreeAsync(new() { Name = "acme/twin" }, cancellationToken: Cancel);
        Assert.Equal(8, twin.Entries.Count);
        var tree = await Engineer.ListTreeAsync(new() { Name = Model }, cancellationToken: Cancel);
        // The lines of .gitattributes are in the order of the commits.
        Assert.Equal(twin.Entries.Skip(1), tree.Entries.Skip(1));
    }

    [Fact]
    public async Task CreateCommit_ParentByItsBeginning_IsCompared()
    {
        await CreateAsync();
        var first = await CommitAsync(Add("a", "1"));

        Assert.Equal("", await TryAsync("b", first.Id[..7]));
        Assert.Equal("PARENT_MOVED", await TryAsync("c", first.Id[..7]));
        Assert.Equal("BAD_PARENT", await TryAsync("c", "main"));
    }

    [Fact]
    public async Task CreateCommit_ParentGivenForEmptyRepository_IsRefused()
    {
        await CreateAsync();

        Assert.Equal("PARENT_MOVED", await TryAsync("a", new string('1', 40)));
    }

    [Fact]
    public async Task CreateCommit_OperationsInOrder_EachSeesTheOneBefore()
    {
        await CreateAsync();
        await CommitAsync(Add("x", "1"), Add("folder/a", "a"), Add("folder/sub/b", "b"));

        await CommitAsync(Delete("x"), Add("x/y", "2"), Delete("folder/", recursive: true), Add("folder", "3"));

        Assert.Equal(["folder", "x/", "x/y"], await PathsAsync());
    }

    [Fact]
    public async Task CreateCommit_CopyFromAnotherRevision_BringsThatContent()
    {
        await CreateAsync();
        var old = await CommitAsync(Add("a", "old"));
        await CommitAsync(Add("a", "new"));

        await CommitAsync(Copy("a", "b", old.Id), Copy("a", "c"));

        Assert.Equal("old", await ReadAsync("b"));
        Assert.Equal("new", await ReadAsync("c"));
        Assert.Equal("PATH_NOT_FOUND", await ReasonAsync(Engineer.CreateCommitAsync(Request(Copy("none", "d")), cancellationToken: Cancel)));
        Assert.Equal("REVISION_NOT_FOUND", await ReasonAsync(Engineer.CreateCommitAsync(Request(Copy("a", "d", "nope")), cancellationToken: Cancel)));
    }

    [Fact]
    public async Task CreateCommit_OnABranch_LeavesMainAlone()
    {
        await CreateAsync();
        var first = await CommitAsync(Add("a", "1"));
        await Engineer.CreateRefAsync(new() { Name = Model, Ref = "refs/heads/dev" }, cancellationToken: Cancel);
        var request = Request(Add("b", "2"));
        request.Branch = "dev";

        var second = await Engineer.CreateCommitAsync(request, cancellationToken: Cancel);

        Assert.Equal(first.Id, (await ResolveAsync("main")).Commit);
        Assert.Equal(second.Id, (await ResolveAsync("dev")).Commit);
        Assert.Equal(["a", "b"], await PathsAsync("dev"));
    }

    [Fact]
    public async Task CreateCommit_ThousandFilesTwice_StoresThemAndReadsThemInPages()
    {
        await CreateAsync();
        await CommitAsync([.. Enumerable.Range(0, 1000).Select(i => Add($"d{i % 7}/file{i:d4}", $"content {i}"))]);
        await CommitAsync([.. Enumerable.Range(0, 1000).Select(i => Add($"d{i % 7}/sub/file{i:d4}", $"content {i}"))]);

        var whole = new List<TreeEntry>();
        var token = "";
        do
        {
            var page = await Engineer.ListTreeAsync(new() { Name = Model, Recursive = true, PageSize = 300, PageToken = token }, cancellationToken: Cancel);
            whole.AddRange(page.Entries);
            token = page.NextPageToken;
            await CommitAsync(Add($"between/{whole.Count}", "a commit between two pages changes nothing of them"));
        }
        while (token.Length > 0);

        Assert.Equal(2000 + 14, whole.Select(entry => entry.Path).Distinct().Count());
        Assert.Equal(2000 + 14, whole.Count);
    }

    [Fact]
    public async Task Restart_AfterCommits_EverythingIsThere()
    {
        await CreateAsync();
        var commit = await CommitAsync(Add("a/b", "1"));

        await Garden.RestartAsync(CatalogModule.Definition);

        Assert.Equal(commit.Id, (await ResolveAsync("")).Commit);
        Assert.Equal("1", await ReadAsync("a/b"));
    }

    private async Task<ResolveRevisionResponse> ResolveAsync(string revision) =>
        await Engineer.ResolveRevisionAsync(new() { Name = Model, Revision = revision }, cancellationToken: Cancel);

    private async Task<string> ReadAsync(string path) =>
        (await Engineer.ReadFileAsync(new() { Name = Model, Path = path }, cancellationToken: Cancel)).Content.ToStringUtf8();

    private async Task<string> TryAsync(string path, string parent)
    {
        var request = Request(Add(path, "x"));
        request.Parent = parent;
        try
        {
            await Engineer.CreateCommitAsync(request, cancellationToken: Cancel);
            return "";
        }
        catch (RpcException exception)
        {
            return exception.ToError("catalog").Reason;
        }
    }
}

public sealed class CommitOnSqliteTests() : CommitTests(Engine.Sqlite);

public sealed class CommitOnPostgresTests() : CommitTests(Engine.Postgres);
