using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ModelGarden.Hub.Tests.Doubles;
using ModelGarden.Testing;

namespace ModelGarden.Hub.Tests;

public sealed class UploadWireTests(HubFixture fixture) : IClassFixture<HubFixture>
{
    private readonly TestHub _hub = fixture.Hub;

    [Theory]
    [InlineData("model.safetensors", 10, "text", "lfs")]
    [InlineData("model.safetensors", 0, "", "regular")]
    [InlineData("config.json", 1 << 20, "{}", "regular")]
    [InlineData("config.json", (1 << 20) + 1, "{}", "lfs")]
    [InlineData("README.md", 9 << 20, "a\0b", "regular")]
    [InlineData("picture.png", 100, "a\0b", "lfs")]
    [InlineData("notes.txt", 100, "grüße", "regular")]
    [InlineData("deep/saved_model/x/variables", 9, "t", "regular")]
    [InlineData("saved_model/x/variables", 9, "t", "lfs")]
    public async Task Preupload_ByRulesSizeAndSample_SaysHow(string path, long size, string sample, string mode)
    {
        var name = $"acme/pre-{Guid.NewGuid():n}";
        await _hub.CreateAsync(name);

        var json = await PreuploadAsync(name, new JsonObject { ["files"] = new JsonArray(Announce(path, size, sample)) });

        Assert.Equal($$"""{"path":"{{path}}","uploadMode":"{{mode}}","shouldIgnore":false}""", json["files"]![0]!.ToJsonString());
        Assert.Equal(40, ((string?)json["commitOid"])!.Length);
    }

    [Fact]
    public async Task Preupload_SentRulesAndPresentFiles_AreHeeded()
    {
        await _hub.CreateAsync("acme/present");
        var sha256 = _hub.Upload([4, 5, 6]);
        await _hub.CommitAsync("acme/present", TestHub.FileLine("a.txt", "a"), TestHub.LargeLine("w.bin", sha256));

        var json = await PreuploadAsync("acme/present", new JsonObject
        {
            ["gitAttributes"] = "*.txt filter=lfs diff=lfs merge=lfs -text\n*.bin -filter\n",
            ["gitIgnore"] = "# secrets\n.env\ncache/\n!cache/kept\n*.log\n!keep.log\n",
            ["files"] = new JsonArray(
                Announce("a.txt", 1, "a"), Announce("w.bin", 3, "\0"), Announce(".env", 1, "x"), Announce("sub/cache/kept", 1, "x"), Announce("x/y.log", 1, "x"), Announce("keep.log", 1, "x")),
        });

        var files = json["files"]!.AsArray();
        Assert.Equal(["lfs", "regular"], files.Take(2).Select(file => (string?)file!["uploadMode"]));
        Assert.Equal([Kernel.ObjectId.Of("blob", "a"u8).Hex, sha256], files.Take(2).Select(file => (string?)file!["oid"]));
        Assert.Equal([false, false, true, true, true, false], files.Select(file => (bool)file!["shouldIgnore"]!));
    }

    [Theory]
    [InlineData("""{"files":[{"path":"../x","size":1}]}""", "segment")]
    [InlineData("""{"files":[{"path":"x","size":-1}]}""", "files[0].size")]
    [InlineData("""{"files":[{"path":"x"}]}""", "files[0].size is missing")]
    [InlineData("""{"files":[{"path":"x","size":1,"sample":"%"}]}""", "files[0].sample is not base64")]
    [InlineData("""{"files":"x"}""", "files is not a list")]
    [InlineData("""{"files":[7]}""", "files[0] is not an object")]
    public async Task Preupload_BadFile_IsRefusedByItsPlace(string body, string words)
    {
        var name = $"acme/prebad-{Guid.NewGuid():n}";
        await _hub.CreateAsync(name);

        using var answer = await _hub.AsEngineer.SendRawAsync("POST", $"/api/models/{name}/preupload/main", TestHub.Json(body));

        await answer.AssertRefusedAsync(HttpStatusCode.BadRequest, null, words);
    }

