using System.Text;
using ModelGarden.Catalog.Comparing;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Testing;

namespace ModelGarden.Catalog.Tests;

/// <summary>What differs between two revisions line by line, held against the real git.</summary>
public abstract class LineTests(Engine engine) : CatalogContract(engine)
{
    private const int Seeds = 12;

    [Fact]
    public async Task DiffRevisions_OfAnyTexts_IsWhatGitApplies_AndAsShortAsGits()
    {
        await CreateAsync();
        using var git = await Git.InitAsync();
        for (var seed = 0; seed < Seeds; seed++)
        {
            var (before, after) = Texts(new Random(seed), seed);
            var first = await CommitAsync([.. seed is 0 ? Array.Empty<Operation>() : [Delete("files", recursive: true)], .. before.Select(file => Add("files/" + file.Key, file.Value))]);
            var second = await CommitAsync([Delete("files", recursive: true), .. after.Select(file => Add("files/" + file.Key, file.Value))]);

            var files = await DiffAsync(first.Id, second.Id);

            var (to, from) = (await git.WriteTreeAsync(Placed(after)), await git.WriteTreeAsync(Placed(before)));
            await git.RunAsync(["apply", "--cached", "-"], Patch(files));
            Assert.Equal(to, await git.RunAsync(["write-tree"]));
            var counts = await git.RunAsync(["-c", "core.quotePath=false", "diff", "--minimal", "--no-renames", "--numstat", from, to]);
            Assert.Equal(counts.Split('\n').Order(StringComparer.Ordinal), files.SelectMany(Counted).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task DiffRevisions_OfUniqueChange_IsGitsToTheByte()
    {
        await CreateAsync();
        var old = string.Concat(Enumerable.Range(1, 40).Select(i => $"line {i}\n"));
        var now = old.Replace("line 3\n", "", StringComparison.Ordinal).Replace("line 20\n", "LINE 20\nand more\n", StringComparison.Ordinal) + "the end";
        var before = new Dictionary<string, byte[]> { ["files/a file.txt"] = Encoding.UTF8.GetBytes(old), ["files/gone"] = "x\n"u8.ToArray(), ["files/empty"] = [], ["files/moved"] = "same\n"u8.ToArray(), ["files/bytes"] = [0, 1] };
        var after = new Dictionary<string, byte[]> { ["files/a file.txt"] = Encoding.UTF8.GetBytes(now), ["files/new/ü"] = "y\n"u8.ToArray(), ["files/void"] = [], ["files/then moved"] = "same\n"u8.ToArray(), ["files/bytes"] = [0, 2] };
        var first = await CommitAsync([.. before.Select(file => Add(file.Key, file.Value))]);
        var second = await CommitAsync([Delete("files", recursive: true), .. after.Select(file => Add(file.Key, file.Value))]);

        var files = await DiffAsync(first.Id, second.Id);

        using var git = await Git.InitAsync();
        var expected = await git.RunAsync(["-c", "core.quotePath=false", "diff", "--full-index", "-M100%", await git.WriteTreeAsync(before), await git.WriteTreeAsync(after)]);
        // Where it is in a function git says behind the numbers of lines.
        Assert.Equal(string.Join('\n', expected.Split('\n').Select(line => line.StartsWith("@@", StringComparison.Ordinal) ? line[..(line.LastIndexOf("@@", StringComparison.Ordinal) + 2)] : line)) + "\n", Encoding.UTF8.GetString(Patch(files)));
        Assert.Equal(["files/bytes: it is not text"], files.Where(file => file.Omitted.Length > 0).Select(file => $"{file.Change.After.Path}: {file.Omitted}"));
    }

    [Fact]
    public async Task DiffRevisions_OfLargeFiles_IsOfTheirPointers()
    {
        await CreateAsync();
        await CommitAsync(Add(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text"), Large("w.bin", Artifacts.Upload("acme", "one", 5_000_000_000)));
        await CommitAsync(Large("w.bin", Artifacts.Upload("acme", "two", 6_000_000_000)));

        var lines = Encoding.UTF8.GetString(Patch(await DiffAsync("", "main"))).Split('\n');

        Assert.Contains("-size 5000000000", lines);
        Assert.Contains("+size 6000000000", lines);
        Assert.Contains(" version https://git-lfs.github.com/spec/v1", lines);
    }

    [Fact]
    public async Task DiffRevisions_OfVeryManyLines_NamesTheFile()
    {
        await CreateAsync();
        await CommitAsync(Add("long.txt", string.Concat(Enumerable.Repeat("x\n", 20_001))), Add("short.txt", "x\n"));

        var files = await DiffAsync("", "main");

        Assert.Equal(["it has more than 20000 lines", ""], files.Select(file => file.Omitted));
        Assert.EndsWith("its lines are not compared: it has more than 20000 lines\n", files[0].Patch.ToStringUtf8(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task DiffRevisions_InPages_IsWhole()
    {
        await CreateAsync();
        var commit = await CommitAsync([.. Enumerable.Range(0, 7).Select(i => Add($"{i}.txt", $"{i}"))]);
        var (pages, asked) = (new List<int>(), new DiffRevisionsRequest { Name = Model, Revision = "main", PageSize = 3 });
        do
        {
            var page = await Engineer.DiffRevisionsAsync(asked, cancellationToken: Cancel);
            Assert.Equal(("", commit.Id, 7), (page.Base, page.Commit, page.Total));
            pages.Add(page.Files.Count);
            asked.PageToken = page.NextPageToken;
        }
        while (asked.PageToken.Length > 0);

        Assert.Equal([3, 3, 1], pages);
        Assert.Equal("BAD_PAGE_SIZE", await ReasonAsync(Engineer.DiffRevisionsAsync(new() { Name = Model, PageSize = 301 }, cancellationToken: Cancel)));
        Assert.Equal("BAD_PAGE_TOKEN", await ReasonAsync(Engineer.DiffRevisionsAsync(new() { Name = Model, PageToken = "x" }, cancellationToken: Cancel)));
        Assert.Equal("REPOSITORY_NOT_FOUND", await ReasonAsync(Stranger.DiffRevisionsAsync(new() { Name = Model }, cancellationToken: Cancel)));
    }

    [Fact]
    public async Task DiffRevisions_OfWhatOneMayNotRead_NamesTheFile()
    {
        await CreateAsync();
        await CommitAsync(Add("bad.pkl", "cos\nsystem\n(S'true'\ntR."));
        var wanted = new DiffRevisionsRequest { Name = Model, Revision = "main" };

        var seen = Assert.Single((await As(People.Person("leo", "acme", Roles.Legal)).DiffRevisionsAsync(wanted, cancellationToken: Cancel)).Files);
        var reviewed = Assert.Single((await Engineer.DiffRevisionsAsync(wanted, cancellationToken: Cancel)).Files);

        Assert.StartsWith("FILE_NOT_CLEAN", seen.Omitted, StringComparison.Ordinal);
        Assert.DoesNotContain("(S'true'", seen.Patch.ToStringUtf8(), StringComparison.Ordinal);
        Assert.Contains("+(S'true'\n", reviewed.Patch.ToStringUtf8(), StringComparison.Ordinal);
    }

    private async Task<IReadOnlyList<FileDiff>> DiffAsync(string from, string to) =>
        (await Engineer.DiffRevisionsAsync(new() { Name = Model, Base = from, Revision = to, PageSize = 300 }, cancellationToken: Cancel)).Files;

    private static byte[] Patch(IEnumerable<FileDiff> files) => [.. files.SelectMany(file => file.Patch)];

    private static IEnumerable<KeyValuePair<string, byte[]>> Placed(Dictionary<string, byte[]> files) => files.Select(file => KeyValuePair.Create("files/" + file.Key, file.Value));

    /// <summary>As <c>git diff --numstat --no-renames</c> counts them.</summary>
    private static IEnumerable<string> Counted(FileDiff file)
    {
        if (file.Change.Kind is FileChangeKind.Renamed)
        {
            throw new InvalidOperationException("texts are told apart by their first line");
        }

        var body = Encoding.Latin1.GetString(file.Patch.Span).Split('\n').SkipWhile(line => !line.StartsWith("@@", StringComparison.Ordinal)).ToList();
        yield return $"{body.Count(line => line.StartsWith('+'))}\t{body.Count(line => line.StartsWith('-'))}\t{(file.Change.After ?? file.Change.Before).Path}";
    }

    /// <summary>Files whose lines are few enough that many of them are equal, with and without an end of the last one.</summary>
    private static (Dictionary<string, byte[]> Before, Dictionary<string, byte[]> After) Texts(Random random, int seed)
    {
        var (before, after) = (new Dictionary<string, byte[]>(), new Dictionary<string, byte[]>());
        for (var file = 0; file < 8; file++)
        {
            var lines = Enumerable.Range(0, random.Next(0, 60)).Select(_ => $"{(char)('a' + random.Next(6))}{(random.Next(9) is 0 ? "ü\r" : "")}\n").ToList();
            var changed = lines.SelectMany(line => random.Next(8) switch { 0 => [], 1 => [line, "new\n"], 2 => [$"{line}!\n"], _ => new[] { line } }).ToList();
            before[$"f {file}"] = Encoding.Latin1.GetBytes($"{seed} {file}\n{string.Concat(lines)}{(random.Next(3) is 0 ? "end" : "")}");
            after[$"f {file}"] = Encoding.Latin1.GetBytes($"{seed} {file}\n{string.Concat(changed)}{(random.Next(3) is 0 ? "end" : "")}");
        }

        before["gone"] = Encoding.UTF8.GetBytes($"gone {seed}\nfor good");
        after["come"] = Encoding.UTF8.GetBytes($"come {seed}\nto stay\n");
        return (before, after);
    }
}

public sealed class LinesOnSqliteTests() : LineTests(Engine.Sqlite);

public sealed class LinesOnPostgresTests() : LineTests(Engine.Postgres);

/// <summary>Lines by themselves.</summary>
public sealed class LineDiffTests
{
    [Theory]
    [InlineData("", "", "")]
    [InlineData("", "a", "0-0 0+1")]
    [InlineData("a", "", "0-1 0+0")]
    [InlineData("a b c", "a c", "1-1 1+0")]
    [InlineData("a c", "a b c", "1-0 1+1")]
    [InlineData("a b c", "x b y", "0-1 0+1,2-1 2+1")]
    public void Of_TwoTexts_IsTheShortestWay(string before, string after, string expected)
    {
        var edits = LineDiff.Of(Lines(before), Lines(after), Patience.Cancel);

        Assert.Equal(expected, string.Join(',', edits.Select(edit => $"{edit.Before}-{edit.Deleted} {edit.After}+{edit.Added}")));
    }

    [Fact]
    public void Of_SeveralShortestWays_IsOneOfThem() =>
        Assert.Equal(5, LineDiff.Of(Lines("a b c a b b a"), Lines("c b a b a c"), Patience.Cancel).Sum(edit => edit.Deleted + edit.Added));

    [Fact]
    public void Of_VeryManyDifferences_ReplacesAllBetween()
    {
        var before = Lines($"first {string.Join(' ', Enumerable.Range(0, 600).Select(i => $"a{i} same"))} last");
        var after = Lines($"first {string.Join(' ', Enumerable.Range(0, 600).Select(i => $"b{i} same"))} last");

        Assert.Equal([new(1, 1199, 1, 1199)], LineDiff.Of(before, after, Patience.Cancel));
    }

    private static IReadOnlyList<ReadOnlyMemory<byte>> Lines(string text) => LineDiff.Split(Encoding.UTF8.GetBytes(string.Concat(text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(line => line + "\n"))));
}
