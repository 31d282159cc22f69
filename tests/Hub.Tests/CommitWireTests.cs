using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Tests.Doubles;
using ModelGarden.Kernel;
using ModelGarden.Testing;

namespace ModelGarden.Hub.Tests;

public sealed class CommitWireTests(HubFixture fixture) : IClassFixture<HubFixture>
{
    private const string Header = """{"key":"header","value":{"summary":"s"}}""";
    private readonly TestHub _hub = fixture.Hub;

    private static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public async Task Commit_EveryOperation_AnswersOidAndUrl()
    {
        var repository = await _hub.CreateAsync("acme/commit");
        var first = await _hub.CommitAsync("acme/commit", TestHub.FileLine("old.txt", "o"), TestHub.FileLine("dir/a", "a"), TestHub.FileLine("dir/b", "b"));
        var sha256 = _hub.Upload([1, 1, 2, 3]);
        using var client = _hub.AsEngineer;

        using var answer = await client.SendRawAsync("POST", "/api/models/acme/commit/commit/refs%2Fheads%2Fmain?hot_reload=1", TestHub.Ndjson(
            $$$"""{"key":"header","value":{"summary":"änderung","description":"mehr\nworte","parentCommit":"{{{first}}}"}}""",
            TestHub.FileLine("neu/ü.txt", "grüße"),
            $$$"""{"key":"lfsFile","value":{"path":"w.safetensors","algo":"sha256","oid":"{{{sha256}}}","size":4}}""",
            """{"key":"deletedFile","value":{"path":"old.txt"}}""",
            """{"key":"deletedFolder","value":{"path":"dir/"}}""",
            ""));
        var json = await TestHub.ReadAsync(answer);

        Assert.True((bool)json["success"]!);
        Assert.Equal($"{TestHub.Address}/acme/commit/commit/{json["commitOid"]}", (string?)json["commitUrl"]);
        Assert.Equal("", (string?)json["hookOutput"]);
        Assert.Equal([".gitattributes", "neu/ü.txt", "w.safetensors"], repository.Resolve("main")!.Files.Keys);
        var history = (await client.JsonAsync("/api/models/acme/commit/commits/main?limit=1&expand[]=formatted")).AsArray();
        Assert.Equal("änderung mehr\nworte ann", $"{history[0]!["title"]} {history[0]!["message"]} {history[0]!["authors"]![0]!["user"]}");
        Assert.EndsWith("Z", (string?)history[0]!["date"], StringComparison.Ordinal);
        Assert.Equal("änderung", WebUtility.HtmlDecode((string?)history[0]!["formatted"]!["title"]));
    }

