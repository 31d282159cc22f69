using Microsoft.AspNetCore.Http;
using ModelGarden.Cli.Tests.Doubles;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Tests.Commands;

/// <summary>Models that come from a folder or from another garden, with where they are from.</summary>
public sealed class ImportTests : IAsyncLifetime
{
    private static readonly byte[] Weights = [.. Enumerable.Range(0, 2_500_000).Select(i => (byte)(i * 17 / 5))];
    private GardenDouble _garden = null!;
    private GardenDouble _other = null!;
    private HubDouble _hub = null!;
    private HubDouble _theirs = null!;
    private Machine _machine = null!;
    private readonly List<RecordOriginRequest> _told = [];

    private Source? Kept => _told is [var first, ..] ? first.Source : null;

    public async ValueTask InitializeAsync()
    {
        (_garden, _other) = (await GardenDouble.StartAsync(), await GardenDouble.StartAsync());
        (_hub, _theirs) = (new(_garden), new(_other, "maker/llama"));
        _garden.On<RecordOriginRequest>("RecordOrigin", request =>
        {
            _told.Add(request);
            return new OriginRecord { Number = 3, Revision = _hub.Repository.Head, Source = request.Source };
        });
        _garden.On<GetOriginRequest>("GetOrigin", request => new GetOriginResponse
        {
            Record = new() { Number = request.Number, Revision = request.Revision, Source = new(Kept) { Checksums = new() { Files = 4, Digest = new('d', 64) } } },
            Commit = request.Revision,
            Same = 4,
            Added = 1,
        });
        _machine = new(_garden);
        _theirs.Add("README.md", "# Llama"u8.ToArray());
        _theirs.Add(".gitignore", "notes.txt"u8.ToArray());
        _theirs.Add("notes.txt", "wanted"u8.ToArray());
        _theirs.Add("sub/weights.bin", Weights);
    }

    public async ValueTask DisposeAsync()
    {
        _machine.Dispose();
        await _garden.DisposeAsync();
        await _other.DisposeAsync();
    }

    private Task<Ran> ImportAsync(params string[] options) => _machine.RunAsync(["models", "import", $"{_other.Address}/maker/llama", "--name", "acme/tiny", .. options]);

    [Fact]
    public async Task Import_FromAGarden_HasEveryFile_AndSaysWhereTheyAreFrom()
    {
        var ran = (await ImportAsync("--json")).Ok();

        Assert.Equal([".gitignore", "README.md", "notes.txt", "sub/weights.bin"], _hub.Files.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(Weights, _hub.Files["sub/weights.bin"]);
        Assert.Equal((SourceKind.Mirrored, $"{_other.Address}/maker/llama", _theirs.Repository.Head), (Kept!.Kind, Kept.Origin, Kept.OriginRevision));
        Assert.Equal((_hub.Repository.Head, 4, 3), ((string?)ran.Json["commit"], (int)ran.Json["sent"]!, (int)ran.Json["record"]!));
        Assert.Equal((4, new string('d', 64)), ((int)ran.Json["source"]!["checksums"]!["files"]!, (string?)ran.Json["source"]!["checksums"]!["digest"]));
        var told = Assert.Single(_told);
        Assert.Equal(("acme/tiny", _hub.Repository.Head, false), (told.Name, told.Revision, told.More));
        Assert.Equal(
            [(".gitignore", 9L, "", OidOf("notes.txt")), ("README.md", 7, "", OidOf("# Llama")), ("notes.txt", 6, "", OidOf("wanted")), ("sub/weights.bin", Weights.Length, HubDouble.Sha256(Weights), Kernel.ObjectId.Of("blob", Weights).Hex)],
            told.Files.Select(file => (file.Path, file.Size, file.Sha256, file.Oid)));
        Assert.Empty(Directory.GetFileSystemEntries(_machine.PathOf(".cache/garden/import")));
    }

    [Fact]
    public async Task Import_FromAGarden_ShowsItOneTokenAndNotTheOther()
    {
        _machine["GARDEN_SOURCE_TOKEN"] = "hf_garden_there";

        (await ImportAsync()).Ok();

        Assert.All(_other.Requests, seen => Assert.NotEqual("Bearer hf_garden_test", seen.Authorization));
        Assert.Contains(_other.Requests, seen => seen.Authorization is "Bearer hf_garden_there");
        Assert.All(_garden.Requests, seen => Assert.NotEqual("Bearer hf_garden_there", seen.Authorization));
    }

    [Fact]
    public async Task Import_Again_SendsOnlyWhatIsNew()
    {
        (await ImportAsync()).Ok();
        _hub.Files["mine.txt"] = "here alone"u8.ToArray();
        _theirs.Add("README.md", "# Llama 2"u8.ToArray());

        var ran = (await ImportAsync("--kind", "partner")).Ok();

        Assert.Contains("1 sent, 3 as they were", ran.Out, StringComparison.Ordinal);
        Assert.Contains("4 as upstream has them, 1 here alone", ran.Out, StringComparison.Ordinal);
        Assert.Equal(SourceKind.Partner, _told[^1].Source.Kind);
    }

    [Fact]
    public async Task Import_OfOneCommitTwiceAtOnce_KeepsEachToItsOwnFiles()
    {
        using var go = new ManualResetEventSlim();
        var (reached, isFirst) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), 1);
        _theirs.Spoil = (_, body) =>
        {
            if (Interlocked.Exchange(ref isFirst, 0) is 1)
            {
                reached.SetResult();
                go.Wait(Testing.Patience.Cancel);
            }

            return body;
        };
        var first = Task.Run(() => ImportAsync());
        await reached.Task.WaitAsync(Testing.Patience.Cancel);

