using System.Security.Cryptography;
using System.Text;
using ModelGarden.Contracts.V1;
using ModelGarden.Testing;

namespace ModelGarden.Catalog.Tests;

/// <summary>What upstream said of files, held against them when they came and ever since.</summary>
public abstract class OriginTests(Engine engine) : CatalogContract(engine)
{
    private readonly ManualClock _clock = new(new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    protected override TimeProvider Clock => _clock;

    private const string Address = "https://garden.example.com/maker/llama";

    [Fact]
    public async Task Record_OfAllKindsOfFiles_IsKeptWithTheSourceAndInTheHistory()
    {
        var (repository, commit, weights) = await ImportAsync();

        var record = await RecordAsync(Small("README.md", Card), new() { Path = "config.json", Sha256 = Sha256("{}"), Size = 2 }, LargeFile("w.bin", weights));

        var text = $"{Oid(Card)} {Oid(Card)} - {Card.Length} README.md\n{Oid("{}")} - {Sha256("{}")} 2 config.json\n{PointerOid(weights)} - {weights.Sha256} {weights.Size} w.bin\n";
        Assert.Equal((1, commit.Id, "ann", SourceKind.Mirrored, Address, "v1"), (record.Number, record.Revision, record.Account, record.Source.Kind, record.Source.Origin, record.Source.OriginRevision));
        Assert.Equal((3, Sha256(text)), (record.Source.Checksums.Files, record.Source.Checksums.Digest));
        var told = await UntilAsync(repository.Id, state => state.Source.Checksums is not null);
        Assert.Equal(record.Source, told.Source);
        var steps = (await Engineer.ListLifecycleAsync(new() { Name = Model }, cancellationToken: Cancel)).Steps;
        Assert.Equal((LifecycleAction.Import, commit.Id, "ann", $"record 1: 3 files of {Address} at v1, checksums {Sha256(text)}"), steps.Select(step => (step.Action, step.Revision, step.Account, step.Comment)).Single());
        Assert.Equal(("", steps[0].Hash), await VerifiedAsync());
    }

    [Fact]
    public async Task Get_AfterFilesChanged_SaysWhichAreAsUpstreamHadThem()
    {
        var (_, commit, weights) = await ImportAsync();
        await RecordAsync(Small("README.md", Card), Small("config.json", "{}"), LargeFile("w.bin", weights));
        await CommitAsync(Add("README.md", Card + "More.\n"), Add("mine/notes", "here"), Delete("config.json"));

        var origin = await GetAsync();
        var gone = await Engineer.GetOriginAsync(new() { Name = Model, States = { OriginFileState.Removed } }, cancellationToken: Cancel);
        var before = await Engineer.GetOriginAsync(new() { Name = Model, Revision = commit.Id }, cancellationToken: Cancel);

        Assert.Equal(
            [(".gitattributes", OriginFileState.Added), ("README.md", OriginFileState.Changed), ("config.json", OriginFileState.Removed), ("mine/notes", OriginFileState.Added), ("w.bin", OriginFileState.Same)],
            origin.Files.Select(file => (file.Path, file.State)));
        Assert.Equal((1, 1, 2, 1), (origin.Same, origin.Changed, origin.Added, origin.Removed));
        Assert.Equal((Oid(Card), Oid(Card + "More.\n")), (origin.Files[1].Upstream.Oid, origin.Files[1].Here.Oid));
        Assert.Null(origin.Files[2].Here);
        Assert.Null(origin.Files[3].Upstream);
        Assert.Equal(("config.json", 1, 1), (Assert.Single(gone.Files).Path, gone.Same, gone.Removed));
        Assert.Equal((commit.Id, 3, 0, 1, 0), (before.Commit, before.Same, before.Changed, before.Added, before.Removed));
    }

    [Fact]
    public async Task Get_InPages_IsTheWholeListOfOneCommit()
    {
        await CreateAsync();
        var files = Enumerable.Range(0, 25).Select(i => ($"f{i:00}", $"{i}")).ToList();
        await CommitAsync([.. files.Select(file => Add(file.Item1, file.Item2))]);
        await RecordAsync([.. files.Select(file => Small(file.Item1, file.Item2))]);
        var request = new GetOriginRequest { Name = Model, PageSize = 10 };
        var paths = new List<string>();

        for (var page = 0; page < 3; page++)
        {
            var origin = await Engineer.GetOriginAsync(request, cancellationToken: Cancel);
            paths.AddRange(origin.Files.Select(file => file.Path));
            Assert.Equal((25, page == 2), (origin.Same, origin.NextPageToken.Length is 0));
            request.PageToken = origin.NextPageToken;
            await CommitAsync(Add($"later{page}", "x"));
        }

        Assert.Equal(files.Select(file => file.Item1), paths);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public async Task Get_InPagesOfAnySize_IsWhatOnePageIs(int size)
    {
        await CreateAsync();
        string[] names = ["a-b", "a.txt", "a/b", "a/c/d", "a0", "b/a", "b/z", "c", "ä/é"];
        await CommitAsync([.. names.Select(name => Add(name, name))]);
        await RecordAsync([.. names.Where(name => name is not "a.txt").Select(name => Small(name, name))]);
        await CommitAsync(Delete("c"), Delete("b", recursive: true), Add("a/c/d", "changed"), Add("zz", "new"), Add("A", "new"));

        foreach (var states in new OriginFileState[][] { [], [OriginFileState.Removed], [OriginFileState.Same, OriginFileState.Added] })
        {
            var request = new GetOriginRequest { Name = Model, States = { states } };
            var whole = await Engineer.GetOriginAsync(request, cancellationToken: Cancel);
            var files = new List<OriginFileStatus>();
            request.PageSize = size;
            do
            {
                var page = await Engineer.GetOriginAsync(request, cancellationToken: Cancel);
                Assert.Equal((whole.Same, whole.Changed, whole.Added, whole.Removed), (page.Same, page.Changed, page.Added, page.Removed));
                Assert.InRange(page.Files.Count, 1, size);
                files.AddRange(page.Files);
                request.PageToken = page.NextPageToken;
            }
            while (request.PageToken.Length > 0);

            Assert.Equal((4, 1, 3, 3), (whole.Same, whole.Changed, whole.Added, whole.Removed));
            Assert.Equal(whole.Files, files);
        }
    }

    [Fact]
    public async Task Get_OfALaterPage_ReadsOnlyWhatIsBehindTheOneBefore()
    {
        await CreateAsync();
        var files = Enumerable.Range(0, 2500).Select(i => ($"f{i:0000}", $"{i}")).ToList();
        await CommitAsync([.. files.Select(file => Add(file.Item1, file.Item2))]);
        await RecordAsync([.. files.Select(file => Small(file.Item1, file.Item2))]);
        var request = new GetOriginRequest { Name = Model, PageSize = 1000 };
        request.PageToken = (await Engineer.GetOriginAsync(request, cancellationToken: Cancel)).NextPageToken;
        // Whoever needs the beginning of the list again does not find it.
        await ExecuteAsync("DELETE FROM origin_files WHERE place = 0");
        var second = await Engineer.GetOriginAsync(request, cancellationToken: Cancel);
        await ExecuteAsync("DELETE FROM origin_files WHERE place = 1");
        request.PageToken = second.NextPageToken;

        var third = await Engineer.GetOriginAsync(request, cancellationToken: Cancel);

        Assert.Equal((1000, "f1000", 2500), (second.Files.Count, second.Files[0].Path, second.Same));
        Assert.Equal((500, "f2000", 2500, ""), (third.Files.Count, third.Files[0].Path, third.Same, third.NextPageToken));
        Assert.All(third.Files, file => Assert.Equal(OriginFileState.Same, file.State));
    }

    [Theory]
    [InlineData("UPDATE origin_files SET content = '{0}'", "the files of record 1 of an origin are not those that were recorded")]
    [InlineData("DELETE FROM origin_files", "the files of record 1 of an origin are not those that were recorded")]
    [InlineData("UPDATE origins SET source_revision = 'v2'", "record 1 of an origin is not what a step of the history says that was imported")]
    [InlineData("DELETE FROM origins", "a step of the history imported 'record 1: ")]
    public async Task VerifyLifecycle_OfAListThatWasRewrittenOnDisk_SaysWhichRecord(string statement, string expected)
    {
        await ImportAsync();
        await RecordAsync(Small("README.md", Card));
        var whole = await Engineer.VerifyLifecycleAsync(new() { Name = Model }, cancellationToken: Cancel);
        // The file here is said to have been another one from the beginning: all that upstream said is as it was.
        var rewritten = $"- {Oid(Card)} - {Card.Length} README.md\n";

        await ExecuteAsync(statement.Replace("'{0}'", IsPostgres ? $"convert_to('{rewritten}', 'UTF8')" : $"CAST('{rewritten}' AS BLOB)", StringComparison.Ordinal));

        Assert.Equal(("", 1, 0), (whole.Fault, whole.Origins, whole.OriginsLeft));
        Assert.StartsWith(expected, (await VerifiedAsync()).Fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Record_FromBeforeDigestsSaidWhatFilesWereHere_IsStillVerified_AndStillTheSame()
    {
        await ImportAsync();
        var record = await RecordAsync(Small("README.md", Card));
        var (now, then) = (record.Source.Checksums.Digest, Sha256($"{Oid(Card)} - {Card.Length} README.md\n"));
        foreach (var statement in new[] { "UPDATE origins SET digest = '{1}'", "UPDATE repositories SET source_digest = '{1}'", "UPDATE lifecycle_steps SET comment = REPLACE(comment, '{0}', '{1}'), hash = ''", "UPDATE repositories SET step_hash = ''" })
        {
            await ExecuteAsync(statement.Replace("{0}", now, StringComparison.Ordinal).Replace("{1}", then, StringComparison.Ordinal));
        }

        var again = await RecordAsync(Small("README.md", Card));

        Assert.Equal((1, then), (again.Number, again.Source.Checksums.Digest));
        var verified = await Engineer.VerifyLifecycleAsync(new() { Name = Model }, cancellationToken: Cancel);
        Assert.Equal(("", 1), (verified.Fault, verified.Origins));
    }

    [Fact]
    public async Task Record_NamingAPathTwice_IsRefusedInTheCallThatDoes()
    {
        await ImportAsync();
        var begun = Request(Small("README.md", Card));
        begun.More = true;
        var open = await Engineer.RecordOriginAsync(begun, cancellationToken: Cancel);

        var twice = await ErrorAsync(Engineer.RecordOriginAsync(
            new() { Name = Model, Number = open.Number, More = true, Files = { Small("config.json", "{}"), new OriginFile { Path = "README.md", Oid = Oid(Card) } } }, cancellationToken: Cancel));

        Assert.Equal(("BAD_ORIGIN", "'README.md' is named twice, in this call or in one of those before it"), (twice.Reason, twice.Message));
        var whole = await Engineer.RecordOriginAsync(new() { Name = Model, Number = open.Number, Files = { Small("config.json", "{}") } }, cancellationToken: Cancel);
        Assert.Equal(2, whole.Source.Checksums.Files);
    }

    [Theory]
    [InlineData("README.md", "other", null, "has the oid")]
    [InlineData("README.md", Card, 3L, "bytes upstream")]
    [InlineData("config.json", "{ }", null, "has the oid")]
    [InlineData("nowhere", "x", null, "is not here")]
    [InlineData("w.bin", "x", null, "is a large file here")]
    public async Task Record_OfAFileThatIsOtherwise_NamesItAndKeepsNothing(string path, string content, long? size, string words)
    {
        var (repository, _, _) = await ImportAsync();
        var file = Small(path, content);
        file.ClearSize();
        if (size is { } told)
        {
            file.Size = told;
        }

        var error = await ErrorAsync(Engineer.RecordOriginAsync(Request(file), cancellationToken: Cancel));
        var large = await ErrorAsync(Engineer.RecordOriginAsync(Request(new OriginFile { Path = "w.bin", Sha256 = Sha256("other") }), cancellationToken: Cancel));
        var small = await ErrorAsync(Engineer.RecordOriginAsync(Request(new OriginFile { Path = "config.json", Sha256 = Sha256("other"), Oid = Oid("{}") }), cancellationToken: Cancel));

        Assert.Equal("ORIGIN_DIFFERS", error.Reason);
        Assert.StartsWith($"'{path}' ", error.Message, StringComparison.Ordinal);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.Equal(("ORIGIN_DIFFERS", "ORIGIN_DIFFERS"), (large.Reason, small.Reason));
        Assert.Equal("ORIGIN_NOT_FOUND", await ReasonAsync(Engineer.GetOriginAsync(new() { Name = Model }, cancellationToken: Cancel)));
        Assert.Equal(repository.Source, (await Engineer.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)).Source);
    }

    [Fact]
    public async Task Record_OfAttributesThatTheCatalogAddedTo_SaysThatTheyChanged()
    {
        var (_, _, weights) = await ImportAsync();

        await RecordAsync(Small(".gitattributes", "*.bin filter=lfs\n"), LargeFile("w.bin", weights));

        Assert.Equal([".gitattributes"], (await GetAsync()).Files.Where(file => file.State is OriginFileState.Changed).Select(file => file.Path));
    }

    [Fact]
    public async Task Record_Again_IsTheSameRecord_AndOfANewerRevisionAnother()
    {
        await ImportAsync();
        var first = await RecordAsync(Small("README.md", Card));
        var again = await RecordAsync(Small("README.md", Card));
        var commit = await CommitAsync(Add("README.md", "# Llama 2\n"));

        var second = await Engineer.RecordOriginAsync(Request("v2", Small("README.md", "# Llama 2\n")), cancellationToken: Cancel);

        Assert.Equal(first, again);
        Assert.Equal((2, commit.Id, "v2"), (second.Number, second.Revision, second.Source.OriginRevision));
        Assert.Equal([second, first], (await Engineer.ListOriginsAsync(new() { Name = Model }, cancellationToken: Cancel)).Records);
        Assert.Equal(first, (await Engineer.GetOriginAsync(new() { Name = Model, Revision = first.Revision }, cancellationToken: Cancel)).Record);
        Assert.Equal((first, 1), (await Engineer.GetOriginAsync(new() { Name = Model, Number = 1 }, cancellationToken: Cancel) is { } old ? (old.Record, old.Changed) : default));
        Assert.Equal(2, (await Engineer.ListLifecycleAsync(new() { Name = Model }, cancellationToken: Cancel)).Steps.Count);
    }

    [Fact]
    public async Task Record_InSeveralCalls_IsOneRecord_HoweverOftenTheyAreMade()
    {
        var (_, _, weights) = await ImportAsync();
        var begun = Request(LargeFile("w.bin", weights));
        begun.More = true;
        await Engineer.RecordOriginAsync(begun, cancellationToken: Cancel);

        var open = await Engineer.RecordOriginAsync(begun, cancellationToken: Cancel);
        var rest = new RecordOriginRequest { Name = Model, Number = open.Number, More = true, Files = { Small("config.json", "{}") } };
        await Engineer.RecordOriginAsync(rest, cancellationToken: Cancel);
        await Engineer.RecordOriginAsync(rest, cancellationToken: Cancel);
        var last = new RecordOriginRequest { Name = Model, Number = open.Number, Files = { Small("README.md", Card) } };
        var hidden = await ReasonAsync(Engineer.GetOriginAsync(new() { Name = Model }, cancellationToken: Cancel));
        _clock.Jump(TimeSpan.FromSeconds(1));
        var whole = await Engineer.RecordOriginAsync(last, cancellationToken: Cancel);

        Assert.Null(open.Source.Checksums);
        Assert.Equal("ORIGIN_NOT_FOUND", hidden);
        Assert.Equal(3, whole.Source.Checksums.Files);
        Assert.Equal(whole, await Engineer.RecordOriginAsync(last, cancellationToken: Cancel));
        Assert.Equal(whole, Assert.Single((await Engineer.ListOriginsAsync(new() { Name = Model }, cancellationToken: Cancel)).Records));
        Assert.Equal((3, 0), ((await GetAsync()).Same, (await GetAsync()).Removed));
        Assert.Equal("", (await VerifiedAsync()).Fault);
        last.Files[0] = Small("config.json", "{}");
        last.Files.Add(Small(".gitattributes", "x"));
        Assert.Equal("ORIGIN_COMPLETE", await ReasonAsync(Engineer.RecordOriginAsync(last, cancellationToken: Cancel)));
        last.Number = 9;
        Assert.Equal("ORIGIN_NOT_FOUND", await ReasonAsync(Engineer.RecordOriginAsync(last, cancellationToken: Cancel)));
    }

    [Fact]
    public async Task Record_BadRequests_AreRefusedWithTheirReason()
    {
        await ImportAsync();

        Assert.Equal("BAD_ORIGIN", await ReasonAsync(Engineer.RecordOriginAsync(Request([]), cancellationToken: Cancel)));
        Assert.Equal("BAD_ORIGIN", await ReasonAsync(Engineer.RecordOriginAsync(Request(new OriginFile { Path = "README.md" }), cancellationToken: Cancel)));
        Assert.Equal("BAD_ORIGIN", await ReasonAsync(Engineer.RecordOriginAsync(Request(new OriginFile { Path = "README.md", Oid = "xyz" }), cancellationToken: Cancel)));
        Assert.Equal("BAD_ORIGIN", await ReasonAsync(Engineer.RecordOriginAsync(Request(new OriginFile { Path = "README.md", Sha256 = "xyz" }), cancellationToken: Cancel)));
        Assert.Equal("BAD_ORIGIN", await ReasonAsync(Engineer.RecordOriginAsync(Request(new OriginFile { Path = "README.md", Oid = Oid(Card), Size = -1 }), cancellationToken: Cancel)));
        Assert.Equal("BAD_ORIGIN", await ReasonAsync(Engineer.RecordOriginAsync(Request(Small("README.md", Card), Small("README.md", Card)), cancellationToken: Cancel)));
        Assert.Equal("BAD_PATH", await ReasonAsync(Engineer.RecordOriginAsync(Request(Small("../README.md", Card)), cancellationToken: Cancel)));
        var unknown = Request(Small("README.md", Card));
        unknown.Revision = "nowhere";
        Assert.Equal("REVISION_NOT_FOUND", await ReasonAsync(Engineer.RecordOriginAsync(unknown, cancellationToken: Cancel)));
        unknown = Request(Small("README.md", Card));
        unknown.Source.Origin = "\u0001";
        Assert.Equal("BAD_SOURCE", await ReasonAsync(Engineer.RecordOriginAsync(unknown, cancellationToken: Cancel)));
        Assert.Equal("REPOSITORY_NOT_FOUND", await ReasonAsync(Stranger.RecordOriginAsync(Request(Small("README.md", Card)), cancellationToken: Cancel)));
        Assert.Equal("BAD_ACTION", await ReasonAsync(Curator.ChangeLifecycleAsync(new() { Name = Model, Action = LifecycleAction.Import }, cancellationToken: Cancel)));
        Assert.Equal("BAD_PAGE_TOKEN", await ReasonAsync(Engineer.GetOriginAsync(new() { Name = Model, PageToken = "x" }, cancellationToken: Cancel)));
        await StepAsync(LifecycleAction.Submit);
        Assert.Equal("UNDER_REVIEW", await ReasonAsync(Engineer.RecordOriginAsync(Request(Small("README.md", Card)), cancellationToken: Cancel)));
    }

    [Fact]
    public async Task Get_OfWhatOthersMayNotSee_TellsThemNothingOfIt()
    {
        await ImportAsync();
        await RecordAsync(Small("README.md", Card), Small("config.json", "{}"));
        Assert.Equal("REPOSITORY_NOT_FOUND", await ReasonAsync(Stranger.GetOriginAsync(new() { Name = Model }, cancellationToken: Cancel)));
        await CommitAsync(Delete("config.json"));
        foreach (var action in new[] { LifecycleAction.Submit, LifecycleAction.Approve, LifecycleAction.Publish })
        {
            await StepAsync(action);
        }

        await CommitAsync(Add("README.md", "# Llama 2\n"));
        await Engineer.RecordOriginAsync(Request("v2", Small("README.md", "# Llama 2\n")), cancellationToken: Cancel);

        var seen = await Stranger.GetOriginAsync(new() { Name = Model }, cancellationToken: Cancel);

        Assert.Equal((1, "", "", "v1"), (seen.Record.Number, seen.Record.Revision, seen.Record.Account, seen.Record.Source.OriginRevision));
        Assert.DoesNotContain(seen.Files, file => file.Path is "config.json");
        Assert.Equal((1, 0), (seen.Same, seen.Removed));
        Assert.Equal([1L], (await Stranger.ListOriginsAsync(new() { Name = Model }, cancellationToken: Cancel)).Records.Select(record => record.Number));
        Assert.Equal("ORIGIN_NOT_FOUND", await ReasonAsync(Stranger.GetOriginAsync(new() { Name = Model, Number = 2 }, cancellationToken: Cancel)));
        Assert.Equal(seen.Record.Source, (await Stranger.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)).Source);
        Assert.Equal("v2", (await Engineer.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)).Source.OriginRevision);

        await Engineer.UpdateRepositoryAsync(new() { Name = Model, Source = new() { Kind = SourceKind.Mirrored, Origin = "https://elsewhere.example", OriginRevision = "v3" } }, cancellationToken: Cancel);
        Assert.Equal(seen.Record.Source, (await Stranger.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)).Source);

        await CommitAsync(Add("README.md", Card));
        await Upstream.RecordAsync(Engineer, Model, "https://elsewhere.example", "v3", Small("README.md", Card));
        foreach (var action in new[] { LifecycleAction.Submit, LifecycleAction.Approve, LifecycleAction.Publish })
        {
            await StepAsync(action);
        }

        Assert.Equal("v3", (await Stranger.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)).Source.OriginRevision);
    }

    [Fact]
    public async Task Get_AfterASquash_FindsWhatCameBeforeIt()
    {
        await ImportAsync();
        await RecordAsync(Small("README.md", Card));
        await CommitAsync(Add("a", "1"));
        await Engineer.SquashBranchAsync(new() { Name = Model, Branch = "main", Summary = "one" }, cancellationToken: Cancel);
        await CommitAsync(Add("b", "2"));

        Assert.Equal((1L, 1), (await GetAsync() is { } origin ? (origin.Record.Number, origin.Same) : default));
    }

    [Fact]
    public async Task Update_OfTheSource_KeepsTheChecksumsOfThatSourceAlone()
    {
        await ImportAsync();
        var record = await RecordAsync(Small("README.md", Card));

        var same = await Engineer.UpdateRepositoryAsync(new() { Name = Model, Source = new(record.Source) { Checksums = null } }, cancellationToken: Cancel);
        var other = await Engineer.UpdateRepositoryAsync(new() { Name = Model, Source = new(record.Source) { OriginRevision = "v9" } }, cancellationToken: Cancel);
        var back = await RecordAsync(Small("README.md", Card));

        Assert.Equal(record.Source, same.Source);
        Assert.Null(other.Source.Checksums);
        Assert.Equal((2, record.Source), (back.Number, back.Source));
    }

    [Fact]
    public async Task Duplicate_HasTheFilesOfTheOtherAsItsOrigin()
    {
        var (_, commit, weights) = await ImportAsync();

        var copy = await Engineer.DuplicateRepositoryAsync(new() { Name = Model, NewName = "acme/copy" }, cancellationToken: Cancel);
        var origin = await Engineer.GetOriginAsync(new() { Name = "acme/copy" }, cancellationToken: Cancel);

        Assert.Equal((4, Model, commit.Id), (copy.Source.Checksums.Files, copy.Source.Origin, copy.Source.OriginRevision));
        Assert.Equal(copy.Source, (await Engineer.GetRepositoryAsync(new() { Name = "acme/copy" }, cancellationToken: Cancel)).Source);
        var verified = await Engineer.VerifyLifecycleAsync(new() { Name = "acme/copy" }, cancellationToken: Cancel);
        Assert.Equal(("", 1L, 64), (verified.Fault, verified.Steps, verified.Head.Length));
        Assert.Equal((4, 0, 0, 0), (origin.Same, origin.Changed, origin.Added, origin.Removed));
        Assert.Equal(weights.Sha256, origin.Files.Single(file => file.Path is "w.bin").Upstream.Sha256);
        Assert.Equal([LifecycleAction.Import], (await Engineer.ListLifecycleAsync(new() { Name = "acme/copy" }, cancellationToken: Cancel)).Steps.Select(step => step.Action));
    }

    [Fact]
    public async Task Get_AfterTwoBranchesWereSquashedIntoOneCommit_FindsWhatCameBeforeEach()
    {
        await CreateAsync();
        await CommitAsync(Add("README.md", Card));
        await Engineer.CreateRefAsync(new() { Name = Model, Ref = "refs/heads/side" }, cancellationToken: Cancel);
        await CommitAsync(Add("a", "1"));
        var side = await Engineer.CreateCommitAsync(new() { Name = Model, Branch = "side", Summary = "the same otherwise", Operations = { Add("a", "1") } }, cancellationToken: Cancel);
        await Engineer.RecordOriginAsync(new(Request(Small("a", "1"))) { Revision = side.Id }, cancellationToken: Cancel);
        var main = await SquashAsync("main");
        var same = await SquashAsync("side");

        Assert.Equal(main, same);
        Assert.Equal(1, (await GetAsync()).Record.Number);
    }

    private async Task<string> SquashAsync(string branch) =>
        (await Engineer.SquashBranchAsync(new() { Name = Model, Branch = branch, Summary = "one" }, cancellationToken: Cancel)).Id;

    private async Task<(Repository Repository, Commit Commit, StoredFile Weights)> ImportAsync()
    {
        var weights = Artifacts.Upload("acme", "weights", 5_000_000_000);
        await CreateAsync();
        var commit = await CommitAsync(Add("README.md", Card), Add("config.json", "{}"), Large("w.bin", weights));
        return (await Engineer.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel), commit, weights);
    }

    private async Task<OriginRecord> RecordAsync(params OriginFile[] files) => await Engineer.RecordOriginAsync(Request(files), cancellationToken: Cancel);

    private async Task<GetOriginResponse> GetAsync() => await Engineer.GetOriginAsync(new() { Name = Model }, cancellationToken: Cancel);

    private async Task<(string Fault, string Head)> VerifiedAsync()
    {
        var verified = await Engineer.VerifyLifecycleAsync(new() { Name = Model }, cancellationToken: Cancel);
        return (verified.Fault, verified.Head);
    }

    private static RecordOriginRequest Request(params OriginFile[] files) => Request("v1", files);

    private static RecordOriginRequest Request(string revision, params OriginFile[] files) =>
        new() { Name = Model, Source = new() { Kind = SourceKind.Mirrored, Origin = Address, OriginRevision = revision }, Files = { files } };

    private static OriginFile Small(string path, string content) => Upstream.File(path, content);

    private static OriginFile LargeFile(string path, StoredFile file) => new() { Path = path, Sha256 = file.Sha256, Size = file.Size };

    private static string Oid(string content) => Kernel.ObjectId.Of("blob", Encoding.UTF8.GetBytes(content)).Hex;

    private static string PointerOid(StoredFile file) => Oid($"version https://git-lfs.github.com/spec/v1\noid sha256:{file.Sha256}\nsize {file.Size}\n");

    private static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}

public sealed class OriginOnSqliteTests() : OriginTests(Engine.Sqlite);

public sealed class OriginOnPostgresTests() : OriginTests(Engine.Postgres);
