using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Catalog.Comparing;
using ModelGarden.Catalog.Objects;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;

namespace ModelGarden.Catalog.Tests;

/// <summary>What differs between two revisions, and who is told of it.</summary>
public abstract class CompareTests(Engine engine) : CatalogContract(engine)
{
    private const string EmptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

    [Fact]
    public async Task CompareRevisions_ManyOfTheSameContent_ArePairedAsGitPairsThem()
    {
        await CreateAsync();
        string[] old = ["x/one", "x/two", "x/three", "y/one", "z/four", "z/\uFF5E", "z/\U0001F999", "empty/a", "empty/b"];
        string[] now = ["new/two", "new/one", "other/one", "other/five", "a/\U0001F999", "empty/c", "w/three", "w/three-b"];
        var before = old.ToDictionary(path => path, Content);
        var after = now.ToDictionary(path => path, Content);
        var first = await CommitAsync([.. before.Select(file => Add(file.Key, file.Value))]);
        var second = await CommitAsync([.. old.Select(path => path.Split('/')[0]).Distinct().Select(folder => Delete(folder, recursive: true)), .. after.Select(file => Add(file.Key, file.Value))]);

        var changes = (await CompareAsync(first.Id, second.Id)).Changes;

        using var git = await Git.InitAsync();
        var (from, to) = (await git.WriteTreeAsync(before), await git.WriteTreeAsync(after));
        Assert.Equal(await new GitHistory(git).DiffAsync(from, to), changes.Select(GitHistory.Said));
        Assert.Contains(changes, change => change.Kind is FileChangeKind.Renamed && change.Before.Path is "x/two" && change.After.Path is "new/two");

        static byte[] Content(string path) => path.StartsWith("empty", StringComparison.Ordinal) ? [] : "same"u8.ToArray();
    }

    [Fact]
    public async Task CompareRevisions_FileBecomesFolderAndBack_IsDeletedAndAdded()
    {
        await CreateAsync();
        var first = await CommitAsync(Add("a", "1"), Add("b/c", "2"), Add("same/deep/file", "3"));
        var second = await CommitAsync(Delete("a"), Add("a/x", "new"), Delete("b", recursive: true), Add("b", "other"));

        var changes = (await CompareAsync(first.Id[..8], "main")).Changes;

        Assert.Equal(
            [("a", FileChangeKind.Deleted), ("a/x", FileChangeKind.Added), ("b", FileChangeKind.Added), ("b/c", FileChangeKind.Deleted)],
            changes.Select(change => ((change.After ?? change.Before).Path, change.Kind)));
        Assert.Equal(second.Id, (await CompareAsync(first.Id, "")).Commit);
    }

