using System.Net;
using System.Text.Json.Nodes;
using ModelGarden.Hub.Tests.Doubles;
using ModelGarden.Testing;

namespace ModelGarden.Hub.Tests;

/// <summary>Discussions and pull requests, as they are on the wire.</summary>
public sealed class DiscussionWireTests(HubFixture fixture) : IClassFixture<HubFixture>
{
    private readonly TestHub _hub = fixture.Hub;

    [Fact]
    public async Task Discussion_Life_IsInTheProtocolsWords()
    {
        await _hub.CreateAsync("acme/talk");

        Assert.Equal($$"""{"num":1,"pullRequest":false,"url":"{{TestHub.Address}}/acme/talk/discussions/1"}""", await PostAsync("talk", "", """{"title":"Why","description":"<b>so</b>","pullRequest":false}"""));
        Assert.Equal(
            """{"newMessage":{"id":"2","type":"comment","createdAt":"2026-02-03T04:05:06.000Z","author":{"name":"ann"},"data":{"edited":false,"hidden":false,"latest":{"raw":"hm","html":"<p>hm</p>\n","updatedAt":"2026-02-03T04:05:06.000Z","author":{"name":"ann"}},"history":[],"numEdits":0}}}""",
            await PostAsync("talk", "/1/comment", """{"comment":"hm"}"""), ignoreLineEndingDifferences: true);
        Assert.Equal("""{"from":"Why","to":"Why so"}""", JsonNode.Parse(await PostAsync("talk", "/1/title", """{"title":"Why so"}"""))!["newTitle"]!["data"]!.ToJsonString());
        var closed = JsonNode.Parse(await PostAsync("talk", "/1/status", """{"status":"closed","comment":"done"}"""))!["newStatus"]!;
        Assert.Equal("""status-change {"status":"closed"}""", $"{closed["type"]} {closed["data"]!.ToJsonString()}");
        var edited = JsonNode.Parse(await PostAsync("talk", "/1/comment/2/edit", """{"content":"ah"}"""))!["updatedComment"]!["data"]!;
        Assert.Equal("True ah 1", $"{(bool)edited["edited"]!} {edited["latest"]!["raw"]} {edited["numEdits"]}");
        Assert.Equal("""[{"raw":"hm","html":"<p>hm</p>\n","updatedAt":"2026-02-03T04:05:06.000Z","author":{"name":"ann"}}]""", Plain(edited["history"]!.ToJsonString()));
        var hidden = JsonNode.Parse(await PostAsync("talk", "/1/comment/2/hide", null))!["updatedComment"]!["data"]!;
        Assert.Equal("""True "" "" []""", $"{(bool)hidden["hidden"]!} {hidden["latest"]!["raw"]!.ToJsonString()} {hidden["latest"]!["html"]!.ToJsonString()} {hidden["history"]!.ToJsonString()}");

        var shown = await _hub.AsEngineer.JsonAsync("/api/models/acme/talk/discussions/1?diff=1");
        Assert.Equal(["num", "title", "status", "author", "createdAt", "isPullRequest", "repo", "events"], shown.AsObject().Select(field => field.Key));
        Assert.Equal("""{"name":"acme/talk","type":"model"}""", shown["repo"]!.ToJsonString());
        Assert.Equal("closed", (string?)shown["status"]);
        Assert.Equal(["comment", "comment", "title-change", "status-change"], shown["events"]!.AsArray().Select(one => (string?)one!["type"]));
        Assert.Equal("<p><b>so</b></p>\n", (string?)shown["events"]![0]!["data"]!["latest"]!["html"]);
    }

    [Fact]
    public async Task Discussion_WrittenInMarkdown_IsShownSafe()
    {
        await _hub.CreateAsync("acme/marked");
        await PostAsync("marked", "", """{"title":"Why","description":"**so** [a](use.md) ![b](../b.png)<script>alert(1)</script><img src=x.png onerror=alert(1)>"}""");
        await PostAsync("marked", "/1/comment", $$"""{"comment":"{{new string('*', 20_000)}}a"}""");
        await PostAsync("marked", "/1/comment", """{"comment":"_still_"}""");

        var html = (await _hub.AsEngineer.JsonAsync("/api/models/acme/marked/discussions/1"))["events"]!.AsArray().Select(one => (string)one!["data"]!["latest"]!["html"]!).ToList();

        Assert.Equal(
            "<p><strong>so</strong> <a href=\"/acme/marked/blob/main/use.md\" rel=\"nofollow noopener noreferrer ugc\">a</a> b<img src=\"/acme/marked/resolve/main/x.png\" loading=\"lazy\" referrerpolicy=\"no-referrer\"></p>\n",
            html[0]);
        Assert.EndsWith("shown as written, for the marks in them are too many</em></p>\n", html[1], StringComparison.Ordinal);
        Assert.Equal("<p><em>still</em></p>\n", html[2]);
    }

