using System.Text;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;

namespace ModelGarden.Catalog.Tests;

/// <summary>What a push stores and what it is refused for.</summary>
public abstract class PushTests(Engine engine) : CatalogContract(engine)
{
    private const string Main = "refs/heads/main";

    [Fact]
    public async Task Push_TextAsItCame_IsKeptByteForByte()
    {
        await CreateAsync();
        var push = new PushBuilder(Model);
        var folder = push.Tree(("100644", "b.txt", push.Blob("b")));
        var root = push.Tree(("100755", "a", push.Blob("")), ("40000", "ä", folder));
        var first = push.CommitText($"tree {root}\nauthor  <> 0 -0000\ncommitter Ł. <l@x> 1700000000 +1400\nencoding ISO-8859-1\ngpgsig -----BEGIN\n \n author x\n -----END\n\n\n\n subject \n\n\nrest\n\n");
        var merge = push.Commit(root, first, push.Commit(root, first));
        var tag = push.Tag(merge, "v1");

        Assert.Equal(["", ""], await push.Move(Main, "", merge).Move("refs/tags/v1", "", tag).PushAsync(Engineer, Cancel));

        var read = await ReadPackAsync(Engineer, [merge, tag]);
        Assert.Equal(push.Objects.Select(PushBuilder.IdOf).Order(StringComparer.Ordinal), read.Objects.Select(PushBuilder.IdOf).Order(StringComparer.Ordinal));
        var refs = await Engineer.ListRefsAsync(new() { Name = Model }, cancellationToken: Cancel);
        Assert.Equal([(Main, merge, ""), ("refs/tags/v1", merge, tag)], refs.Refs.Select(one => (one.Name, one.Commit, one.Tag)));
        Assert.Equal(["a", "ä/", "ä/b.txt"], await PathsAsync());
        Assert.Equal(2, (await Engineer.ListCommitsAsync(new() { Name = Model }, cancellationToken: Cancel)).Total);
    }

    [Fact]
    public async Task Push_OnACommitOfTheApi_BringsOnlyWhatIsNew()
    {
        await CreateAsync();
        var commit = await CommitAsync(Add("README.md", Card), Add("folder/kept.txt", "kept"), Large("model.bin", Artifacts.Upload("acme", "weights", 5_000_000_000)));
        var kept = await EntryAsync("folder");
        var readme = await EntryAsync("README.md");
        var push = new PushBuilder(Model);
        var next = push.Commit(push.Tree(("100644", "README.md", readme), ("40000", "folder", kept), ("100644", "new.txt", push.Blob("new"))), commit.Id);

        Assert.Equal([""], await push.Move(Main, commit.Id, next).PushAsync(Engineer, Cancel));

        var found = await Engineer.ResolveRevisionAsync(new() { Name = Model }, cancellationToken: Cancel);
        Assert.Equal((next, 3, "apache-2.0"), (found.Commit, found.Record.Measured.FileCount, found.Record.Declared.Licenses[0]));
        var pack = await ReadPackAsync(Engineer, [next], [commit.Id]);
        Assert.Equal(3, pack.Start.Objects);
        Assert.Equal(next, await UntilHeadAsync(next));
    }

    [Fact]
    public async Task Push_AgainOrByTwo_MovesOnce()
    {
        await CreateAsync();
        var (one, other) = (new PushBuilder(Model), new PushBuilder(Model));
        one.Move(Main, "", one.Commit(one.File("a", "1")));
        other.Move(Main, "", other.Commit(other.File("a", "2")));

        var results = await Task.WhenAll(one.PushAsync(Engineer, Cancel), other.PushAsync(Engineer, Cancel));

        Assert.Equal(["", "PARENT_MOVED"], results.Select(result => result[0].Split(':')[0]).Order(StringComparer.Ordinal));
        var won = results[0][0].Length is 0 ? one : other;
        Assert.Equal([""], await won.PushAsync(Engineer, Cancel));
    }