    [Theory]
    [InlineData("", "commit is empty")]
    [InlineData("\n\n", "commit is empty")]
    [InlineData("""{"key":"file","value":{"path":"a","content":""}}""", "line 1: key 'file' comes before the header")]
    [InlineData(Header + "\n" + Header, "line 2: a second header")]
    [InlineData("""{"key":"header","value":{}}""", "line 1: value.summary is missing")]
    [InlineData("""{"key":"header","value":{"summary":""}}""", "line 1: value.summary is missing or empty")]
    [InlineData("""{"key":"header","value":{"summary":7}}""", "line 1: value.summary is not a string")]
    [InlineData("""{"key":"header"}""", "line 1: value is missing")]
    [InlineData("[]", "line 1: is not a JSON object")]
    [InlineData("{", "line 1: is not JSON")]
    [InlineData(Header + "\n{\"key\":\"rename\",\"value\":{}}", "line 2: key 'rename' is not known")]
    [InlineData(Header + "\n\n{\"key\":\"file\",\"value\":{\"path\":\"a\",\"content\":\"%%%\"}}", "line 3: value.content is not base64")]
    [InlineData(Header + "\n{\"key\":\"file\",\"value\":{\"path\":\"a\",\"content\":\"\\ud800\"}}", "line 2: value.content is not")]
    [InlineData(Header + "\n{\"key\":\"file\",\"value\":{\"path\":\"a\"}}", "line 2: value.content is missing")]
    [InlineData(Header + "\n{\"key\":\"file\",\"value\":{\"path\":\"a\",\"content\":\"\",\"encoding\":\"rot13\"}}", "line 2: value.encoding is neither")]
    [InlineData(Header + "\n{\"key\":\"file\",\"value\":{\"path\":\"../a\",\"content\":\"\"}}", "line 2: path '../a' has a segment")]
    [InlineData(Header + "\n{\"key\":\"file\",\"value\":{\"path\":\"/etc/x\",\"content\":\"\"}}", "line 2: path '/etc/x' has an empty segment")]
    [InlineData(Header + "\n{\"key\":\"lfsFile\",\"value\":{\"path\":\"a\",\"oid\":\"abc\"}}", "line 2: value.oid is not a sha256")]
    [InlineData(Header + "\n{\"key\":\"lfsFile\",\"value\":{\"path\":\"a\",\"algo\":\"md5\",\"oid\":\"abc\"}}", "line 2: value.algo 'md5' is not known")]
    public async Task Commit_BadLine_IsRefusedByItsNumber(string body, string words)
    {
        var name = $"acme/bad-{Guid.NewGuid():n}";
        var repository = await _hub.CreateAsync(name);

        using var answer = await _hub.AsEngineer.SendRawAsync("POST", $"/api/models/{name}/commit/main", TestHub.Ndjson(body));

        await answer.AssertRefusedAsync(HttpStatusCode.BadRequest, null, words);
        Assert.Single(repository.Commits);
    }

    [Fact]
    public async Task Commit_LineTooLong_IsRefusedByItsNumber()
    {
        await _hub.CreateAsync("acme/long");

        using var answer = await _hub.AsEngineer.SendRawAsync("POST", "/api/models/acme/long/commit/main", TestHub.Ndjson(Header, TestHub.FileLine("a", new string('x', 3 << 20))));

        await answer.AssertRefusedAsync(HttpStatusCode.RequestEntityTooLarge, null, "line 2: longer than");
    }

    [Fact]
    public async Task Commit_TooMuchInAll_IsRefused()
    {
        await _hub.CreateAsync("acme/much");
        var lines = Enumerable.Range(0, 40).Select(i => TestHub.FileLine($"f{i}", new string('x', 1 << 20)));

        using var answer = await _hub.AsEngineer.SendRawAsync("POST", "/api/models/acme/much/commit/main", TestHub.Ndjson([Header, .. lines]));

        await answer.AssertRefusedAsync(HttpStatusCode.RequestEntityTooLarge, null, "exceed 31 MiB together");
    }

    [Fact]
    public async Task Commit_ManySmallFilesBeyondKestrelsOwnBound_IsTaken()
    {
        var repository = await _hub.CreateAsync("acme/bulk");
        var lines = Enumerable.Range(0, 29).Select(i => TestHub.FileLine($"f{i}", new string('x', 1 << 20))).ToArray();

        await _hub.CommitAsync("acme/bulk", lines);

        Assert.Equal(30, repository.Resolve("main")!.Files.Count);
    }

    [Theory]
    [InlineData("""{"key":"lfsFile","value":{"path":"w.bin","algo":"sha256","oid":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","size":4}}""", 400, null, "not uploaded")]
    [InlineData("""{"key":"deletedFile","value":{"path":"missing"}}""", 404, "EntryNotFound", "A file with this name doesn't exist: there is no file 'missing' to delete")]
    public async Task Commit_WhatCatalogRefuses_IsSaidInTheProtocolsWords(string line, int status, string? code, string words)
    {
        var name = $"acme/refused-{Guid.NewGuid():n}";
        await _hub.CreateAsync(name);

        using var answer = await _hub.AsEngineer.SendRawAsync("POST", $"/api/models/{name}/commit/main", TestHub.Ndjson(Header, line));

        await answer.AssertRefusedAsync((HttpStatusCode)status, code, words);
    }