    [Fact]
    public async Task PullRequest_ByACommit_IsShownAndMerged()
    {
        var repository = await _hub.CreateAsync("acme/pull");
        using var client = _hub.AsEngineer;
        using var preupload = await client.SendRawAsync("POST", "/api/models/acme/pull/preupload/main?create_pr=1", TestHub.Json("""{"files":[{"path":"a","size":1}]}"""));
        using var committed = await client.SendRawAsync("POST", "/api/models/acme/pull/commit/main?create_pr=True", TestHub.Ndjson(
            """{"key":"header","value":{"summary":"better","description":"because"}}""", TestHub.FileLine("a", "1")));
        using var more = await client.SendRawAsync("POST", "/api/models/acme/pull/commit/refs%2Fpr%2F1", TestHub.Ndjson("""{"key":"header","value":{"summary":"more"}}""", TestHub.FileLine("b", "1")));

        Assert.Equal(HttpStatusCode.OK, preupload.StatusCode);
        var commit = await TestHub.ReadAsync(committed);
        Assert.Equal($"{TestHub.Address}/acme/pull/discussions/1", (string?)commit["pullRequestUrl"]);
        Assert.Null((await TestHub.ReadAsync(more))["pullRequestUrl"]);
        var shown = await client.JsonAsync("/api/models/acme/pull/discussions/1?diff=1");
        Assert.Equal("open True", $"{shown["status"]} {(bool)shown["isPullRequest"]!}");
        Assert.Equal($$"""{"subject":"better","oid":"{{commit["commitOid"]}}"}""", shown["events"]![1]!["data"]!.ToJsonString());
        Assert.Equal("""{"base":"refs/heads/main"}""", shown["changes"]!.ToJsonString());
        Assert.Equal("[]", shown["filesWithConflicts"]!.ToJsonString());
        Assert.Equal(2, ((string)shown["diff"]!).TrimEnd().Split('\n').Length);
        Assert.Equal($$$"""{"commits":1,"diff":{"complete":true,"whole":"{{{TestHub.Address}}}/api/models/acme/pull/compare/main...refs%2Fpr%2F1"}}""", shown["garden"]!.ToJsonString());
        Assert.Equal("refs/pr/1", (string?)(await client.JsonAsync("/api/models/acme/pull/refs?include_prs=1"))["pullRequests"]![0]!["ref"]);
        var merged = repository.Refs["refs/pr/1"];
        Assert.Equal($$"""{"status":"merged","mergeCommitId":"{{merged}}"}""", await PostAsync("pull", "/1/merge", "{}"));
        Assert.Equal($$"""{"base":"refs/heads/main","mergeCommitId":"{{merged}}"}""", (await client.JsonAsync("/api/models/acme/pull/discussions/1"))["changes"]!.ToJsonString());
    }

    [Fact]
    public async Task PullRequest_WithMoreThanAPageChanged_SaysWhereTheRestIs()
    {
        await _hub.CreateAsync("acme/much");
        using var client = _hub.AsEngineer;
        using var committed = await client.SendRawAsync("POST", "/api/models/acme/much/commit/main?create_pr=1", TestHub.Ndjson(
            """{"key":"header","value":{"summary":"much"}}""", TestHub.FileLine("a", "1"), TestHub.FileLine("b", "1"), TestHub.FileLine("c", "1")));

        var shown = await client.JsonAsync("/api/models/acme/much/discussions/1?diff=1");
        var rest = (string)shown["garden"]!["diff"]!["whole"]!;

        Assert.False((bool)shown["garden"]!["diff"]!["complete"]!);
        Assert.Equal("a\nb\n", (string?)shown["diff"]);
        Assert.Equal("a\nb\nc\n", await client.GetStringAsync(rest[TestHub.Address.Length..], TestContext.Current.CancellationToken));
        Assert.Null((await client.JsonAsync("/api/models/acme/much/discussions/1"))["garden"]!["diff"]);
    }