    [Fact]
    public async Task Push_Atomic_MovesAllOrNone()
    {
        await CreateAsync();
        var push = new PushBuilder(Model) { Atomic = true };
        var commit = push.Commit(push.File("a", "1"));
        push.Move(Main, "", commit).Move("refs/heads/main/below", "", commit);

        Assert.Equal(["ATOMIC", "BAD_REF_NAME"], (await push.PushAsync(Engineer, Cancel)).Select(result => result.Split(':')[0]));
        Assert.Empty((await Engineer.ListRefsAsync(new() { Name = Model }, cancellationToken: Cancel)).Refs);
        push.Atomic = false;
        Assert.Equal(["", "BAD_REF_NAME"], (await push.PushAsync(Engineer, Cancel)).Select(result => result.Split(':')[0]));
    }

    [Fact]
    public async Task Push_OfWrongObjects_StoresNothing()
    {
        await CreateAsync();
        await RefusedAsync("BAD_TREE", push => push.Tree(("100644", "b", push.Blob("")), ("100644", "a", push.Blob(""))));
        await RefusedAsync("BAD_TREE", push => push.Tree(("100644", "a", push.Blob("")), ("100644", "a", push.Blob("x"))));
        await RefusedAsync("BAD_TREE", push => push.Tree(("100644", "a", push.Blob("")), ("100644", "a.b", push.Blob("")), ("40000", "a", push.File("x", ""))));
        await RefusedAsync("BAD_TREE", push => push.Object(GitObjectType.Tree, "100644 a"u8.ToArray()));
        await RefusedAsync("BAD_TREE", push => push.Tree(("40000", "a", push.Tree())));
        await RefusedAsync("BAD_PATH", push => push.File(".git", "x"));
        await RefusedAsync("BAD_PATH", push => push.File("..", "x"));
        await RefusedAsync("BAD_PATH", push => push.File("a/b", "x"));
        await RefusedAsync("BAD_PATH", push => push.Object(GitObjectType.Tree, [.. "100644 \u00ff\0"u8.ToArray().Select(one => one is 0xc3 ? (byte)0xff : one), .. Convert.FromHexString(push.Blob("x"))]));
        await RefusedAsync("BAD_PATH", push => Enumerable.Range(0, 600).Aggregate(push.File("a", "x"), (tree, _) => push.Tree(("40000", "aa", tree))));
        await RefusedAsync("BAD_MODE", push => push.Tree(("120000", "a", push.Blob("/etc"))));
        await RefusedAsync("BAD_MODE", push => push.Tree(("160000", "a", push.Blob("x"))));
        await RefusedAsync("BAD_MODE", push => push.Tree(("040000", "a", push.File("x", ""))));
        await RefusedAsync("MISSING_OBJECT", push => push.Tree(("100644", "a", new string('1', 40))));
        await RefusedAsync("MISSING_OBJECT", push => push.Tree(("40000", "a", new string('1', 40))));
        await RefusedAsync("MISSING_OBJECT", push => push.Tree(("100644", "a", push.File("x", ""))));
        await RefusedAsync("MISSING_OBJECT", _ => new string('1', 40));
        await RefusedAsync("INLINE_TOO_LARGE", push => push.File("a", new string('x', (1 << 20) + 1)));
        await RefusedAsync("FILE_NOT_UPLOADED", push => push.File("a", Pointer(new string('a', 64), 5)));
        await RefusedAsync("CARD_INVALID", push => push.File("README.md", "---\nlicense: [\n---\n"));
        // Ten folders of ten folders, and so on: few objects, more files than anyone could list.
        await RefusedAsync("TOO_MANY_FILES", push => Enumerable.Range(0, 9).Aggregate(push.File("a", "x"), (tree, _) => push.Tree([.. Enumerable.Range(0, 10).Select(i => ("40000", $"{i}", tree))])));
    }

