using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Hub.Tests.Doubles;
using ModelGarden.Testing;

namespace ModelGarden.Hub.Tests;

/// <summary>What the Hub says of the Xet protocol: tokens, where files are resolved and listed, and the upload of large ones.</summary>
public sealed class XetWireTests(HubFixture fixture) : IClassFixture<HubFixture>
{
    private const string Cas = $"{TestHub.Address}/garden/v1/xet";
    private readonly TestHub _hub = fixture.Hub;

    private static CancellationToken Cancel => Patience.Cancel;

    [Theory]
    [InlineData("models", "model")]
    [InlineData("datasets", "dataset")]
    [InlineData("spaces", "space")]
    public async Task Tokens_OfEveryKind_AreInHeadersAndBody(string kind, string type)
    {
        var name = $"acme/tokens-{type}";
        using var client = _hub.AsEngineer;
        using var created = await client.SendRawAsync("POST", "/api/repos/create", TestHub.Json($$"""{"name":"{{name}}","type":"{{type}}"}"""));
        var commit = _hub.Store.Find(name)!.Resolve("main")!.Commit.Id;

        using var read = await client.SendRawAsync("GET", $"/api/{kind}/{name}/xet-read-token/main");
        using var write = await client.SendRawAsync("GET", $"/api/{kind}/{name}/xet-write-token/main");

        await AssertTokenAsync(read, $"acme {name} {commit} read all");
        await AssertTokenAsync(write, $"acme {name} {commit} write all");
    }

    [Theory]
    [InlineData("refs%2Fheads%2Ffeature%2Fx")]
    [InlineData("feature%2Fx")]
    [InlineData("refs%2Ftags%2Fv1")]
    [InlineData("v1")]
    public async Task Tokens_EncodedRevision_IsOne(string revision)
    {
        var commit = await EnsureRefsAsync();

        using var read = await _hub.AsEngineer.SendRawAsync("GET", $"/api/models/acme/refs/xet-read-token/{revision}");
        using var write = await _hub.AsEngineer.SendRawAsync("GET", $"/api/models/acme/refs/xet-write-token/{revision}");

        await AssertTokenAsync(read, $"acme acme/refs {commit} read all");
        await AssertTokenAsync(write, $"acme acme/refs {commit} write all");
    }

    [Theory]
    [InlineData("None?create_pr=1")]
    [InlineData("a-branch-to-come")]
    public async Task WriteToken_RevisionThatIsNot_ReadsNothingYet(string revision)
    {
        await EnsureRefsAsync();

        using var write = await _hub.AsEngineer.SendRawAsync("GET", $"/api/models/acme/refs/xet-write-token/{revision}");
        using var read = await _hub.AsEngineer.SendRawAsync("GET", $"/api/models/acme/refs/xet-read-token/{revision}");

        await AssertTokenAsync(write, "acme acme/refs  write all");
        await read.AssertRefusedAsync(HttpStatusCode.NotFound, "RevisionNotFound", "no revision");
    }

    [Theory]
    [InlineData("read")]
    [InlineData("write")]
    public async Task Tokens_RepositoryThatIsNotOrIsHidden_AreNotFound(string scope)
    {
        await _hub.CreateAsync($"acme/hidden-{scope}");

        using var none = await _hub.AsEngineer.SendRawAsync("GET", $"/api/models/acme/none/xet-{scope}-token/main");
        using var hidden = await _hub.As(People.Engineer("globex")).SendRawAsync("GET", $"/api/models/acme/hidden-{scope}/xet-{scope}-token/main");
        using var other = await _hub.AsEngineer.SendRawAsync("GET", $"/api/datasets/acme/hidden-{scope}/xet-{scope}-token/main");

        foreach (var answer in new[] { none, hidden, other })
        {
            Assert.Null(answer.Header("X-Xet-Access-Token"));
            await answer.AssertRefusedAsync(HttpStatusCode.NotFound, "RepoNotFound", "no repository");
        }
    }