    [Fact]
    public async Task PullRequest_InConflict_IsRefusedAndSaysWhere()
    {
        await _hub.CreateAsync("acme/conflict");
        using var client = _hub.AsEngineer;
        using var committed = await client.SendRawAsync("POST", "/api/models/acme/conflict/commit/main?create_pr=1", TestHub.Ndjson("""{"key":"header","value":{"summary":"conflict"}}""", TestHub.FileLine("a", "1")));

        Assert.Equal("""["a"]""", (await client.JsonAsync("/api/models/acme/conflict/discussions/1"))["filesWithConflicts"]!.ToJsonString());
        using var refused = await client.SendRawAsync("POST", "/api/models/acme/conflict/discussions/1/merge");
        await refused.AssertRefusedAsync(HttpStatusCode.Conflict, null, "both have changed 'a'");
    }

    [Fact]
    public async Task Discussions_List_IsFilteredAndCounted()
    {
        await _hub.CreateAsync("acme/list");
        foreach (var title in new[] { "one", "two", "three" })
        {
            await PostAsync("list", "", $$"""{"title":"{{title}}","pullRequest":{{(title is "two" ? "true" : "false")}}}""");
        }

        await PostAsync("list", "/3/status", """{"status":"closed"}""");
        Assert.Equal("3,2,1 3 0", await ListAsync(""));
        Assert.Equal("2 1 0", await ListAsync("?type=pull_request&status=open"));
        Assert.Equal("3,1 2 0", await ListAsync("?type=discussion&status=all"));
        Assert.Equal("3 1 0", await ListAsync("?status=closed&author=ann&p=0"));
        Assert.Equal(" 3 50", await ListAsync("?p=1"));

        async Task<string> ListAsync(string query)
        {
            var list = await _hub.AsEngineer.JsonAsync($"/api/models/acme/list/discussions{query}");
            return $"{string.Join(',', list["discussions"]!.AsArray().Select(one => (int)one!["num"]!))} {list["count"]} {list["start"]}";
        }
    }

    [Theory]
    [InlineData("GET", "/9", null, HttpStatusCode.NotFound, "no discussion")]
    [InlineData("GET", "/x", null, HttpStatusCode.NotFound, "no discussion")]
    [InlineData("GET", "?p=-1", null, HttpStatusCode.BadRequest, "p=-1")]
    [InlineData("GET", "?type=issue", null, HttpStatusCode.BadRequest, "type=issue")]
    [InlineData("POST", "", "{}", HttpStatusCode.BadRequest, "title is missing")]
    [InlineData("POST", "/1/comment", "{}", HttpStatusCode.BadRequest, "comment is missing")]
    [InlineData("POST", "/1/status", """{"status":"merged"}""", HttpStatusCode.BadRequest, "neither open nor closed")]
    [InlineData("POST", "/1/comment/x/hide", "{}", HttpStatusCode.NotFound, "no comment")]
    public async Task Discussion_BadRequest_IsRefusedInWords(string verb, string path, string? body, HttpStatusCode status, string words)
    {
        if (_hub.Store.Find("acme/refused") is null)
        {
            await _hub.CreateAsync("acme/refused");
        }

        using var answer = await _hub.AsEngineer.SendRawAsync(verb, $"/api/models/acme/refused/discussions{path}", body is null ? null : TestHub.Json(body));

        await answer.AssertRefusedAsync(status, null, words);
    }

    [Fact]
    public async Task Discussion_WithoutAToken_IsUnauthorised()
    {
        await _hub.CreateAsync("acme/anonymous", published: true);

        using var answer = await _hub.As(People.Anonymous).SendRawAsync("POST", "/api/models/acme/anonymous/discussions", TestHub.Json("""{"title":"hello"}"""));

        await answer.AssertRefusedAsync(HttpStatusCode.Unauthorized, null, "token");
    }

    private async Task<string> PostAsync(string name, string path, string? body)
    {
        using var client = _hub.AsEngineer;
        using var answer = await client.SendRawAsync("POST", $"/api/models/acme/{name}/discussions{path}", body is null ? null : TestHub.Json(body));
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, text);
        return Plain(text);
    }

    private static string Plain(string json) => json.Replace("\\u003C", "<", StringComparison.OrdinalIgnoreCase).Replace("\\u003E", ">", StringComparison.OrdinalIgnoreCase);
}
