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
    private Source? _kept;

    public async ValueTask InitializeAsync()
    {
        (_garden, _other) = (await GardenDouble.StartAsync(), await GardenDouble.StartAsync());
        (_hub, _theirs) = (new(_garden), new(_other, "maker/llama"));
        _garden.On<UpdateRepositoryRequest>("UpdateRepository", request =>
        {
            _hub.Repository.Source = _kept = request.Source;
            return _hub.Repository;
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
        Assert.Equal((SourceKind.Mirrored, $"{_other.Address}/maker/llama", _theirs.Repository.Head), (_kept!.Kind, _kept.Origin, _kept.OriginRevision));
        Assert.Equal((_hub.Repository.Head, 4), ((string?)ran.Json["commit"], (int)ran.Json["sent"]!));
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
        Assert.Contains("1 files are in acme/tiny alone", ran.Err, StringComparison.Ordinal);
        Assert.Equal(SourceKind.Partner, _kept!.Kind);
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
        _garden.OnPath(request => _hub.Files.ContainsKey("README.md") && request.Path.Value!.EndsWith("/tree", StringComparison.Ordinal), async context =>
        {
            _hub.Files["README.md"] = "changed"u8.ToArray();
            await context.Response.WriteAsync($$"""{"entries":[{"path":"README.md","oid":"{{new string('0', 40)}}"}],"commit":"{{_hub.Repository.Head}}"}""");
        });

        var ran = await ImportAsync();

        Assert.Equal(1, ran.Code);
        Assert.Contains("are not what they are there", ran.Err, StringComparison.Ordinal);
        Assert.Null(_kept);
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
    public async Task Import_OfAFolder_HasTheOriginThatIsGiven()
    {
        _machine.Write("got/README.md", "# Got");

        (await _machine.RunAsync("models", "import", "got", "--name", "acme/tiny", "--origin", "https://maker.example.com/llama", "--origin-revision", "v7")).Ok();

        Assert.Equal((SourceKind.Mirrored, "https://maker.example.com/llama", "v7"), (_kept!.Kind, _kept.Origin, _kept.OriginRevision));
        Assert.Equal("# Got"u8.ToArray(), _hub.Files["README.md"]);
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
}
