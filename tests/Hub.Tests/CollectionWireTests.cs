using System.Net;
using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Tests.Doubles;
using ModelGarden.Testing;

namespace ModelGarden.Hub.Tests;

/// <summary>Collections, as they are on the wire.</summary>
public sealed class CollectionWireTests : IAsyncLifetime
{
    private const string First = "000000000000000000000001";
    private TestHub _hub = null!;

    public async ValueTask InitializeAsync() => _hub = await TestHub.StartAsync();

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public async Task Collection_Made_IsAnsweredWhole()
    {
        Assert.Equal(
            $$"""
            {"slug":"acme/Picks-{{First}}","title":"Picks","gating":false,"lastUpdated":"2026-02-03T04:05:06.000Z","owner":{"_id":"f1f5dce2fe0e45033b00e487","avatarUrl":"","fullname":"acme","name":"acme","type":"org","isHf":false,"isHfAdmin":false,"isMod":false},"items":[],"theme":"orange","private":true,"upvotes":0,"isUpvotedByUser":false,"description":"ours","position":0,"shareUrl":"{{TestHub.Address}}/collections/acme/Picks-{{First}}"}
            """,
            await SendAsync("POST", "", """{"title":"Picks","namespace":"acme","description":"ours","private":true}"""));
    }

    [Fact]
    public async Task Collection_MadeTwice_IsAConflictWithItsSlug()
    {
        await SendAsync("POST", "", """{"title":"Picks","namespace":"acme"}""");

        using var again = await _hub.AsEngineer.SendRawAsync("POST", "/api/collections", TestHub.Json("""{"title":"Picks","namespace":"acme"}"""));

        await again.AssertRefusedAsync(HttpStatusCode.Conflict, null, "acme has a collection 'Picks' already");
        Assert.Equal($"acme/Picks-{First}", (string?)(await TestHub.ReadAsync(again))["slug"]);
    }

    [Theory]
    [InlineData("""{"title":"Picks"}""", "acme")]
    [InlineData("""{"title":"Picks","namespace":null}""", "acme")]
    // What clients send where they are told none: the account's name.
    [InlineData("""{"title":"Picks","namespace":"ann"}""", "acme")]
    public async Task Collection_WithoutANamespace_IsTheOrganisations(string body, string owner) =>
        Assert.Equal(owner, (string?)JsonNode.Parse(await SendAsync("POST", "", body))!["owner"]!["name"]);

    [Fact]
    public async Task Items_OfEveryKind_AreInTheProtocolsWords()
    {
        var model = await _hub.CreateAsync("acme/model");
        (model.Declared.Task, model.Measured.Parameters) = ("text-generation", 7_000_000);
        model.Declared.Licenses.Add("llama3");
        _hub.Licenses.RequiresAcceptance["llama3"] = true;
        _hub.Store.Create(new() { Name = "acme/data", Kind = RepositoryKind.Dataset, Visibility = Visibility.Private });
        var app = _hub.Store.Create(new() { Name = "acme/app", Kind = RepositoryKind.App });
        await SendAsync("POST", "", """{"title":"Picks"}""");
        var path = $"/acme/picks-{First}/items";

        await SendAsync("POST", path, """{"item":{"type":"model","id":"acme/model"},"note":"<b>fast</b>"}""");
        await SendAsync("POST", path, """{"item":{"type":"dataset","id":"acme/data"}}""");
        var shown = JsonNode.Parse(await SendAsync("POST", path, """{"item":{"type":"space","id":"acme/app"}}"""))!["items"]!.AsArray();

        Assert.Equal(
            """
            {"_id":"000000000000000000000064","position":0,"type":"model","repoType":"model","id":"acme/model","author":"acme","likes":0,"isLikedByUser":false,"lastModified":"2026-01-02T03:04:06.000Z","private":false,"note":{"html":"&lt;b&gt;fast&lt;/b&gt;","text":"<b>fast</b>"},"downloads":0,"gated":"auto","availableInferenceProviders":[],"pipeline_tag":"text-generation","numParameters":7000000}
            """,
            Written(shown[0]!));
        Assert.Equal(
            """
            {"_id":"000000000000000000000065","position":1,"type":"dataset","repoType":"dataset","id":"acme/data","author":"acme","likes":0,"isLikedByUser":false,"lastModified":"2026-01-02T03:04:06.000Z","private":true,"downloads":0,"gated":false}
            """,
            Written(shown[1]!));
        Assert.Equal(
            """
            {"_id":"000000000000000000000066","position":2,"type":"space","repoType":"space","id":"acme/app","author":"acme","likes":0,"isLikedByUser":false,"lastModified":"2026-01-02T03:04:06.000Z","private":false,"title":"","emoji":"","colorFrom":"","colorTo":"","createdAt":"2026-01-02T03:04:05.000Z","pinned":false,"featured":false,"tags":[],"runtime":{"stage":"STOPPED","hardware":{"current":null,"requested":null},"storage":null,"replicas":{"current":0,"requested":0}}}
            """,
            Written(shown[2]!));
        Assert.Equal("acme/app", app.Name);
    }