    [Fact]
    public async Task Push_OfWrongCommitsAndTags_StoresNothing()
    {
        const string person = "A <a> 1 +0000";
        await CreateAsync();
        await CommitRefusedAsync("MISSING_OBJECT", (push, tree) => push.Commit(tree, new string('1', 40)));
        await CommitRefusedAsync("BAD_COMMIT", (push, tree) => push.CommitText($"tree {tree}\nauthor A <a> 1 +0000\n\nx"));
        await CommitRefusedAsync("BAD_COMMIT", (push, tree) => push.CommitText($"tree {tree}\nauthor A <a> 99999999999999999 +0000\ncommitter {person}\n\nx"));
        await CommitRefusedAsync("BAD_COMMIT", (push, tree) => push.CommitText($"tree {tree}\nauthor A <a> -1 +0000\ncommitter {person}\n\nx"));
        await CommitRefusedAsync("BAD_COMMIT", (push, tree) => push.CommitText($"tree {tree}\nauthor {person}\ncommitter {person}\n\nx\0y"));
        await CommitRefusedAsync("BAD_COMMIT", (push, tree) => push.CommitText($"tree {tree}\nauthor {person}\ncommitter {person}\n\n{new string('x', 100_000)}"));
        await CommitRefusedAsync("BAD_COMMIT", (push, _) => push.CommitText("tree x\n"));
        await CommitRefusedAsync("BAD_COMMIT", (push, _) => push.CommitText(""));
        await CommitRefusedAsync("BAD_TAG", (push, tree) => push.Tag(tree, "v1", "tree"));
        await CommitRefusedAsync("MISSING_OBJECT", (push, _) => push.Tag(new string('1', 40), "v1"));
        await CommitRefusedAsync("BAD_REF", (push, tree) => push.Tag(push.Commit(tree), "v1"));
        await CommitRefusedAsync("MISSING_OBJECT", (_, tree) => tree);
        await CommitRefusedAsync("MISSING_OBJECT", (_, _) => new string('1', 40));
    }

    [Fact]
    public async Task Push_MoreThanAnnounced_OrByOthers_IsRefused()
    {
        await CreateAsync();
        var push = new PushBuilder(Model) { Announced = -1 };
        push.Move(Main, "", push.Commit(push.File("a", "1")));

        Assert.Equal("BAD_PUSH", await ReasonAsync(() => push.PushAsync(Engineer, Cancel)));
        push.Announced = 1 << 30;
        Assert.Equal("PUSH_TOO_LARGE", await ReasonAsync(() => push.PushAsync(Engineer, Cancel)));
        push.Announced = 0;
        Assert.Equal("REPOSITORY_NOT_FOUND", await ReasonAsync(() => push.PushAsync(Stranger, Cancel)));
        Assert.Equal([""], await push.PushAsync(Engineer, Cancel));
    }

    [Fact]
    public async Task Push_SmallFiles_AreExaminedUnderEachName()
    {
        await CreateAsync();
        // A pickle that calls os.system.
        var evil = Encoding.Latin1.GetString("cos\nsystem\n(S'x'\ntR."u8);
        var first = new PushBuilder(Model);
        var harmless = first.Commit(first.File("notes.txt", evil));
        Assert.Equal([""], await first.Move(Main, "", harmless).PushAsync(Engineer, Cancel));
        var second = new PushBuilder(Model);
        var renamed = second.Commit(second.Tree(("100644", "model.pkl", ObjectId.Of("blob", Encoding.Latin1.GetBytes(evil)).Hex)), harmless);
        var behind = second.Commit(second.File("other.txt", "x"), renamed);
        Assert.Equal([""], await second.Move(Main, harmless, behind).PushAsync(Engineer, Cancel));

        var between = await Engineer.ResolveRevisionAsync(new() { Name = Model, Revision = renamed }, cancellationToken: Cancel);
        Assert.Equal(Verdict.Malicious, between.Record.Measured.Verdict);
        Assert.Equal(Verdict.Clean, (await Engineer.ResolveRevisionAsync(new() { Name = Model }, cancellationToken: Cancel)).Record.Measured.Verdict);
    }