    [Fact]
    public async Task Commit_ParentMoved_Is412()
    {
        await _hub.CreateAsync("acme/moved");
        var first = await _hub.CommitAsync("acme/moved", TestHub.FileLine("a", "1"));
        await _hub.CommitAsync("acme/moved", TestHub.FileLine("a", "2"));

        using var answer = await _hub.AsEngineer.SendRawAsync("POST", "/api/models/acme/moved/commit/main", TestHub.Ndjson(
            $$$"""{"key":"header","value":{"summary":"late","parentCommit":"{{{first}}}"}}""", TestHub.FileLine("a", "3")));

        await answer.AssertRefusedAsync(HttpStatusCode.PreconditionFailed, null, first);
    }

    [Fact]
    public async Task Commit_ByAnotherTenant_IsForbidden()
    {
        await _hub.CreateAsync("acme/public", published: true);
        using var client = _hub.As(People.Engineer("globex"));
        using var nobody = _hub.As();

        using var denied = await client.SendRawAsync("POST", "/api/models/acme/public/commit/main", TestHub.Ndjson(Header));
        using var anonymous = await nobody.SendRawAsync("POST", "/api/models/acme/public/commit/main", TestHub.Ndjson(Header));

        await denied.AssertRefusedAsync(HttpStatusCode.Forbidden, null, "only members of acme can");
        await anonymous.AssertRefusedAsync(HttpStatusCode.Unauthorized, null, "token");
    }

    [Fact]
    public async Task ValidateYaml_GoodAndBadCards_AnswerInBothWays()
    {
        using var client = _hub.AsEngineer;

        using var good = await client.SendRawAsync("POST", "/api/validate-yaml", TestHub.Json("""{"content":"---\nlicense: mit\n---\n","repoType":"model"}"""));
        using var bad = await client.SendRawAsync("POST", "/api/validate-yaml", TestHub.Json("""{"content":"---\nlicense: [\n","repoType":"model"}"""));

        Assert.Equal("""{"errors":[],"warnings":[]}""", await good.Content.ReadAsStringAsync(Cancel));
        Assert.Equal(HttpStatusCode.BadRequest, bad.StatusCode);
        Assert.Equal("line 2: license: is not a word", (string?)(await TestHub.ReadAsync(bad))["errors"]![0]!["message"]);
    }

    [Fact]
    public async Task Commits_Paging_IsAbsoluteAndCounted()
    {
        await _hub.CreateAsync("acme/history");
        await _hub.CommitAsync("acme/history", TestHub.FileLine("a", "1"));
        await _hub.CommitAsync("acme/history", TestHub.FileLine("a", "2"));
        using var client = _hub.AsEngineer;

        using var page = await client.SendRawAsync("GET", "/api/models/acme/history/commits/main?limit=2&expand%5B%5D=formatted");

        Assert.Equal("3", page.Header("X-Total-Count"));
        Assert.Equal($"<{TestHub.Address}/api/models/acme/history/commits/main?limit=2&expand%5B%5D=formatted&cursor=2>; rel=\"next\"", page.Header("Link"));
        var rest = await client.JsonAsync("/api/models/acme/history/commits/main?limit=2&cursor=2");
        Assert.Equal("initial commit", (string?)Assert.Single(rest.AsArray())!["title"]);
    }