    [Fact]
    public async Task Batch_Upload_AnswersWholePartsStoredAndErrors()
    {
        await _hub.CreateAsync("acme/batch");
        var stored = _hub.Upload([8, 8]);
        var (small, large, huge) = (Digest("small"), Digest("large"), Digest("huge"));

        using var answer = await BatchAsync("acme/batch", new JsonObject
        {
            ["operation"] = "upload",
            ["transfers"] = new JsonArray("basic", "multipart"),
            ["hash_algo"] = "sha_256",
            ["ref"] = new JsonObject { ["name"] = "main" },
            ["objects"] = new JsonArray(One(stored, 2), One(small, 5), One(large, (2 << 20) + 1), One(huge, long.MaxValue), One(small, 5)),
        });
        var json = await TestHub.ReadAsync(answer);

        Assert.Equal("application/vnd.git-lfs+json", answer.Header("Content-Type"));
        Assert.Equal("multipart", (string?)json["transfer"]);
        var objects = json["objects"]!.AsArray();
        Assert.Equal([stored, small, large, huge], objects.Select(one => (string?)one!["oid"]));
        Assert.Equal($$"""{"oid":"{{stored}}","size":2}""", objects[0]!.ToJsonString());
        Assert.Equal($"{TestHub.Address}/garden/v1/files/{small}?sig=up", (string?)objects[1]!["actions"]!["upload"]!["href"]);
        Assert.Equal($"{TestHub.Address}/acme/batch.git/info/lfs/objects/verify", (string?)objects[1]!["actions"]!["verify"]!["href"]);
        var upload = objects[2]!["actions"]!["upload"]!;
        Assert.Equal($"{TestHub.Address}/garden/v1/files/{large}/complete?sig=up", (string?)upload["href"]);
        Assert.Equal(["chunk_size", "00001", "00002", "00003"], upload["header"]!.AsObject().Select(field => field.Key));
        Assert.Equal("1048576", upload["header"]!["chunk_size"]!.GetValue<string>());
        Assert.Equal($"{TestHub.Address}/garden/v1/files/{large}/parts/3?sig=up", (string?)upload["header"]!["00003"]);
        Assert.Equal(413, (int)objects[3]!["error"]!["code"]!);
    }

