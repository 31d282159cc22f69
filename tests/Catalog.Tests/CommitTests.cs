using Grpc.Core;
using ModelGarden.Hosting.Errors;
using ModelGarden.Contracts.V1;
using ModelGarden.Testing;

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

    [Theory]
    [InlineData("../x", "BAD_PATH")]
    [InlineData("/x", "BAD_PATH")]
    [InlineData("a/../../x", "BAD_PATH")]
    [InlineData("a//b", "BAD_PATH")]
    [InlineData(".git/config", "BAD_PATH")]
    [InlineData("sub/.GIT/hooks/x", "BAD_PATH")]
    [InlineData("a\\b", "BAD_PATH")]
    [InlineData("a\0b", "BAD_PATH")]
    [InlineData("", "BAD_PATH")]
    [InlineData("file/below", "PATH_CONFLICT")]
    [InlineData("folder", "PATH_CONFLICT")]
    public async Task CreateCommit_BadPath_IsRefusedAndNothingIsStored(string path, string reason)
    {
        await CreateAsync();
        var head = await CommitAsync(Add("file", "1"), Add("folder/x", "2"));

        var error = await ErrorAsync(Engineer.CreateCommitAsync(Request(Add("fine", "3"), Add(path, "4")), cancellationToken: Cancel));

        Assert.Equal(reason, error.Reason);
        Assert.Equal(head.Id, (await ResolveAsync("")).Commit);
    }

    [Theory]
    [InlineData("gone", false, "there is no file 'gone'")]
    [InlineData("folder", false, "'folder' is a folder")]
    [InlineData("file", true, "'file' is a file")]
    [InlineData("file/below", false, "there is no file 'file/below'")]
    [InlineData("folder/sub", true, "there is no folder 'folder/sub'")]
    public async Task CreateCommit_DeletesWhatIsNotThere_SaysSo(string path, bool recursive, string expected)
    {
        await CreateAsync();
        await CommitAsync(Add("file", "1"), Add("folder/x", "2"));

        var error = await ErrorAsync(Engineer.CreateCommitAsync(Request(Delete(path, recursive)), cancellationToken: Cancel));

        Assert.Equal("PATH_NOT_FOUND", error.Reason);
        Assert.StartsWith(expected, error.Message, StringComparison.Ordinal);
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
    public async Task CreateCommit_TooLargeInline_IsRefused()
    {
        await CreateAsync();

        Assert.Equal("INLINE_TOO_LARGE", await ReasonAsync(Engineer.CreateCommitAsync(Request(Add("big", new byte[(1 << 20) + 1])), cancellationToken: Cancel)));
        await CommitAsync(Add("fits", new byte[1 << 20]), Add("empty", []));
        Assert.Equal(["empty", "fits"], await PathsAsync());
    }

    [Fact]
    public async Task CreateCommit_LargeFileOfAnotherTenant_IsNotUploaded()
    {
        await CreateAsync();
        var theirs = Artifacts.Upload("globex", "secret weights", 10);

        var error = await ErrorAsync(Engineer.CreateCommitAsync(Request(Large("w.bin", theirs)), cancellationToken: Cancel));

        Assert.Equal("FILE_NOT_UPLOADED", error.Reason);
        Assert.Contains("'w.bin'", error.Message, StringComparison.Ordinal);
        Assert.Contains(theirs.Sha256, error.Message, StringComparison.Ordinal);
        var pointer = $"version https://git-lfs.github.com/spec/v1\noid sha256:{theirs.Sha256}\nsize 10\n";
        Assert.Equal("FILE_NOT_UPLOADED", await ReasonAsync(Engineer.CreateCommitAsync(Request(Add("w.bin", pointer)), cancellationToken: Cancel)));
    }

    [Fact]
    public async Task CreateCommit_LargeFileOfOtherSize_IsRefused()
    {
        await CreateAsync();
        var file = Artifacts.Upload("acme", "weights", 10);
        var operation = Large("w.bin", file);
        operation.AddLargeFile.Size = 11;

        Assert.Equal("SIZE_MISMATCH", await ReasonAsync(Engineer.CreateCommitAsync(Request(operation), cancellationToken: Cancel)));
        operation.AddLargeFile.Size = 0;
        await CommitAsync(operation);
        var entries = await Engineer.GetEntriesAsync(new() { Name = Model, Paths = { "w.bin", "nope", "../x", "" } }, cancellationToken: Cancel);
        Assert.Equal(10, Assert.Single(entries.Entries).Size);
    }

    [Fact]
    public async Task CreateCommit_PointerWrittenByHand_IsTheLargeFile()
    {
        await CreateAsync();
        var file = Artifacts.Upload("acme", "weights", 10);

        await CommitAsync(Add("w.bin", $"version https://git-lfs.github.com/spec/v1\noid sha256:{file.Sha256}\nsize 10\n"));

        var entries = await Engineer.GetEntriesAsync(new() { Name = Model, Paths = { "w.bin" } }, cancellationToken: Cancel);
        Assert.Equal(file.Sha256, Assert.Single(entries.Entries).Sha256);
    }

    [Fact]
    public async Task CreateCommit_BadDigest_IsRefused()
    {
        await CreateAsync();

        Assert.Equal("BAD_DIGEST", await ReasonAsync(Engineer.CreateCommitAsync(Request(Large("w", new() { Sha256 = "abc", Size = 1 })), cancellationToken: Cancel)));
        Assert.Equal("BAD_OPERATION", await ReasonAsync(Engineer.CreateCommitAsync(Request(new Operation()), cancellationToken: Cancel)));
    }

    [Fact]
    public async Task CreateCommit_MalformedCard_NamesLineAndField()
    {
        await CreateAsync();

        var error = await ErrorAsync(Engineer.CreateCommitAsync(Request(Add("README.md", "---\nlicense: mit\nbase_model_relation: cousin\n---\n# X\n")), cancellationToken: Cancel));

        Assert.Equal("CARD_INVALID", error.Reason);
        await CommitAsync(Add("draft.md", "---\nlicense: [\n---\n"));
        Assert.StartsWith("README.md line 3, field base_model_relation:", error.Message, StringComparison.Ordinal);
        Assert.Equal("CARD_INVALID", await ReasonAsync(Engineer.CreateCommitAsync(Request(Add("README.md", "---\nlicense: [\n---\n")), cancellationToken: Cancel)));
        Assert.Equal("CARD_INVALID", await ReasonAsync(Engineer.CreateCommitAsync(Request(Add("README.md", [0xff, 0xfe, 0x41])), cancellationToken: Cancel)));
        Assert.Equal("CARD_INVALID", await ReasonAsync(Engineer.CreateCommitAsync(Request(Copy("draft.md", "README.md")), cancellationToken: Cancel)));
    }

    [Theory]
    [InlineData("", "", "BAD_SUMMARY")]
    [InlineData("two\nlines", "", "BAD_SUMMARY")]
    [InlineData("fine", "a\0b", "BAD_DESCRIPTION")]
    public async Task CreateCommit_BadMessage_IsRefused(string summary, string description, string reason)
    {
        await CreateAsync();
        var request = Request(Add("a", "1"));
        (request.Summary, request.Description) = (summary, description);

        Assert.Equal(reason, await ReasonAsync(Engineer.CreateCommitAsync(request, cancellationToken: Cancel)));
    }

    [Fact]
    public async Task CreateCommit_BranchThatIsNotThere_IsRefused()
    {
        await CreateAsync();
        var request = Request(Add("a", "1"));
        request.Branch = "dev";

        Assert.Equal("REVISION_NOT_FOUND", await ReasonAsync(Engineer.CreateCommitAsync(request, cancellationToken: Cancel)));
        request.Branch = "no..way";
        Assert.Equal("BAD_REF_NAME", await ReasonAsync(Engineer.CreateCommitAsync(request, cancellationToken: Cancel)));
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