    [Fact]
    public async Task Refs_BranchesAndTags_AreMadeListedAndDeleted()
    {
        await _hub.CreateAsync("acme/refs");
        using var client = _hub.AsEngineer;
        using var made = await client.SendRawAsync("POST", "/api/models/acme/refs/branch/dev%2Fx", TestHub.Json("{}"));
        using var madeWithoutBody = await client.SendRawAsync("POST", "/api/models/acme/refs/branch/plain");
        using var tagged = await client.SendRawAsync("POST", "/api/models/acme/refs/tag/dev%2Fx", TestHub.Json("""{"tag":"v1","message":null}"""));

        using var again = await client.SendRawAsync("POST", "/api/models/acme/refs/branch/dev%2Fx", TestHub.Json("{}"));
        using var badTag = await client.SendRawAsync("POST", "/api/models/acme/refs/tag/nope", TestHub.Json("""{"tag":"v2"}"""));
        var refs = await client.JsonAsync("/api/models/acme/refs/refs?include_prs=1");

        Assert.All([made, madeWithoutBody, tagged], answer => Assert.True(answer.IsSuccessStatusCode));
        Assert.Equal(["branches", "tags", "converts", "pullRequests"], refs.AsObject().Select(field => field.Key));
        Assert.Equal(["dev/x", "main", "plain"], refs["branches"]!.AsArray().Select(one => (string?)one!["name"]));
        Assert.Equal("refs/tags/v1", (string?)refs["tags"]![0]!["ref"]);
        Assert.Equal(40, ((string?)refs["tags"]![0]!["targetCommit"])!.Length);
        await again.AssertRefusedAsync(HttpStatusCode.Conflict, null, "there already");
        await badTag.AssertRefusedAsync(HttpStatusCode.NotFound, "RevisionNotFound", "nope");
        Assert.True((await client.SendRawAsync("DELETE", "/api/models/acme/refs/branch/dev%2Fx")).IsSuccessStatusCode);
        Assert.True((await client.SendRawAsync("DELETE", "/api/models/acme/refs/tag/v1")).IsSuccessStatusCode);
        await (await client.SendRawAsync("DELETE", "/api/models/acme/refs/branch/main")).AssertRefusedAsync(HttpStatusCode.Conflict, null, "default branch");
        Assert.DoesNotContain("pullRequests", (await client.JsonAsync("/api/models/acme/refs/refs")).AsObject().Select(field => field.Key));
    }

    [Fact]
    public async Task Branch_ThatIsThere_IsOverwrittenWhereThatIsAskedFor()
    {
        var repository = await _hub.CreateAsync("acme/moving");
        var first = await _hub.CommitAsync("acme/moving", TestHub.FileLine("a", "1"));
        var second = await _hub.CommitAsync("acme/moving", TestHub.FileLine("a", "2"));
        using var client = _hub.AsEngineer;
        Task<HttpResponseMessage> MakeAsync(string body) => client.SendRawAsync("POST", "/api/models/acme/moving/branch/dev", TestHub.Json(body));

        using var made = await MakeAsync("""{"overwrite":true}""");
        Assert.Equal((200, second), ((int)made.StatusCode, repository.Refs["refs/heads/dev"]));
        using var moved = await MakeAsync($$"""{"startingPoint":"{{first}}","overwrite":true}""");
        using var kept = await MakeAsync("""{"overwrite":true}""");
        Assert.Equal((200, 200, first), ((int)moved.StatusCode, (int)kept.StatusCode, repository.Refs["refs/heads/dev"]));
        using var refused = await MakeAsync("""{"emptyBranch":true}""");
        await refused.AssertRefusedAsync(HttpStatusCode.Conflict, null, "there already");
        using var emptied = await MakeAsync("""{"emptyBranch":true,"overwrite":true}""");

        // git's own id of the tree without files.
        var commit = Assert.Single(_hub.Store.Pushed, one => one.Type is GitObjectType.Commit);
        Assert.StartsWith("tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor ", commit.Content.ToStringUtf8(), StringComparison.Ordinal);
        Assert.Equal(ObjectId.Of("commit", commit.Content.Span).Hex, repository.Refs["refs/heads/dev"]);
        Assert.Equal((string?)(await TestHub.ReadAsync(emptied))["targetCommit"], repository.Refs["refs/heads/dev"]);
    }
}