    [Fact]
    public async Task CompareRevisions_LargeFiles_TellTheirOwnSizes()
    {
        await CreateAsync();
        await CommitAsync(Add(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text"), Large("w.bin", Artifacts.Upload("acme", "one", 5_000_000_000)), Add("pickle", [128, 0]));
        await CommitAsync(Large("w.bin", Artifacts.Upload("acme", "two", 6_000_000_000)), Add("pickle", [128, 0, 1]));

        var answer = await CompareAsync("", "main");

        Assert.Equal(
            [("pickle", 2L, 3L, true), ("w.bin", 5_000_000_000, 6_000_000_000, false)],
            answer.Changes.Select(change => (change.After.Path, change.Before.Size, change.After.Size, change.Binary)));
        Assert.Equal(("100644", "100644"), (answer.Changes[0].ModeBefore, answer.Changes[0].ModeAfter));
    }

    [Fact]
    public async Task CompareRevisions_Again_IsTakenFromMemory_OfThatRepositoryAlone()
    {
        await CreateAsync();
        var (before, after) = (await CommitAsync(Add("a", "1")), await CommitAsync(Add("b/c", "2")));
        await Engineer.CompareRevisionsAsync(new() { Name = Model, Base = before.Id, Revision = after.Id }, cancellationToken: Cancel);
        var kept = Garden.PartsOf(ServiceNames.Catalog).GetRequiredService<ComparisonCache>();
        using var none = new TreeCache();
        await using var context = Contexts();
        var (repository, unread) = (await context.Repositories.SingleAsync(Cancel), new TreeReader(context, none, "nowhere"));

        var known = await CompareAsync(repository.Id);

        Assert.Equal(["b/c"], known.Select(difference => difference.Path));
        await Assert.ThrowsAsync<InvalidDataException>(() => CompareAsync("nowhere"));

        Task<IReadOnlyList<FileDifference>> CompareAsync(string id) => kept.CompareAsync(id, unread, Kernel.ObjectId.Create(before.Tree).Value, Kernel.ObjectId.Create(after.Tree).Value, Cancel);
    }

    [Fact]
    public async Task LargeFiles_OfAllRevisions_AreListedWhereTheyCame_AndWhereTheyAre()
    {
        await CreateAsync();
        await CommitAsync(Large("old/w.bin", Artifacts.Upload("acme", "one", 5_000_000_000)), Large("stays.bin", Artifacts.Upload("acme", "two", 7)));
        await Engineer.CreateRefAsync(new() { Name = Model, Ref = "refs/heads/before" }, cancellationToken: Cancel);
        await CommitAsync(Copy("stays.bin", "copies/stays.bin"), Delete("old", recursive: true), Large("new.bin", Artifacts.Upload("acme", "three", 9)));
        await CommitAsync(Delete("new.bin"));

        var (files, asked) = (new List<LargeFile>(), new ListLargeFilesRequest { Name = Model, PageSize = 2 });
        do
        {
            var page = await Engineer.ListLargeFilesAsync(asked, cancellationToken: Cancel);
            Assert.Equal(3, page.Total);
            files.AddRange(page.Files);
            asked.PageToken = page.NextPageToken;
        }
        while (asked.PageToken.Length > 0);

        Assert.Equal(
            ["new.bin 9 ", "old/w.bin 5000000000 refs/heads/before", "stays.bin 7 refs/heads/main"],
            files.Select(file => $"{file.Path} {file.Size} {file.Ref}").Order(StringComparer.Ordinal));
        Assert.Equal(files.OrderByDescending(file => file.PushedAt.Seconds).ThenBy(file => file.Sha256, StringComparer.Ordinal), files);
        Assert.Equal("REPOSITORY_NOT_FOUND", await ReasonAsync(Stranger.ListLargeFilesAsync(new() { Name = Model }, cancellationToken: Cancel)));
        Assert.Equal("BAD_PAGE_SIZE", await ReasonAsync(Engineer.ListLargeFilesAsync(new() { Name = Model, PageSize = 1001 }, cancellationToken: Cancel)));
        Assert.Equal("BAD_PAGE_TOKEN", await ReasonAsync(Engineer.ListLargeFilesAsync(new() { Name = Model, PageToken = "x" }, cancellationToken: Cancel)));
    }

    [Fact]
    public async Task LargeFiles_OfAnothersHistory_AreNotListed()
    {
        await CreateAsync();
        await CommitAsync(Add("README.md", Card), Large("draft.bin", Artifacts.Upload("acme", "one", 5)));
        await CommitAsync(Delete("draft.bin"), Large("w.bin", Artifacts.Upload("acme", "two", 7)));
        await StepAsync(LifecycleAction.Submit);
        await StepAsync(LifecycleAction.Approve);
        await StepAsync(LifecycleAction.Publish);

        Assert.Equal("NOT_YOUR_NAMESPACE", await ReasonAsync(Stranger.ListLargeFilesAsync(new() { Name = Model }, cancellationToken: Cancel)));
        Assert.Equal(2, (await Engineer.ListLargeFilesAsync(new() { Name = Model }, cancellationToken: Cancel)).Total);
    }

    [Fact]
    public async Task CompareRevisions_WithNothing_HasEverythingAdded()
    {
        await CreateAsync();
        var first = await CommitAsync(Add("a", "1"), Add("b/c", "2"));
        var second = await CommitAsync(Add("d", "3"));

        Assert.Equal(["a", "b/c"], (await CompareAsync("", first.Id)).Changes.Select(change => change.After.Path));
        Assert.Equal(["d"], (await CompareAsync("", second.Id)).Changes.Select(change => change.After.Path));
        var whole = await Engineer.CompareRevisionsAsync(new() { Name = Model, Base = EmptyTree, Revision = second.Id, PageSize = 2 }, cancellationToken: Cancel);
        var rest = await Engineer.CompareRevisionsAsync(new() { Name = Model, PageToken = whole.NextPageToken }, cancellationToken: Cancel);
        Assert.Equal(["a", "b/c", "d"], whole.Changes.Concat(rest.Changes).Select(change => change.After.Path));
        Assert.Equal(("", 3L, 3L, ""), (rest.Base, whole.Total, rest.Total, rest.NextPageToken));
        Assert.Empty((await CompareAsync(second.Id, second.Id)).Changes);
        await CreateAsync("acme/bare");
        Assert.Empty((await Engineer.CompareRevisionsAsync(new() { Name = "acme/bare" }, cancellationToken: Cancel)).Changes);
    }

    [Fact]
    public async Task CompareRevisions_SeenByStranger_IsOfPublishedRevisionsOnly()
    {
        var (_, published) = await PublishAsync();
        var draft = await CommitAsync(Add("secret", "1"));
        await CommitAsync(Add("more", "2"));
        await StepAsync(LifecycleAction.Submit);
        await StepAsync(LifecycleAction.Approve);
        await StepAsync(LifecycleAction.Publish);

        var seen = await Stranger.CompareRevisionsAsync(new() { Name = Model, Base = published.Id, Revision = "main" }, cancellationToken: Cancel);
        var alone = await Stranger.CompareRevisionsAsync(new() { Name = Model, Revision = "main" }, cancellationToken: Cancel);

        Assert.Equal(["more", "secret"], seen.Changes.Select(change => change.After.Path));
        // Its parent is a draft, of which nothing is told: not even what it did not have.
        Assert.Equal(("", 4L), (alone.Base, alone.Total));
        Assert.Equal("REVISION_NOT_FOUND", await ReasonAsync(Stranger.CompareRevisionsAsync(new() { Name = Model, Base = draft.Id, Revision = "main" }, cancellationToken: Cancel)));
        Assert.Equal("REVISION_NOT_FOUND", await ReasonAsync(Stranger.CompareRevisionsAsync(new() { Name = Model, PageToken = PageToken.Write(draft.Id, "main", "a") }, cancellationToken: Cancel)));
    }

    [Fact]
    public async Task CompareRevisions_BadPages_AreRefused()
    {
        await CreateAsync();
        await CommitAsync(Add("a", "1"));

        Assert.Equal("BAD_PAGE_SIZE", await ReasonAsync(Engineer.CompareRevisionsAsync(new() { Name = Model, PageSize = 5001 }, cancellationToken: Cancel)));
        Assert.Equal("BAD_PAGE_TOKEN", await ReasonAsync(Engineer.CompareRevisionsAsync(new() { Name = Model, PageToken = "!" }, cancellationToken: Cancel)));
        Assert.Equal("REVISION_NOT_FOUND", await ReasonAsync(Engineer.CompareRevisionsAsync(new() { Name = Model, Base = "none" }, cancellationToken: Cancel)));
        Assert.Equal("REPOSITORY_NOT_FOUND", await ReasonAsync(Engineer.CompareRevisionsAsync(new() { Name = "acme/none" }, cancellationToken: Cancel)));
    }

    private async Task<CompareRevisionsResponse> CompareAsync(string from, string to) =>
        await Engineer.CompareRevisionsAsync(new() { Name = Model, Base = from, Revision = to }, cancellationToken: Cancel);
}

public sealed class CompareOnSqliteTests() : CompareTests(Engine.Sqlite);

public sealed class CompareOnPostgresTests() : CompareTests(Engine.Postgres);