    [Fact]
    public async Task ReadToken_OfOthers_IsForWhatWasFoundClean()
    {
        var commit = (await _hub.CreateAsync("acme/open", published: true)).Resolve("main")!.Commit.Id;

        using var other = await _hub.As(People.Engineer("globex")).SendRawAsync("GET", "/api/models/acme/open/xet-read-token/main");
        using var curator = await _hub.As(People.Curator).SendRawAsync("GET", "/api/models/acme/open/xet-read-token/main");
        using var nobody = await _hub.As().SendRawAsync("GET", "/api/models/acme/open/xet-read-token/main");

        await AssertTokenAsync(other, $"acme acme/open {commit} read clean");
        Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);
        Assert.Null(nobody.Header("X-Xet-Access-Token"));
        Assert.True(curator.StatusCode is HttpStatusCode.OK, await curator.Content.ReadAsStringAsync(Cancel));
        Assert.EndsWith("read all", curator.Header("X-Xet-Access-Token"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadToken_GatedRepository_NeedsTheLicence()
    {
        var repository = await _hub.CreateAsync("acme/gated-xet", published: true);
        repository.Declared.Licenses.Add("llama3");
        using var client = _hub.As(People.Engineer("umbrella"));

        using var refused = await client.SendRawAsync("GET", "/api/models/acme/gated-xet/xet-read-token/main");
        _hub.Licenses.Accepted[("umbrella", "llama3")] = true;
        using var given = await client.SendRawAsync("GET", "/api/models/acme/gated-xet/xet-read-token/main");

        Assert.Null(refused.Header("X-Xet-Access-Token"));
        await refused.AssertRefusedAsync(HttpStatusCode.Forbidden, "GatedRepo", "llama3");
        await AssertTokenAsync(given, $"acme acme/gated-xet {repository.Resolve("main")!.Commit.Id} read clean");
    }

    [Fact]
    public async Task WriteToken_WhoMayNotCommit_IsRefused()
    {
        await _hub.CreateAsync("acme/writers", published: true);
        var reader = People.Engineer();
        reader.Scopes.Remove(Scopes.Write);

        using var other = await _hub.As(People.Engineer("globex")).SendRawAsync("GET", "/api/models/acme/writers/xet-write-token/main");
        using var nobody = await _hub.As().SendRawAsync("GET", "/api/models/acme/writers/xet-write-token/main");
        using var readOnly = await _hub.As(reader).SendRawAsync("GET", "/api/models/acme/writers/xet-write-token/main");

        Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);
        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden), (other.StatusCode, readOnly.StatusCode));
        Assert.Contains("write", readOnly.Header("X-Error-Message"), StringComparison.Ordinal);
        Assert.All([other, nobody, readOnly], answer => Assert.Null(answer.Header("X-Xet-Access-Token")));
    }

    [Theory]
    [InlineData("HEAD", "")]
    [InlineData("GET", "")]
    [InlineData("HEAD", "datasets/")]
    public async Task Resolve_LargeFile_SaysItsXetHashAndWhereToAsk(string verb, string prefix)
    {
        var (name, type) = ($"acme/resolve-{verb}{prefix.TrimEnd('/')}".ToLowerInvariant(), prefix.Length is 0 ? "model" : "dataset");
        var (commit, sha256) = await LargeAsync(name, type, "sub dir/w.bin");

        using var answer = await _hub.AsEngineer.SendRawAsync(verb, $"/{prefix}{name}/resolve/main/sub%20dir/w.bin");

        var hash = ArtifactsDouble.XetHashOf(sha256);
        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        Assert.Equal(hash, answer.Header("X-Xet-Hash"));
        Assert.Equal(
            $"<{TestHub.Address}/api/{type}s/{name}/xet-read-token/{commit}>; rel=\"xet-auth\", <{Cas}/v1/reconstructions/{hash}>; rel=\"xet-reconstruction-info\"",
            answer.Header("Link"));
        Assert.Equal(($"\"{sha256}\"", $"\"{sha256}\"", commit), (answer.Header("ETag"), answer.Header("X-Linked-ETag"), answer.Header("X-Repo-Commit")));
        Assert.Equal("9", answer.Header("X-Linked-Size"));
    }

    [Fact]
    public async Task Resolve_FileInformation_IsAnsweredWithoutARedirect()
    {
        var (commit, sha256) = await LargeAsync("acme/info-xet", "model", "w.bin");
        (string, string)[] headers = [("Accept", "application/vnd.xet-fileinfo+json, */*"), ("Range", "bytes=0-0")];

        using var answer = await _hub.AsEngineer.SendRawAsync("GET", "/acme/info-xet/resolve/main/w.bin", null, headers);
        using var missing = await _hub.AsEngineer.SendRawAsync("GET", "/acme/info-xet/resolve/main/none.bin", null, headers);

        var (hash, token) = (ArtifactsDouble.XetHashOf(sha256), $"{TestHub.Address}/api/models/acme/info-xet/xet-read-token/{commit}");
        Assert.Equal((HttpStatusCode.OK, "application/vnd.xet-fileinfo+json"), (answer.StatusCode, answer.Header("Content-Type")));
        Assert.Equal(($"\"{sha256}\"", "9", hash), (answer.Header("ETag"), answer.Header("X-Linked-Size"), answer.Header("X-Xet-Hash")));
        Assert.Null(answer.Header("Location"));
        var body = await TestHub.ReadAsync(answer);
        Assert.Equal((hash, token, $"{Cas}/v1/reconstructions/{hash}"), ((string?)body["hash"], (string?)body["refreshUrl"], (string?)body["reconstructionUrl"]));
        await missing.AssertRefusedAsync(HttpStatusCode.NotFound, "EntryNotFound", "no file");
        using var followed = await _hub.AsEngineer.SendRawAsync("GET", new Uri(token).AbsolutePath);
        await AssertTokenAsync(followed, $"acme acme/info-xet {commit} read all");
    }

    [Fact]
    public async Task Resolve_FileInformationOfAGatedFile_IsRefused()
    {
        await LargeAsync("acme/gated-info", "model", "w.bin");
        var repository = _hub.Store.Find("acme/gated-info")!;
        repository.IsPublished = true;
        repository.Declared.Licenses.Add("llama3");

        using var answer = await _hub.As(People.Engineer("globex")).SendRawAsync(
            "GET", "/acme/gated-info/resolve/main/w.bin", null, ("Accept", "application/vnd.xet-fileinfo+json"));

        Assert.Null(answer.Header("X-Xet-Hash"));
        await answer.AssertRefusedAsync(HttpStatusCode.Forbidden, "GatedRepo", "llama3");
    }

    [Fact]
    public async Task TreeAndPathsInfo_LargeFilesAlone_HaveAXetHash()
    {
        var (_, sha256) = await LargeAsync("acme/listed-xet", "model", "w.bin");
        using var client = _hub.AsEngineer;

        var tree = await client.JsonAsync("/api/models/acme/listed-xet/tree/main");
        using var answer = await client.SendRawAsync("POST", "/api/models/acme/listed-xet/paths-info/main", TestHub.Json("""{"paths":["w.bin","config.json"]}"""));

        foreach (var files in new[] { tree.AsArray(), (await TestHub.ReadAsync(answer)).AsArray() })
        {
            Assert.Equal(ArtifactsDouble.XetHashOf(sha256), (string?)files.Single(file => (string?)file!["path"] == "w.bin")!["xetHash"]);
            Assert.Null(files.Single(file => (string?)file!["path"] == "config.json")!["xetHash"]);
        }
    }

    [Fact]
    public async Task Batch_ClientThatSpeaksXet_IsSentThere()
    {
        var commit = (await _hub.CreateAsync("acme/batch-xet")).Resolve("main")!.Commit.Id;
        var (held, other, fresh) = (_hub.Upload([9, 9]), _hub.Upload([9, 8]), Kernel.Sha256Digest.Of([1, 2, 3]).Hex);

        using var answer = await BatchAsync("acme/batch-xet", "upload", (held, 2), (fresh, 3), (other, 7));

        var json = await TestHub.ReadAsync(answer);
        var objects = json["objects"]!.AsArray();
        var (upload, header) = (objects[1]!["actions"]!["upload"]!, objects[1]!["actions"]!["upload"]!["header"]!.AsObject());
        Assert.Equal("application/vnd.git-lfs+json", answer.Header("Content-Type"));
        Assert.Equal(("xet", "sha256"), ((string?)json["transfer"], (string?)json["hash_algo"]));
        Assert.Equal($$"""{"oid":"{{held}}","size":2}""", objects[0]!.ToJsonString());
        Assert.Equal($"{TestHub.Address}/api/models/acme/batch-xet/xet-write-token/main", (string?)upload["href"]);
        Assert.Equal(["X-Xet-Access-Token", "X-Xet-Cas-Url", "X-Xet-Token-Expiration"], header.Select(field => field.Key).Order(StringComparer.Ordinal));
        Assert.Equal((Cas, $"acme acme/batch-xet {commit} write all"), ((string?)header["X-Xet-Cas-Url"], (string?)header["X-Xet-Access-Token"]));
        Assert.Equal($"{ArtifactsDouble.TokenExpires}", header["X-Xet-Token-Expiration"]!.GetValue<string>());
        Assert.Equal(422, (int)objects[2]!["error"]!["code"]!);
        Assert.Null(objects[2]!["actions"]);
    }

    [Fact]
    public async Task Batch_DownloadByAClientThatSpeaksXet_IsBasic()
    {
        var (_, sha256) = await LargeAsync("acme/batch-down", "model", "w.bin");

        using var answer = await BatchAsync("acme/batch-down", "download", (sha256, 9));

        var json = await TestHub.ReadAsync(answer);
        Assert.Equal("basic", (string?)json["transfer"]);
        Assert.Equal($"{TestHub.Address}/garden/v1/files/{sha256}?sig=down", (string?)json["objects"]![0]!["actions"]!["download"]!["href"]);
    }

    [Fact]
    public async Task Batch_UploadByOthers_GivesNoToken()
    {
        await _hub.CreateAsync("acme/batch-others", published: true);
        using var client = _hub.As(People.Engineer("globex"));

        using var answer = await client.SendRawAsync("POST", "/acme/batch-others.git/info/lfs/objects/batch", Body("upload", [(Kernel.Sha256Digest.Of([4]).Hex, 1)]));

        Assert.DoesNotContain("X-Xet", await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        await answer.AssertRefusedAsync(HttpStatusCode.Forbidden, null, "acme");
    }

    private static async Task AssertTokenAsync(HttpResponseMessage answer, string token)
    {
        var body = await TestHub.ReadAsync(answer);
        Assert.True(answer.StatusCode is HttpStatusCode.OK, body.ToJsonString());
        Assert.Equal((token, ArtifactsDouble.TokenExpires, Cas), ((string?)body["accessToken"], (long)body["exp"]!, (string?)body["casUrl"]));
        Assert.Equal(
            (token, $"{ArtifactsDouble.TokenExpires}", Cas),
            (answer.Header("X-Xet-Access-Token"), answer.Header("X-Xet-Token-Expiration"), answer.Header("X-Xet-Cas-Url")));
        Assert.Contains("no-store", answer.Header("Cache-Control"), StringComparison.Ordinal);
    }

    private async Task<(string Commit, string Sha256)> LargeAsync(string name, string type, string path)
    {
        var sha256 = _hub.Upload(Encoding.UTF8.GetBytes("123456789"));
        using var client = _hub.AsEngineer;
        using var created = await client.SendRawAsync("POST", "/api/repos/create", TestHub.Json($$"""{"name":"{{name}}","type":"{{type}}"}"""));
        using var answer = await client.SendRawAsync("POST", $"/api/{type}s/{name}/commit/main", TestHub.Ndjson(
            """{"key":"header","value":{"summary":"add"}}""", TestHub.LargeLine(path, sha256), TestHub.FileLine("config.json", "{}")));
        return ((string)(await TestHub.ReadAsync(answer))["commitOid"]!, sha256);
    }

    private async Task<string> EnsureRefsAsync()
    {
        var repository = _hub.Store.Find("acme/refs") ?? await _hub.CreateAsync("acme/refs");
        var commit = repository.Resolve("main")!.Commit.Id;
        (repository.Refs["refs/heads/feature/x"], repository.Refs["refs/tags/v1"]) = (commit, commit);
        return commit;
    }

    private async Task<HttpResponseMessage> BatchAsync(string name, string operation, params (string Oid, long Size)[] objects)
    {
        using var client = _hub.AsEngineer;
        return await client.SendRawAsync("POST", $"/{name}.git/info/lfs/objects/batch", Body(operation, objects));
    }

    private static StringContent Body(string operation, (string Oid, long Size)[] objects)
    {
        var body = new JsonObject
        {
            ["operation"] = operation,
            ["transfers"] = new JsonArray("basic", "multipart", "xet"),
            ["hash_algo"] = "sha_256",
            ["ref"] = new JsonObject { ["name"] = "main" },
            ["objects"] = new JsonArray([.. objects.Select(one => new JsonObject { ["oid"] = one.Oid, ["size"] = one.Size })]),
        };
        return new(body.ToJsonString(), Encoding.UTF8, "application/vnd.git-lfs+json");
    }
}