    [Fact]
    public async Task App_WithACard_ShowsWhatItSays()
    {
        await SendAsync("POST", "", """{"title":"Picks"}""");
        var card = """{"title":"My app","emoji":"🌎","colorFrom":"green","colorTo":7,"sdk":"static"}""";
        _hub.Store.Collections[0].Items.Add(new CollectionItem
        {
            Id = "x", Repository = new() { Name = "acme/app", Kind = RepositoryKind.App, Record = new() { Declared = new() { Title = "Heading", CardJson = card } } },
        });

        var item = JsonNode.Parse(await SendAsync("GET", $"/acme/{First}", null))!["items"]![0]!;

        Assert.Equal("My app 🌎 green  static", string.Join(' ', item["title"], item["emoji"], item["colorFrom"], item["colorTo"], item["sdk"]));
    }

    [Fact]
    public async Task Collection_Changed_AnswersWhatItIsUnderData()
    {
        await SendAsync("POST", "", """{"title":"Picks","description":"old"}""");

        var changed = JsonNode.Parse(await SendAsync("PATCH", $"/acme/Picks-{First}", """{"title":"New","theme":"pink","private":true,"position":3}"""))!;

        Assert.True((bool)changed["success"]!);
        Assert.Equal($"acme/New-{First} New old pink True 3", string.Join(' ', changed["data"]!["slug"], changed["data"]!["title"], changed["data"]!["description"], changed["data"]!["theme"], (bool)changed["data"]!["private"]!, changed["data"]!["position"]));
        await SendAsync("PATCH", $"/acme/Picks-{First}", """{"description":""}""");
        Assert.Null(JsonNode.Parse(await SendAsync("GET", $"/acme/New-{First}", null))!["description"]);
        Assert.Equal("""{"success":true}""", await SendAsync("DELETE", $"/acme/New-{First}", null));
        Assert.Empty(_hub.Store.Collections);
    }

    [Fact]
    public async Task Item_ChangedAndRemoved_IsSo()
    {
        await _hub.CreateAsync("acme/model");
        await SendAsync("POST", "", """{"title":"Picks"}""");
        var item = (string)JsonNode.Parse(await SendAsync("POST", $"/acme/{First}/items", """{"item":{"type":"model","id":"acme/model"},"note":"one"}"""))!["items"]![0]!["_id"]!;

        Assert.Equal("""{"success":true}""", await SendAsync("PATCH", $"/acme/{First}/items/{item}", """{"position":4}"""));
        Assert.Equal((4L, "one"), (_hub.Store.Collections[0].Items[0].Position, _hub.Store.Collections[0].Items[0].Note));
        await SendAsync("PATCH", $"/acme/{First}/items/{item}", """{"note":""}""");
        Assert.Null(JsonNode.Parse(await SendAsync("GET", $"/acme/{First}", null))!["items"]![0]!["note"]);
        using var twice = await _hub.AsEngineer.SendRawAsync("POST", $"/api/collections/acme/{First}/items", TestHub.Json("""{"item":{"type":"model","id":"acme/model"}}"""));
        await twice.AssertRefusedAsync(HttpStatusCode.Conflict, null, "acme/model is there already");
        Assert.Equal("""{"success":true}""", await SendAsync("DELETE", $"/acme/{First}/items/{item}", null));
        Assert.Empty(_hub.Store.Collections[0].Items);
    }

    [Fact]
    public async Task Collections_Listed_AreAskedForAndPaged()
    {
        foreach (var title in new[] { "A", "B", "C" })
        {
            await SendAsync("POST", "", $$"""{"title":"{{title}}"}""");
        }

        using var client = _hub.As(People.Anonymous);
        using var first = await client.SendRawAsync("GET", "/api/collections?limit=2&sort=trending&owner=acme&owner=globex&item=models/acme/m&item=spaces%2Facme%2Fs&q=x");

        Assert.Equal(
            """{ "owners": [ "acme", "globex" ], "repositories": [ { "name": "acme/m", "kind": "REPOSITORY_KIND_MODEL" }, { "name": "acme/s", "kind": "REPOSITORY_KIND_APP" } ], "text": "x", "order": "COLLECTION_ORDER_UPDATED", "pageSize": 2 }""",
            _hub.Store.ListedCollections!.ToString());
        Assert.Equal(
            $"<{TestHub.Address}/api/collections?limit=2&sort=trending&owner=acme&owner=globex&item=models%2Facme%2Fm&item=spaces%2Facme%2Fs&q=x&cursor=2>; rel=\"next\"", first.Header("Link"));
        var listed = (await TestHub.ReadAsync(first)).AsArray();
        // A client numbers what is listed itself, and does not bear a position beside its own.
        Assert.Equal(
            ["slug", "title", "gating", "lastUpdated", "owner", "items", "theme", "private", "upvotes", "isUpvotedByUser"], listed[0]!.AsObject().Select(field => field.Key));
        Assert.Equal(["A", "B"], listed.Select(one => (string?)one!["title"]));
        using var second = await client.SendRawAsync("GET", "/api/collections?limit=2&cursor=2");
        Assert.Null(second.Header("Link"));
        Assert.Equal("C", (string?)Assert.Single((await TestHub.ReadAsync(second)).AsArray())!["title"]);
        Assert.Equal(CollectionOrder.Unspecified, _hub.Store.ListedCollections.Order);
    }