        (await ImportAsync()).Ok();
        go.Set();

        (await first).Ok();
        Assert.Equal(Weights, _hub.Files["sub/weights.bin"]);
        Assert.Empty(Directory.GetFileSystemEntries(_machine.PathOf(".cache/garden/import")));
    }

    [Fact]
    public async Task Import_OfWhatSomebodyChangedMeanwhile_IsNotCalledTheirs()
    {
        _garden.Refuse("RecordOrigin", 409, "ORIGIN_DIFFERS", "'README.md' has the oid 1 upstream and 2 here");

        var ran = await ImportAsync();

        Assert.Equal(1, ran.Code);
        Assert.Contains("'README.md' has the oid 1 upstream and 2 here", ran.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_OfManyFiles_TellsTheirDigestsInSeveralCalls()
    {
        for (var i = 0; i < 400; i++)
        {
            _machine.Write($"got/{new string('é', 100)}/{new string('x', 230)}{i:000}", $"{i}");
        }

        (await _machine.RunAsync("models", "import", "got", "--name", "acme/tiny")).Ok();

        Assert.Equal([(0L, true), (3, false)], _told.Select(request => (request.Number, request.More)));
        Assert.Equal((_hub.Repository.Head, "", null), (_told[0].Revision, _told[1].Revision, _told[1].Source));
        Assert.Equal(400, _told.SelectMany(request => request.Files).Select(file => file.Path).Distinct().Count());
        Assert.All(_garden.Requests, seen => Assert.True(seen.Length < 1 << 20, $"{seen.Length} bytes"));
    }

    [Theory]
    [InlineData("../../../../escaped", "")]
    [InlineData("", "../../../../escaped")]
    public async Task Import_OfAGardenThatNamesDigestsLikePaths_WritesNothing(string sha256, string oid)
    {
        _other.On<ListTreeRequest>("ListTree", _ => new ListTreeResponse { Commit = _theirs.Repository.Head, Entries = { new TreeEntry { Path = "README.md", Size = 7, Sha256 = sha256, Oid = oid } } });

        var ran = await ImportAsync();

        Assert.Equal(1, ran.Code);
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(_machine.Home, "*", SearchOption.AllDirectories), path => path.Contains("escaped", StringComparison.Ordinal));
        Assert.Empty(_hub.Files);
    }

    [Fact]
    public async Task Import_ThatIsDone_LeavesNothingOfOneThatBrokeOffBesideIt()
    {
        _machine.Write($".cache/garden/import/{_theirs.Repository.Head}-2/weights.part", "half");

        (await ImportAsync()).Ok();

        Assert.Empty(Directory.GetFileSystemEntries(_machine.PathOf(".cache/garden/import")));
    }

    [Fact]
    public async Task Import_OfADataSetOfAnotherGarden_IsADataSetHere()
    {
        var (hub, theirs) = (new HubDouble(_garden, "acme/texts", Contracts.V1.RepositoryKind.Dataset), new HubDouble(_other, "maker/texts", Contracts.V1.RepositoryKind.Dataset));
        theirs.Add("data/train.csv", "a,b"u8.ToArray());
        var asked = new List<Contracts.V1.RepositoryKind>();
        _garden.On<CreateRepositoryRequest>("CreateRepository", request =>
        {
            asked.Add(request.Kind);
            hub.Exists = true;
            return hub.Repository;
        });
        _other.On<ListTreeRequest>("ListTree", request =>
        {
            asked.Add(request.Kind);
            return new ListTreeResponse { Commit = theirs.Repository.Head, Entries = { new TreeEntry { Path = "data/train.csv", Size = 3, Oid = OidOf("a,b") } } };
        });

        var ran = (await _machine.RunAsync("datasets", "import", $"{_other.Address}/datasets/maker/texts", "--name", "acme/texts")).Ok();

        Assert.Equal([Contracts.V1.RepositoryKind.Dataset, Contracts.V1.RepositoryKind.Dataset], asked);
        Assert.Equal("a,b"u8.ToArray(), hub.Files["data/train.csv"]);
        var told = Assert.Single(_told);
        Assert.Equal((Contracts.V1.RepositoryKind.Dataset, $"{_other.Address}/datasets/maker/texts"), (told.Kind, told.Source.Origin));
        Assert.Matches(@"(?m)^data set\s+acme/texts", ran.Out);
    }

    [Fact]
    public async Task Import_OfAFolderAsADataSet_HasTheOriginThatIsGiven()
    {
        var hub = new HubDouble(_garden, "acme/texts", Contracts.V1.RepositoryKind.Dataset);
        _machine.Write("got/README.md", "# Texts");

        (await _machine.RunAsync("datasets", "import", "got", "--name", "acme/texts", "--origin", "https://maker.example.com/texts", "--origin-revision", "v7")).Ok();

        Assert.Equal("# Texts"u8.ToArray(), hub.Files["README.md"]);
        Assert.Equal((Contracts.V1.RepositoryKind.Dataset, "https://maker.example.com/texts", "v7"), (_told[0].Kind, Kept!.Origin, Kept.OriginRevision));
    }

    [Theory]
    [InlineData("models", "https://garden.example.com/datasets/acme/texts", "garden datasets import takes those")]
    [InlineData("datasets", "https://garden.example.com/acme/llama", "is no data set's address")]
    [InlineData("datasets", "https://garden.example.com/datasets", "is no data set's address")]
    public async Task Import_OfTheOtherKind_IsWrongUsage(string group, string source, string words)
    {
        var ran = await _machine.RunAsync(group, "import", source, "--name", "acme/tiny");

        Assert.Equal(2, ran.Code);
        Assert.Contains(words, ran.Err, StringComparison.Ordinal);
        Assert.Empty(_garden.Requests);
    }

    [Fact]
    public async Task Import_OfAFolder_HasTheOriginThatIsGiven()
    {
        _machine.Write("got/README.md", "# Got");

        (await _machine.RunAsync("models", "import", "got", "--name", "acme/tiny", "--origin", "https://maker.example.com/llama", "--origin-revision", "v7")).Ok();

        Assert.Equal((SourceKind.Mirrored, "https://maker.example.com/llama", "v7"), (Kept!.Kind, Kept.Origin, Kept.OriginRevision));
        Assert.Equal("# Got"u8.ToArray(), _hub.Files["README.md"]);
        Assert.Equal(new OriginFile { Path = "README.md", Size = 5, Oid = OidOf("# Got") }, Assert.Single(Assert.Single(_told).Files));
    }

    [Theory]
    [InlineData("https://garden.example.com", "is no model's address")]
    [InlineData("https://garden.example.com/llama", "is no model's address")]
    [InlineData("ftp://garden.example.com/acme/llama", "is not a garden's address")]
    [InlineData("nowhere", "there is no folder")]
    public async Task Import_OfNoSource_IsWrongUsage(string source, string words)
    {
        var ran = await _machine.RunAsync("models", "import", source, "--name", "acme/tiny");

        Assert.Equal(2, ran.Code);
        Assert.Contains(words, ran.Err, StringComparison.Ordinal);
        Assert.Empty(_garden.Requests);
    }

    [Fact]
    public async Task Import_OfAGardensModel_WithAnOriginOfItsOwn_IsWrongUsage()
    {
        var ran = await ImportAsync("--origin", "elsewhere");

        Assert.Equal(2, ran.Code);
        Assert.Empty(_other.Requests);
    }

    private static string OidOf(string content) => Kernel.ObjectId.Of("blob", System.Text.Encoding.UTF8.GetBytes(content)).Hex;
}
