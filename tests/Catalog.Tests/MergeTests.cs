using System.Text;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Catalog.Tests;

/// <summary>Two lines of history become one, or it is said why not.</summary>
public abstract class MergeTests(Engine engine) : CatalogContract(engine)
{
    [Fact]
    public async Task MergeRevision_EachSideChangedItsOwn_HasBoth()
    {
        await StartAsync(Add("a", "1"), Add("b", "1"), Add("c/d", "1"));
        var theirs = await OnDevAsync(Add("a", "theirs"), Delete("c/d"), Add("new/file", "x"));
        var ours = await CommitAsync(Add("b", "ours"));

        var merged = await Engineer.MergeRevisionAsync(new() { Name = Model, Revision = "dev", Description = "why" }, cancellationToken: Cancel);

        Assert.Equal((theirs.Id, 1), (merged.Revision, merged.Bases.Count));
        Assert.Equal([ours.Id, theirs.Id], merged.Commit.Parents);
        Assert.Equal("Merge 'dev' into main", merged.Commit.Summary);
        Assert.Equal(["a", "b", "new/", "new/file"], await PathsAsync());
        Assert.Equal("theirs ours", $"{await ReadAsync("a")} {await ReadAsync("b")}");
        using var git = await Git.InitAsync();
        var tree = await git.WriteTreeAsync(new Dictionary<string, byte[]> { ["a"] = "theirs"u8.ToArray(), ["b"] = "ours"u8.ToArray(), ["new/file"] = "x"u8.ToArray() });
        Assert.Equal(tree, merged.Commit.Tree);
        var repository = await Engineer.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel);
        Assert.Equal((merged.Commit.Id, 3), (repository.Head, repository.Record.Measured.FileCount));
    }

    [Fact]
    public async Task MergeRevision_BothChangedTheSame_IsRefusedAndNamesIt()
    {
        await StartAsync(Add("a", "1"), Add("gone", "1"), Add("same", "1"));
        await OnDevAsync(Add("a", "theirs"), Add("gone", "kept"), Add("same", "2"), Add("added", "theirs"), Add("folder", "a file"));
        var head = await CommitAsync(Add("a", "ours"), Delete("gone"), Add("same", "2"), Add("added", "ours"), Add("folder/x", "in a folder"));

        var dry = await Engineer.MergeRevisionAsync(new() { Name = Model, Revision = "dev", DryRun = true }, cancellationToken: Cancel);
        var error = await ErrorAsync(Engineer.MergeRevisionAsync(new() { Name = Model, Revision = "dev" }, cancellationToken: Cancel));

        Assert.Equal(["a", "added", "folder", "gone"], dry.Conflicts);
        Assert.Null(dry.Commit);
        Assert.Equal("MERGE_CONFLICT", error.Reason);
        Assert.EndsWith("both have changed 'a', 'added', 'folder', 'gone'", error.Message, StringComparison.Ordinal);
        Assert.Equal(head.Id, (await Engineer.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)).Head);
    }

    [Fact]
    public async Task MergeRevision_LargeFilesOnBothSides_UniteTheirAttributes()
    {
        await StartAsync(Add(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n"));
        await OnDevAsync(Large("theirs.dat", Artifacts.Upload("acme", "theirs", 10)));
        await CommitAsync(Large("ours.dat", Artifacts.Upload("acme", "ours", 20)));

        await Engineer.MergeRevisionAsync(new() { Name = Model, Revision = "dev" }, cancellationToken: Cancel);

        Assert.Equal([".gitattributes", "ours.dat", "theirs.dat"], await PathsAsync());
        Assert.Equal(["*.bin", "ours.dat", "theirs.dat"], (await ReadAsync(".gitattributes")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[0]));
    }

    [Fact]
    public async Task MergeRevision_AlreadyThere_LeavesTheBranch()
    {
        await StartAsync(Add("a", "1"));
        var dev = await OnDevAsync(Add("b", "1"));
        var merged = await Engineer.MergeRevisionAsync(new() { Name = Model, Revision = dev.Id[..10] }, cancellationToken: Cancel);

        var again = await Engineer.MergeRevisionAsync(new() { Name = Model, Revision = dev.Id }, cancellationToken: Cancel);

        Assert.Equal(merged.Commit, again.Commit);
        Assert.Equal([dev.Id], again.Bases);
    }

    [Fact]
    public async Task MergeRevision_Refused_ChangesNothing()
    {
        await StartAsync(Add("a", "1"));
        await CommitAsync(Add("a", "2"));
        var dev = await OnDevAsync(Add("b", "1"));
        await Engineer.SquashBranchAsync(new() { Name = Model, Summary = "s" }, cancellationToken: Cancel);

        Assert.Equal("NO_COMMON_ANCESTOR", await RefusedAsync(new() { Revision = "dev" }));
        Assert.Equal("NO_COMMON_ANCESTOR", await ReasonAsync(Engineer.CompareRevisionsAsync(new() { Name = Model, Base = "main", Revision = "dev", FromCommonAncestor = true }, cancellationToken: Cancel)));
        Assert.Equal("PARENT_MOVED", await RefusedAsync(new() { Revision = "dev", Parent = dev.Id }));
        Assert.Equal("REVISION_NOT_FOUND", await RefusedAsync(new() { Revision = "none" }));
        Assert.Equal("REVISION_NOT_FOUND", await RefusedAsync(new() { Revision = "dev", Branch = "none" }));
        Assert.Equal("BAD_SUMMARY", await RefusedAsync(new() { Revision = "dev", Summary = new string('x', 513) }));
        Assert.Equal("REPOSITORY_NOT_FOUND", await ReasonAsync(Stranger.MergeRevisionAsync(new() { Name = Model, Revision = "dev" }, cancellationToken: Cancel)));
    }

    [Fact]
    public async Task CompareRevisions_FromTheCommonAncestor_TellsOneSideAlone()
    {
        await StartAsync(Add("a", "1"));
        await OnDevAsync(Add("theirs", "2"));
        await CommitAsync(Add("ours", "3"));

        var since = await Engineer.CompareRevisionsAsync(new() { Name = Model, Base = "main", Revision = "dev", FromCommonAncestor = true }, cancellationToken: Cancel);
        var between = await Engineer.CompareRevisionsAsync(new() { Name = Model, Base = "main", Revision = "dev" }, cancellationToken: Cancel);

        Assert.Equal(["theirs"], since.Changes.Select(change => change.After.Path));
        Assert.Equal(["ours Deleted", "theirs Added"], between.Changes.Select(change => $"{(change.After ?? change.Before).Path} {change.Kind}").Order(StringComparer.Ordinal));
    }

    private async Task StartAsync(params Operation[] operations)
    {
        await CreateAsync();
        await CommitAsync(operations);
        await Engineer.CreateRefAsync(new() { Name = Model, Ref = "refs/heads/dev" }, cancellationToken: Cancel);
    }

    private async Task<Commit> OnDevAsync(params Operation[] operations) =>
        await Engineer.CreateCommitAsync(new() { Name = Model, Branch = "dev", Summary = "theirs", Operations = { operations } }, cancellationToken: Cancel);

    private async Task<string> ReadAsync(string path) =>
        Encoding.UTF8.GetString((await Engineer.ReadFileAsync(new() { Name = Model, Path = path }, cancellationToken: Cancel)).Content.Span);

    private Task<string> RefusedAsync(MergeRevisionRequest request)
    {
        request.Name = Model;
        return ReasonAsync(Engineer.MergeRevisionAsync(request, cancellationToken: Cancel));
    }
}

public sealed class MergeOnSqliteTests() : MergeTests(Engine.Sqlite);

public sealed class MergeOnPostgresTests() : MergeTests(Engine.Postgres);