    [Fact]
    public async Task Batch_FileBeyondTheQuota_IsRefusedInWordsAndTheOthersAreNot()
    {
        await _hub.CreateAsync("acme/full");

        using var answer = await BatchAsync("acme/full", new JsonObject { ["operation"] = "upload", ["objects"] = new JsonArray(One(Digest("x"), 3), One(Digest("y"), ArtifactsDouble.Quota + 1)) });
        var objects = (await TestHub.ReadAsync(answer))["objects"]!.AsArray();

        Assert.NotNull(objects[0]!["actions"]);
        Assert.Equal(413, (int)objects[1]!["error"]!["code"]!);
        Assert.Contains("acme may keep", (string)objects[1]!["error"]!["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Batch_ClientWithoutParts_IsAnsweredBasic()
    {
        await _hub.CreateAsync("acme/basic");

        using var answer = await BatchAsync("acme/basic", new JsonObject { ["operation"] = "upload", ["objects"] = new JsonArray(One(Digest("x"), 3 << 20)) });
        var json = await TestHub.ReadAsync(answer);

        Assert.Equal("basic", (string?)json["transfer"]);
        Assert.Null(json["objects"]![0]!["actions"]!["upload"]!["header"]);
    }

    [Fact]
    public async Task Batch_Download_GivesOnlyFilesOfTheRevisionToWhoMayHaveThem()
    {
        var repository = await _hub.CreateAsync("acme/lfs", published: true);
        repository.Declared.Licenses.Add("llama3");
        var (present, elsewhere) = (_hub.Upload([1, 2]), _hub.Upload([3, 4]));
        await _hub.CommitAsync("acme/lfs", TestHub.LargeLine("dir/w.bin", present));
        var body = new JsonObject { ["operation"] = "download", ["objects"] = new JsonArray(One(present, 2), One(elsewhere, 2)), ["ref"] = new JsonObject { ["name"] = "refs/heads/main" } };

        using var answer = await BatchAsync("acme/lfs", body);
        using var refused = await _hub.As(People.Engineer("globex")).SendRawAsync("POST", "/acme/lfs.git/info/lfs/objects/batch", TestHub.Json(body.ToJsonString()));

        var objects = (await TestHub.ReadAsync(answer))["objects"]!.AsArray();
        Assert.Equal($"{TestHub.Address}/garden/v1/files/{present}?sig=down", (string?)objects[0]!["actions"]!["download"]!["href"]);
        Assert.Equal(404, (int)objects[1]!["error"]!["code"]!);
        await refused.AssertRefusedAsync(HttpStatusCode.Forbidden, "GatedRepo", "llama3");
    }

    [Theory]
    [InlineData("""{"operation":"steal","objects":[]}""", "operation")]
    [InlineData("""{"operation":"upload","hash_algo":"md5","objects":[]}""", "hash_algo")]
    [InlineData("""{"operation":"upload","objects":[{"oid":"xyz","size":1}]}""", "objects[0].oid")]
    public async Task Batch_Malformed_IsRefused(string body, string words)
    {
        var name = $"acme/batchbad-{Guid.NewGuid():n}";
        await _hub.CreateAsync(name);

        using var answer = await BatchAsync(name, JsonNode.Parse(body)!);

        await answer.AssertRefusedAsync(HttpStatusCode.BadRequest, null, words);
    }

    [Fact]
    public async Task Verify_PresentMissingAndOfAnotherSize_AreToldApart()
    {
        await _hub.CreateAsync("acme/verify");
        var stored = _hub.Upload([6, 6, 6]);
        using var client = _hub.AsEngineer;

        using var good = await client.SendRawAsync("POST", "/acme/verify.git/info/lfs/objects/verify", TestHub.Json(One(stored, 3).ToJsonString()));
        using var missing = await client.SendRawAsync("POST", "/acme/verify.git/info/lfs/objects/verify", TestHub.Json(One(Digest("none"), 3).ToJsonString()));
        using var other = await client.SendRawAsync("POST", "/acme/verify.git/info/lfs/objects/verify", TestHub.Json(One(stored, 4).ToJsonString()));

        Assert.Equal(HttpStatusCode.OK, good.StatusCode);
        await missing.AssertRefusedAsync(HttpStatusCode.NotFound, null, "has not arrived");
        await other.AssertRefusedAsync(HttpStatusCode.UnprocessableEntity, null, "has 3 bytes");
    }

    private async Task<JsonNode> PreuploadAsync(string name, JsonObject body)
    {
        using var client = _hub.AsEngineer;
        using var answer = await client.SendRawAsync("POST", $"/api/models/{name}/preupload/main", TestHub.Json(body.ToJsonString()));
        var json = await TestHub.ReadAsync(answer);
        Assert.True(answer.IsSuccessStatusCode, json.ToJsonString());
        return json;
    }

    private async Task<HttpResponseMessage> BatchAsync(string name, JsonNode body)
    {
        using var client = _hub.AsEngineer;
        return await client.SendRawAsync("POST", $"/{name}.git/info/lfs/objects/batch", new StringContent(body.ToJsonString(), Encoding.UTF8, "application/vnd.git-lfs+json"));
    }

    private static JsonObject Announce(string path, long size, string sample) =>
        new() { ["path"] = path, ["size"] = size, ["sample"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(sample)) };

    private static JsonObject One(string oid, long size) => new() { ["oid"] = oid, ["size"] = size };

    private static string Digest(string text) => Kernel.Sha256Digest.Of(Encoding.UTF8.GetBytes(text)).Hex;
}
