using ModelGarden.Contracts.V1;

namespace ModelGarden.Catalog.Tests;

/// <summary>Commits that are refused: with which reason, and that nothing is left of them.</summary>
public abstract class CommitRefusalTests(Engine engine) : CatalogContract(engine)
{
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
        Assert.Equal(head.Id, (await Engineer.ResolveRevisionAsync(new() { Name = Model }, cancellationToken: Cancel)).Commit);
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
    public async Task CreateCommit_TooManyOperations_IsRefused()
    {
        await CreateAsync();

        Assert.Equal("TOO_MANY_OPERATIONS", await ReasonAsync(Engineer.CreateCommitAsync(Request([.. Enumerable.Repeat(Delete("a"), 50_001)]), cancellationToken: Cancel)));
    }

    [Fact]
    public async Task CreateCommit_MessageBeyondTheLimit_IsRefused()
    {
        await CreateAsync();
        var many = Request([.. Enumerable.Range(0, 40).Select(i => Add($"f{i}", new byte[1 << 20]))]);

        Assert.Equal(Grpc.Core.StatusCode.ResourceExhausted, (await Assert.ThrowsAsync<Grpc.Core.RpcException>(async () => await Engineer.CreateCommitAsync(many, cancellationToken: Cancel))).StatusCode);
    }
}

public sealed class CommitRefusalOnSqliteTests() : CommitRefusalTests(Engine.Sqlite);

public sealed class CommitRefusalOnPostgresTests() : CommitRefusalTests(Engine.Postgres);
