using System.Security.Cryptography;
using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Tests.Doubles;
using ModelGarden.Testing;

namespace ModelGarden.Clients;

/// <summary>npm's <c>@huggingface/hub</c>, unchanged, against the Hub.</summary>
public sealed class HubClientTests : IClassFixture<NodeClients>, IAsyncLifetime
{
    private const string Ann = "hf_garden_ann";
    private const string Bob = "hf_garden_bob";
    private static readonly Dictionary<string, Principal> Tokens = new()
    {
        [Ann] = People.Engineer(),
        [Bob] = People.Person("bob", "globex", "engineer"),
    };

    private TestHub _hub = null!;
    private FrontDoor _door = null!;

    public async ValueTask InitializeAsync()
    {
        _hub = await TestHub.StartAsync();
        _door = await FrontDoor.OpenAsync(_hub.Garden, Tokens);
    }

    public async ValueTask DisposeAsync()
    {
        await _door.DisposeAsync();
        await _hub.DisposeAsync();
    }

    [Fact]
    public async Task UploadFolder_TheSample_ComesBackByteForByte()
    {
        var folder = Repo.PathOf("deploy/samples/kjv-llama");

        var uploaded = await RunAsync("upload-folder", Ann, ("REPO", "acme/kjv-llama"), ("FOLDER", folder));
        var downloaded = await RunAsync("download-all", Ann, ("REPO", "acme/kjv-llama"));

        Assert.Equal($"{_door.Address}/acme/kjv-llama", (string?)uploaded["repoUrl"]);
        Assert.StartsWith($"{_door.Address}/acme/kjv-llama/commit/", (string?)uploaded["commitUrl"], StringComparison.Ordinal);
        Assert.Equal(Sums(folder), Sums(downloaded["files"]!.AsArray().Where(file => (string?)file!["path"] != ".gitattributes")));
        Assert.Equal(["kjv-llama-f16.gguf", "kjv-llama-q8_0.gguf", "model.safetensors"], LargeFiles(downloaded));
    }

    [Fact]
    public async Task Tour_EveryCallOfTheClient_DoesWhatItPromises()
    {
        var tour = await RunAsync("hub-tour", Ann, ("REPO", "acme/tour"));

        Assert.Equal("ann user acme write laptop", string.Join(' ', tour["name"], tour["type"], tour["orgs"]![0], tour["role"], tour["token"]));
        Assert.Equal("False True False", string.Join(' ', (bool)tour["before"]!, (bool)tour["after"]!, (bool)tour["gone"]!));
        Assert.Equal("409 412 granted", string.Join(' ', tour["again"], tour["stale"], tour["access"]));
        Assert.Equal("grüße", (string?)tour["odd"]);
        Assert.Equal("", (string?)tour["empty"]);
        Assert.Null((string?)tour["emptyOnBranch"]);
        Assert.Equal("here", (string?)tour["onlyHere"]);
        Assert.Null((string?)tour["onlyHereOnMain"]);
        Assert.Equal("---\nlicense: apache-2.0\n---\n", (string?)tour["readme"]);
        Assert.Equal("True False True False", string.Join(' ', (bool)tour["exists"]!, (bool)tour["existsNot"]!, (bool)tour["existsOnBranch"]!, (bool)tour["emptyDeleted"]!));
        Assert.Equal(2_500_000, (int)tour["bigInfo"]!["size"]!);
        Assert.True((bool)tour["bigPart"]! && (bool)tour["bigWhole"]!);
        Assert.Equal("404", tour["branchDeleted"]!.ToString());
    }

    [Fact]
    public async Task Tour_ListsOfTheClient_AreWhole()
    {
        var tour = await RunAsync("hub-tour", Ann, ("REPO", "acme/tour"));

        Assert.Equal(
            [".gitattributes", "README.md", "empty.txt", "sub folder", "sub folder/naïve – ü 100%25.txt", "weights", "weights/big.bin", "weights/copy.bin"],
            tour["files"]!.AsArray().Select(file => (string?)file));
        Assert.Equal(["weights/big.bin", "weights/copy.bin"], tour["folder"]!.AsArray().Select(file => (string?)file));
        Assert.Equal(["weights/big.bin", "weights"], tour["paths"]!.AsArray().Select(path => (string?)path!["path"]));
        Assert.Equal(5, tour["commits"]!.AsArray().Count);
        Assert.Equal(5, (int)tour["count"]!);
        Assert.Equal("initial commit", (string?)tour["commits"]![4]!["title"]);
        Assert.Equal("ann", (string?)tour["commits"]![0]!["by"]);
        Assert.Equal((string?)tour["moved"], (string?)tour["branchSha"]);
        Assert.Equal((string?)tour["moved"], (string?)tour["branchCommits"]![0]);
        Assert.Equal("acme/tour", (string?)tour["info"]!["name"]);
        Assert.True((bool)tour["info"]!["private"]!);
        Assert.Equal(6, tour["info"]!["filePaths"]!.AsArray().Count);
    }

