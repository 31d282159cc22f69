using System.Globalization;
using System.Text;
using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Errors;

namespace ModelGarden.Catalog.Tests;

/// <summary>Whatever happens to a repository, ids, trees, refs and differences are what git says of the same content: see <see cref="RandomHistory"/>.</summary>
public abstract class GitPropertyTests(Engine engine) : CatalogContract(engine)
{
    private const int Steps = 30;
    private const int Comparisons = 12;

    // CATALOG_HISTORIES=1000 lives that many, from new seeds.
    private static readonly int Histories = int.Parse(Environment.GetEnvironmentVariable("CATALOG_HISTORIES") ?? "0", CultureInfo.InvariantCulture);

    [Fact]
    public async Task RandomHistory_OfAnyKind_IsWhatGitMakesOfIt()
    {
        var merges = 0;
        var first = Histories > 0 ? Environment.TickCount & 0xFFFFFF : 0;
        for (var seed = first; seed < first + Math.Max(2, Histories); seed++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"acme/life-{seed}");
            await CreateAsync(name);
            var random = new Random(seed);
            var history = new RandomHistory(Engineer, Artifacts, name, random, Cancel);
            try
            {
                await history.LiveAsync(Steps);
                await CompareAsync(name, history, random);
                merges += history.Merges;
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"seed {seed}: {exception.Message}\n{string.Join('\n', history.Story.TakeLast(60))}", exception);
            }
        }

        // Lives in which nothing is merged show nothing of it.
        Assert.True(merges > 0, "nothing was merged");
    }

    private async Task CompareAsync(string name, RandomHistory history, Random random)
    {
        using var git = await Git.InitAsync();
        var made = new GitHistory(git);
        var ids = history.Commits.ConvertAll(commit => commit.Id);
        Assert.Equal(await made.ImportAsync(history), ids);
        Assert.Equal(await made.ListAsync(ids), history.Commits.Select(commit => $"{commit.Id} {commit.Tree} {string.Join(' ', commit.Parents)}".TrimEnd()));
        var refs = await Engineer.ListRefsAsync(new() { Name = name }, cancellationToken: Cancel);
        Assert.Equal(await made.RefsAsync(), refs.Refs.Select(one => $"{one.Name} {one.Commit}"));
        await git.RunAsync(["fsck", "--strict", "--no-dangling"]);
        for (var i = 0; i < Comparisons; i++)
        {
            var (one, other) = (ids[random.Next(ids.Count)], ids[random.Next(ids.Count)]);
            Assert.Equal(await made.AncestorAsync(one, other), await AncestorAsync(name, one, other));
        }

        foreach (var commit in random.GetItems(ids.ToArray(), 3).Append(ids[^1]))
        {
            await AssertDatedAsync(name, made, commit);
        }

        for (var i = 0; i < Comparisons; i++)
        {
            var (from, to) = (ids[random.Next(ids.Count)], ids[random.Next(ids.Count)]);
            var changes = await CompareInPagesAsync(name, from, to, random);
            Assert.Equal(await made.DiffAsync(from, to), changes.Select(GitHistory.Said));
            Assert.All(changes, change => AssertDescribed(change, history.FilesOf(from), history.FilesOf(to)));
        }
    }

    private async Task AssertDatedAsync(string name, GitHistory made, string commit)
    {
        var tree = await Engineer.ListTreeAsync(new() { Name = name, Revision = commit, Recursive = true, Detailed = true }, cancellationToken: Cancel);
        foreach (var entry in tree.Entries)
        {
            Assert.Equal((entry.Path, await made.LastAsync(commit, entry.Path)), (entry.Path, $"{entry.LastCommit.Id} {entry.LastCommit.Title}"));
        }

        var request = new GetEntriesRequest { Name = name, Revision = commit, Paths = { tree.Entries.Select(entry => entry.Path) }, Detailed = true };
        Assert.Equal(tree.Entries, (await Engineer.GetEntriesAsync(request, cancellationToken: Cancel)).Entries);
    }

    private static void AssertDescribed(FileChange change, IReadOnlyDictionary<string, byte[]> before, IReadOnlyDictionary<string, byte[]> after)
    {
        AssertEntry(change.Before, before);
        AssertEntry(change.After, after);
        Assert.Equal((change.After is { } now ? after[now.Path] : before[change.Before.Path]).AsSpan().IndexOf((byte)0) is >= 0 and < 8000, change.Binary);
    }

    private static void AssertEntry(TreeEntry? entry, IReadOnlyDictionary<string, byte[]> files)
    {
        if (entry is not null)
        {
            var content = files[entry.Path];
            var isLarge = content.AsSpan().StartsWith("version https://git-lfs"u8);
            Assert.Equal(isLarge ? Encoding.ASCII.GetString(content).Split(' ')[^1].TrimEnd() : $"{content.Length}", $"{entry.Size}");
            Assert.Equal(isLarge ? content.Length : 0, entry.PointerSize);
        }
    }

    private async Task<string?> AncestorAsync(string name, string one, string other)
    {
        try
        {
            return (await Engineer.CompareRevisionsAsync(new() { Name = name, Base = one, Revision = other, FromCommonAncestor = true }, cancellationToken: Cancel)).Base;
        }
        catch (RpcException exception) when (exception.ToError("catalog").Reason is "NO_COMMON_ANCESTOR")
        {
            return null;
        }
    }

    private async Task<List<FileChange>> CompareInPagesAsync(string name, string from, string to, Random random)
    {
        var (changes, token) = (new List<FileChange>(), "");
        do
        {
            var page = await Engineer.CompareRevisionsAsync(new() { Name = name, Base = from, Revision = to, PageSize = random.Next(3) is 0 ? 1 + random.Next(5) : 0, PageToken = token }, cancellationToken: Cancel);
            changes.AddRange(page.Changes);
            token = page.NextPageToken;
            Assert.Equal((from, to), (page.Base, page.Commit));
            Assert.Equal(changes.Count == page.Total, token.Length is 0);
        }
        while (token.Length > 0);

        return changes;
    }
}

public sealed class GitPropertyOnSqliteTests() : GitPropertyTests(Engine.Sqlite);

public sealed class GitPropertyOnPostgresTests() : GitPropertyTests(Engine.Postgres);