    [Fact]
    public async Task Push_OfACommitBelow_CanBePublished()
    {
        await CreateAsync();
        var push = new PushBuilder(Model);
        var first = push.Commit(push.Tree(("100644", "README.md", push.Blob(Card))));
        Assert.Equal([""], await push.Move(Main, "", push.Commit(push.File("a", "1"), first)).PushAsync(Engineer, Cancel));

        await StepAsync(LifecycleAction.Submit, revision: first);
        await StepAsync(LifecycleAction.Approve);
        var published = await StepAsync(LifecycleAction.Publish);

        Assert.Equal([first], published.PublishedRevisions);
        var seen = await Stranger.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel);
        Assert.Equal("apache-2.0", seen.Record.Declared.Licenses[0]);
    }

    [Fact]
    public async Task ReadPack_ByOthers_HasWhatIsPublishedAndNoMore()
    {
        await CreateAsync();
        var hidden = await CommitAsync(Add("hidden.txt", "hidden"));
        var shown = await CommitAsync(Add("README.md", Card), Delete("hidden.txt"));
        await StepAsync(LifecycleAction.Submit);
        await StepAsync(LifecycleAction.Approve);
        await StepAsync(LifecycleAction.Publish);
        var draft = await CommitAsync(Add("draft.txt", "draft"));

        var pack = await ReadPackAsync(Stranger, [shown.Id], [hidden.Id, draft.Id]);

        Assert.Equal(new[] { shown.Id, shown.Tree, ObjectId.Of("blob", Encoding.UTF8.GetBytes(Card)).Hex }.Order(StringComparer.Ordinal), pack.Objects.Select(PushBuilder.IdOf).Order(StringComparer.Ordinal));
        Assert.Equal([shown.Id], pack.Start.Shallow);
        Assert.Equal(["apache-2.0"], Assert.Single(pack.Start.Revisions).Licenses);
        Assert.Equal("REVISION_NOT_FOUND", await ReasonAsync(() => ReadPackAsync(Stranger, [draft.Id])));
        Assert.Equal("REVISION_NOT_FOUND", await ReasonAsync(() => ReadPackAsync(Stranger, [hidden.Id])));
        var common = await Stranger.FindCommonAsync(new() { Name = Model, Wants = { shown.Id }, Haves = { hidden.Id, draft.Id } }, cancellationToken: Cancel);
        Assert.Equal((0, false), (common.Common.Count, common.Ready));
        Assert.Equal("REPOSITORY_NOT_FOUND", await ReasonAsync(() => Stranger.ReadObjectsAsync(Model + "2", [shown.Id], Cancel)));
        Assert.Equal("NOT_YOUR_NAMESPACE", await ReasonAsync(() => Stranger.ReadObjectsAsync(Model, [shown.Id], Cancel)));
    }

    [Fact]
    public async Task ReadPack_ToADepth_EndsThereAndGoesOnFromThere()
    {
        await CreateAsync();
        var commits = new List<string>();
        foreach (var i in Enumerable.Range(0, 5))
        {
            commits.Add((await CommitAsync(Add($"{i}.txt", $"{i}"))).Id);
        }

        var shallow = await ReadPackAsync(Engineer, [commits[4]], [], request => request.Depth = 2);
        var deeper = await ReadPackAsync(Engineer, [commits[4]], [commits[4]], request =>
        {
            (request.Depth, request.DepthIsRelative) = (1, true);
            request.Shallow.Add(commits[3]);
        });
        var without = await ReadPackAsync(Engineer, [commits[4]], [], request => request.Exclude.Add(commits[1]));

        Assert.Equal([commits[3]], shallow.Start.Shallow);
        Assert.Equal(2, shallow.Objects.Count(one => one.Type is GitObjectType.Commit));
        Assert.Equal([commits[2]], deeper.Start.Shallow);
        Assert.Equal([commits[3]], deeper.Start.Unshallow);
        Assert.Equal(1, deeper.Objects.Count(one => one.Type is GitObjectType.Commit));
        // Everything in that commit's tree is in its child's, but for the tree itself.
        Assert.Equal(2, deeper.Start.Objects);
        Assert.Equal([commits[2]], without.Start.Shallow);
    }

    [Fact]
    public async Task FindLargeFiles_ByOthers_AreThoseOfPublishedRevisions()
    {
        await CreateAsync();
        var (draft, shown) = (Artifacts.Upload("acme", "draft", 5), Artifacts.Upload("acme", "shown", 6));
        await CommitAsync(Add("README.md", Card), Large("a.bin", draft));
        await CommitAsync(Delete("a.bin"), Large("b.bin", shown));
        await StepAsync(LifecycleAction.Submit);
        await StepAsync(LifecycleAction.Approve);
        await StepAsync(LifecycleAction.Publish);
        var request = new FindLargeFilesRequest { Name = Model, Sha256 = { draft.Sha256, shown.Sha256, new string('a', 64) } };

        Assert.Equal(2, (await Engineer.FindLargeFilesAsync(request, cancellationToken: Cancel)).Sha256.Count);
        Assert.Equal([shown.Sha256], (await Stranger.FindLargeFilesAsync(request, cancellationToken: Cancel)).Sha256);
    }

    private static string Pointer(string sha256, long size) => $"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {size}\n";

    private Task RefusedAsync(string reason, Func<PushBuilder, string> makeTree) => CommitRefusedAsync(reason, (push, _) => push.Commit(makeTree(push)));

    private async Task CommitRefusedAsync(string reason, Func<PushBuilder, string, string> make)
    {
        var push = new PushBuilder(Model);
        push.Move(Main, "", make(push, push.File("fine.txt", "fine")));
        var refusal = Assert.Single(await push.PushAsync(Engineer, Cancel));
        Assert.StartsWith($"{reason}: ", refusal, StringComparison.Ordinal);
        TestContext.Current.TestOutputHelper?.WriteLine(refusal);
        Assert.Empty((await Engineer.ListRefsAsync(new() { Name = Model }, cancellationToken: Cancel)).Refs);
        Assert.Empty(await Engineer.ReadObjectsAsync(Model, [.. push.Objects.Select(PushBuilder.IdOf).Distinct().Take(1000)], Cancel));
    }

    private async Task<string> EntryAsync(string path) =>
        Assert.Single((await Engineer.GetEntriesAsync(new() { Name = Model, Paths = { path } }, cancellationToken: Cancel)).Entries).Oid;

    private async Task<string> UntilHeadAsync(string head)
    {
        var id = (await Engineer.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)).Id;
        return (await UntilAsync(id, state => state.Head == head)).Head;
    }

    private static async Task<string> ReasonAsync<T>(Func<Task<T>> call) =>
        Hosting.Errors.GrpcErrors.ToError(await Assert.ThrowsAsync<Grpc.Core.RpcException>(async () => await call()), "catalog").Reason;
}

internal static class ReadingOfObjects
{
    public static async Task<List<GitObject>> ReadObjectsAsync(this Contracts.V1.Catalog.CatalogClient client, string repository, string[] ids, CancellationToken cancellationToken)
    {
        using var call = client.ReadObjects(new() { Name = repository, Ids = { ids } }, cancellationToken: cancellationToken);
        var objects = new List<GitObject>();
        while (await call.ResponseStream.MoveNext(cancellationToken))
        {
            objects.AddRange(call.ResponseStream.Current.Objects);
        }

        return objects;
    }
}

public sealed class PushOnSqliteTests() : PushTests(Engine.Sqlite);

public sealed class PushOnPostgresTests() : PushTests(Engine.Postgres);