    [Fact]
    public async Task Search_TextTaskAndTags_FindsWhatBearsThemAll()
    {
        await PublishAsync("acme/kjv-small", "text-generation", "transformers", "apache-2.0", "bible", "tiny");
        await PublishAsync("acme/kjv-large", "text-generation", "transformers", "llama3", "bible");
        await PublishAsync("acme/digits", "image-classification", "onnx", "apache-2.0", "tiny");

        Assert.Equal(["acme/kjv-large", "acme/kjv-small"], Names(await RunAsync("search", Bob, ("QUERY", "kjv"), ("TASK", "text-generation"))));
        Assert.Equal(["acme/kjv-small"], Names(await RunAsync("search", Bob, ("TAGS", "license:apache-2.0,bible"))));
        Assert.Equal(["acme/kjv-small"], Names(await RunAsync("search", Bob, ("TAGS", "bible,tiny"))));
        Assert.Equal(["acme/digits", "acme/kjv-large"], Names(await RunAsync("search", "", ("OWNER", "acme"), ("LIMIT", "2"))));
    }

    [Fact]
    public async Task Download_LicenceNotAccepted_IsRefusedUntilItIs()
    {
        var repository = await PublishAsync("acme/gated", "text-generation", "transformers", "llama3");
        await _hub.CommitAsync("acme/gated", TestHub.FileLine("config.json", "{}"), TestHub.FileLine("README.md", "card"), TestHub.LargeLine("w.bin", _hub.Upload([1, 2, 3])));

        var refused = await RunAsync("refused-download", Bob, ("REPO", repository.Name), ("FILE", "w.bin"));
        var card = await RunAsync("refused-download", Bob, ("REPO", repository.Name), ("FILE", "README.md"));

        Assert.Equal("403 GatedRepo auto", string.Join(' ', refused["status"], refused["errorCode"], refused["gated"]));
        Assert.Contains("accept the licence llama3", (string?)refused["message"], StringComparison.Ordinal);
        Assert.Contains("an admin of globex", (string?)refused["errorMessage"], StringComparison.Ordinal);
        Assert.False((bool)card["ok"]!, "the card can be read before the licence is accepted");
        _hub.Licenses.Accepted[("globex", "llama3")] = true;
        var downloaded = await RunAsync("download-all", Bob, ("REPO", repository.Name));
        Assert.True((bool)downloaded["ok"]!, downloaded.ToJsonString());
    }

    private async Task<StoredRepository> PublishAsync(string name, string task, string library, string license, params string[] tags)
    {
        var repository = await _hub.CreateAsync(name, published: true);
        (repository.Declared.Task, repository.Declared.Library) = (task, library);
        repository.Declared.Licenses.Add(license);
        repository.Declared.Tags.AddRange(tags);
        return repository;
    }

    private async Task<JsonNode> RunAsync(string flow, string token, params (string Key, string Value)[] settings)
    {
        var all = settings.ToDictionary(setting => setting.Key, setting => setting.Value);
        (all["HUB_URL"], all["HUB_TOKEN"]) = (_door.Address, token);
        var result = await NodeClients.RunAsync(flow, all);
        TestContext.Current.TestOutputHelper?.WriteLine(result.ToJsonString());
        return result;
    }

    private static IEnumerable<string?> Names(JsonNode found) => found["models"]!.AsArray().Select(model => (string?)model!["name"]);

    private static List<string?> LargeFiles(JsonNode downloaded) =>
        [.. downloaded["files"]!.AsArray().Where(file => file!["lfs"] is not null).Select(file => (string?)file!["path"])];

    private static Dictionary<string, string> Sums(string folder) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .ToDictionary(file => Path.GetRelativePath(folder, file), file => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file))));

    private static Dictionary<string, string> Sums(IEnumerable<JsonNode?> files) => files.ToDictionary(file => (string)file!["path"]!, file => (string)file!["sha256"]!);
}