    [Fact]
    public async Task Collections_Featured_AreAskedForAndSayTheirPlace()
    {
        await SendAsync("POST", "", """{"title":"Picks"}""");
        Assert.Null(JsonNode.Parse(await SendAsync("GET", $"/acme/{First}", null))!["garden"]);
        _hub.Store.Collections[0].Featured = new() { Position = 1, Until = new() { Seconds = 1_767_322_800 } };

        var listed = JsonNode.Parse(await SendAsync("GET", "?featured=true", null))!;

        Assert.True(_hub.Store.ListedCollections!.Featured);
        Assert.Equal("""{"featured":{"position":1,"until":"2026-01-02T03:00:00.000Z"}}""", listed[0]!["garden"]!.ToJsonString());
    }

    [Theory]
    [InlineData("GET", "/acme/none-000000000000000000000009", null, HttpStatusCode.NotFound, "no collection")]
    [InlineData("GET", "?sort=likes", null, HttpStatusCode.BadRequest, "sort=likes")]
    [InlineData("GET", "?limit=0", null, HttpStatusCode.BadRequest, "limit=0")]
    [InlineData("GET", "?item=papers/2311.12983", null, HttpStatusCode.BadRequest, "item=papers/2311.12983")]
    [InlineData("GET", "?item=acme", null, HttpStatusCode.BadRequest, "item=acme")]
    [InlineData("GET", "?featured=perhaps", null, HttpStatusCode.BadRequest, "featured=perhaps")]
    [InlineData("POST", "", "{}", HttpStatusCode.BadRequest, "title is missing")]
    [InlineData("POST", "", """{"title":"x","namespace":"globex"}""", HttpStatusCode.Forbidden, "globex is not yours")]
    [InlineData("POST", "", """{"title":"x","resourceGroupId":"6"}""", HttpStatusCode.BadRequest, "resourceGroupId is not served here")]
    [InlineData("PATCH", "/acme/" + First, """{"theme":"red"}""", HttpStatusCode.BadRequest, "'red' is none of")]
    [InlineData("PATCH", "/acme/" + First, """{"position":-1}""", HttpStatusCode.BadRequest, "position is not a whole number")]
    [InlineData("PATCH", "/acme/" + First, """{"private":"yes"}""", HttpStatusCode.BadRequest, "private is not true or false")]
    [InlineData("POST", "/acme/" + First + "/items", "{}", HttpStatusCode.BadRequest, "item is missing")]
    [InlineData("POST", "/acme/" + First + "/items", """{"item":{"id":"acme/x"}}""", HttpStatusCode.BadRequest, "item.type is missing")]
    [InlineData("POST", "/acme/" + First + "/items", """{"item":{"type":"paper","id":"2311.12983"}}""", HttpStatusCode.BadRequest, "'paper' is not kept in collections here: model, dataset and space are")]
    [InlineData("DELETE", "/acme/" + First + "/items/9", null, HttpStatusCode.NotFound, "no item")]
    [InlineData("PUT", "/acme/" + First, "{}", HttpStatusCode.MethodNotAllowed, "takes DELETE, GET, PATCH")]
    public async Task Collection_BadRequest_IsRefusedInWords(string verb, string path, string? body, HttpStatusCode status, string words)
    {
        await SendAsync("POST", "", """{"title":"Picks"}""");

        using var answer = await _hub.AsEngineer.SendRawAsync(verb, $"/api/collections{path}", body is null ? null : TestHub.Json(body));

        await answer.AssertRefusedAsync(status, null, words);
    }

    [Fact]
    public async Task Item_OfAMissingRepository_IsNotFound()
    {
        await SendAsync("POST", "", """{"title":"Picks"}""");

        using var answer = await _hub.AsEngineer.SendRawAsync("POST", $"/api/collections/acme/{First}/items", TestHub.Json("""{"item":{"type":"model","id":"acme/none"}}"""));

        await answer.AssertRefusedAsync(HttpStatusCode.NotFound, "RepoNotFound", "acme/none");
    }

    [Fact]
    public async Task Collection_WrittenWithoutAToken_IsUnauthorised()
    {
        using var answer = await _hub.As(People.Anonymous).SendRawAsync("POST", "/api/collections", TestHub.Json("""{"title":"x"}"""));

        await answer.AssertRefusedAsync(HttpStatusCode.Unauthorized, null, "token");
    }

    private async Task<string> SendAsync(string verb, string path, string? body)
    {
        using var client = _hub.AsEngineer;
        using var answer = await client.SendRawAsync(verb, $"/api/collections{path}", body is null ? null : TestHub.Json(body));
        var json = await TestHub.ReadAsync(answer);
        Assert.True(answer.IsSuccessStatusCode, json.ToJsonString());
        return Written(json);
    }

    private static string Written(JsonNode json) => json.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
