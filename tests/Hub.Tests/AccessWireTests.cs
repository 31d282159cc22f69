using System.Net;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Tests.Doubles;
using ModelGarden.Testing;

namespace ModelGarden.Hub.Tests;

/// <summary>Access to gated repositories, as it is on the wire.</summary>
public sealed class AccessWireTests : IAsyncLifetime
{
    private const string Requests = "/api/models/acme/door/user-access-request";
    private TestHub _hub = null!;
    private StoredRepository _repository = null!;

    public async ValueTask InitializeAsync()
    {
        _hub = await TestHub.StartAsync();
        _repository = await _hub.CreateAsync("acme/door", published: true);
        _repository.Gate = AccessGate.Manual;
        await _hub.CommitAsync("acme/door", TestHub.FileLine("config.json", "{}"));
    }

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public async Task Request_AskedListedAndHandled_IsInTheProtocolsWords()
    {
        _repository.Form.Fields.Add([new AccessField { Name = "Company", Type = "text" }, new AccessField { Name = "I agree", Type = "checkbox" }]);

        var asked = await AskAsync(TestHub.Json("""{"Company":"Globex","I agree":true}"""));
        var pending = await OwnerAsync("GET", "/pending");
        var accepted = await OwnerAsync("POST", "/handle", """{"user":"ann","status":"accepted","until":"2027-01-31T00:00:00Z"}""");
        var rejected = await OwnerAsync("POST", "/handle", """{"user":"ann","status":"rejected","rejectionReason":"no"}""");
        var none = await OwnerAsync("GET", "/accepted");
        using var again = await AsRequester("POST", "/acme/door/ask-access", TestHub.Json("{}"));

        const string user = """{"_id":"3be2fb381d20c0e28582de9d","user":"ann","fullname":"Ann Example","email":"ann@globex.test"}""";
        Assert.Equal("""{"status":"pending","timestamp":"2026-02-03T04:05:06.000Z","garden":{"changedAt":"2026-02-03T04:05:06.000Z","tenant":"globex"}}""", asked);
        Assert.Equal(Shown("pending", user, """{"changedAt":"2026-02-03T04:05:06.000Z","tenant":"globex"}""", inList: true), pending);
        Assert.Equal(Shown("accepted", user, """{"changedAt":"2026-02-03T04:05:06.000Z","tenant":"globex","decidedBy":"ann","until":"2027-01-31T00:00:00.000Z"}"""), accepted);
        Assert.Equal(Shown("rejected", user, """{"changedAt":"2026-02-03T04:05:06.000Z","tenant":"globex","decidedBy":"ann","rejectionReason":"no"}"""), rejected);
        Assert.Equal("[]", none);
        await again.AssertRefusedAsync(HttpStatusCode.Forbidden, null, "rejected: no");
        Assert.Equal(("Ann Example", "ann@globex.test", AccessGate.Manual, _repository.Id), (_hub.Licenses.Asking!.FullName, _hub.Licenses.Asking.Email, _hub.Licenses.Asking.Resource.Gate, _hub.Licenses.Asking.Resource.RepositoryId));
    }

    [Fact]
    public async Task Ask_ByAWebForm_AsByJson()
    {
        _repository.Form.Fields.Add([new AccessField { Name = "Company & Co", Type = "text" }, new AccessField { Name = "I agree", Type = "checkbox" }]);

        await AskAsync(new FormUrlEncodedContent(new Dictionary<string, string> { ["Company & Co"] = "Glöbex", ["I agree"] = "on" }));

        Assert.Equal(new Dictionary<string, string> { ["Company & Co"] = "Glöbex", ["I agree"] = "true" }, _hub.Licenses.Asking!.Fields);
    }

    [Fact]
    public async Task Ask_AutomaticGate_OpensTheFiles()
    {
        _repository.Gate = AccessGate.Automatic;
        using var before = await AsRequester("GET", "/acme/door/resolve/main/config.json");
        await before.AssertRefusedAsync(HttpStatusCode.Forbidden, "GatedRepo", "ACCESS_NOT_REQUESTED: acme/door is gated and ann has not asked for access: ask for access at /acme/door/ask-access");
        using var anonymous = await _hub.As().SendRawAsync("GET", "/acme/door/resolve/main/config.json");
        await anonymous.AssertRefusedAsync(HttpStatusCode.Unauthorized, "GatedRepo", "SIGN_IN");
        using var card = await AsRequester("GET", "/api/models/acme/door");
        Assert.Equal("auto", (string?)(await TestHub.ReadAsync(card))["gated"]);

        await AskAsync(TestHub.Json("{}"));

        using var after = await AsRequester("GET", "/acme/door/resolve/main/config.json");
        Assert.Equal(HttpStatusCode.OK, after.StatusCode);
    }

    [Fact]
    public async Task Form_IsShownToWhoMayAsk_WithHisOwnRequest()
    {
        var form = _repository.Form;
        (form.Heading, form.Prompt, form.Description, form.ButtonContent) = ("Hello", "Be good", "All of it", "Go");
        form.Fields.Add(new AccessField { Name = "For", Type = "select", Options = { new AccessOption { Label = "Other", Value = "other" } } });

        const string whole = """{"id":"acme/door","gated":"manual","heading":"Hello","prompt":"Be good","description":"All of it","button_content":"Go","fields":[{"name":"For","type":"select","options":[{"label":"Other","value":"other"}]}],"request":""";
        Assert.Equal(whole + "null}", (await _hub.As().JsonAsync("/acme/door/ask-access")).ToJsonString());
        await AskAsync(TestHub.Json("""{"For":"other"}"""));
        await OwnerAsync("POST", "/handle", """{"user":"ann","status":"accepted"}""");
        using var own = await AsRequester("GET", "/acme/door/ask-access");
        Assert.Equal(
            whole + """{"status":"accepted","timestamp":"2026-02-03T04:05:06.000Z","garden":{"changedAt":"2026-02-03T04:05:06.000Z","tenant":"globex"}}}""",
            (await TestHub.ReadAsync(own)).ToJsonString());
    }

    [Fact]
    public async Task Grant_OfWhoNeverAsked_ShowsHisNameAlone()
    {
        Assert.Equal(
            """{"user":{"_id":"c89150834889b072f050ee6b","user":"bob","fullname":"bob"},"status":"accepted","timestamp":"2026-02-03T04:05:06.000Z","garden":{"changedAt":"2026-02-03T04:05:06.000Z","decidedBy":"ann"}}""",
            await OwnerAsync("POST", "/grant", """{"user":"BOB"}"""));
    }

    [Fact]
    public async Task Lists_AreInPages()
    {
        foreach (var name in new[] { "a1", "b2", "c3" })
        {
            _hub.Licenses.Requests[(_repository.Id, name)] = new() { Account = name, Status = AccessStatus.Rejected, ChangedAt = new() };
        }

        using var client = _hub.AsEngineer;
        using var first = await client.SendRawAsync("GET", $"{Requests}/rejected?limit=2");
        using var second = await client.SendRawAsync("GET", $"{Requests}/rejected?limit=2&cursor=2");

        Assert.Equal(["a1", "b2"], await NamesAsync(first));
        Assert.Equal($"<{TestHub.Address}{Requests}/rejected?limit=2&cursor=2>; rel=\"next\"", first.Header("Link"));
        Assert.Equal(["c3"], await NamesAsync(second));
        Assert.Null(second.Header("Link"));
    }

    [Theory]
    [InlineData("POST", "/handle", """{"user":"nobody","status":"accepted"}""", HttpStatusCode.NotFound, "has not asked")]
    [InlineData("POST", "/handle", """{"user":"ann","status":"pending"}""", HttpStatusCode.BadRequest, "so already")]
    [InlineData("POST", "/handle", """{"user":"ann","status":"maybe"}""", HttpStatusCode.BadRequest, "status 'maybe' is none of accepted, rejected and pending")]
    [InlineData("POST", "/handle", """{"user":"ann","status":"accepted","until":"soon"}""", HttpStatusCode.BadRequest, "'soon' is not a time")]
    [InlineData("POST", "/handle", """{"status":"accepted"}""", HttpStatusCode.BadRequest, "user is missing")]
    [InlineData("POST", "/grant", """{"user":"nobody"}""", HttpStatusCode.NotFound, "there is no account 'nobody'")]
    [InlineData("POST", "/grant", """{"user":"../x"}""", HttpStatusCode.NotFound, "there is no account '../x'")]
    [InlineData("GET", "/denied", null, HttpStatusCode.BadRequest, "pending, accepted and rejected are")]
    public async Task Owner_WhatCannotBe_IsRefused(string verb, string path, string? body, HttpStatusCode status, string words)
    {
        await AskAsync(TestHub.Json("{}"));
        using var client = _hub.AsEngineer;

        using var answer = await client.SendRawAsync(verb, Requests + path, body is null ? null : TestHub.Json(body));

        await answer.AssertRefusedAsync(status, null, words);
    }

    [Theory]
    [InlineData("GET", "/pending", null)]
    [InlineData("POST", "/handle", """{"user":"ann","status":"accepted"}""")]
    [InlineData("POST", "/grant", """{"user":"nobody"}""")]
    public async Task Others_HandleNothing_AndLearnNothing(string verb, string path, string? body)
    {
        using var stranger = await AsRequester(verb, Requests + path, body is null ? null : TestHub.Json(body));
        using var anonymous = await _hub.As().SendRawAsync(verb, Requests + path, body is null ? null : TestHub.Json(body));
        _repository.IsPublished = false;
        using var hidden = await AsRequester(verb, Requests + path, body is null ? null : TestHub.Json(body));

        await stranger.AssertRefusedAsync(HttpStatusCode.Forbidden, null, "only members of acme");
        Assert.True(anonymous.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden, $"{anonymous.StatusCode}");
        await hidden.AssertRefusedAsync(HttpStatusCode.NotFound, "RepoNotFound", "acme/door");
    }

    [Fact]
    public async Task Ask_WhatCannotBe_IsRefused()
    {
        using var anonymous = await _hub.As().SendRawAsync("POST", "/acme/door/ask-access", TestHub.Json("{}"));
        await anonymous.AssertRefusedAsync(HttpStatusCode.Unauthorized, null, "asking for access needs a token");
        using var parts = await AsRequester("POST", "/acme/door/ask-access", new MultipartFormDataContent());
        await parts.AssertRefusedAsync(HttpStatusCode.BadRequest, null, "application/x-www-form-urlencoded");
        using var number = await AsRequester("POST", "/acme/door/ask-access", TestHub.Json("""{"Age":7}"""));
        await number.AssertRefusedAsync(HttpStatusCode.BadRequest, null, "Age is not a string");
        _repository.Gate = AccessGate.None;
        using var open = await AsRequester("POST", "/acme/door/ask-access", TestHub.Json("{}"));
        await open.AssertRefusedAsync(HttpStatusCode.BadRequest, null, "not gated");
        using var missing = await AsRequester("POST", "/acme/nothing/ask-access", TestHub.Json("{}"));
        await missing.AssertRefusedAsync(HttpStatusCode.NotFound, "RepoNotFound", "acme/nothing");
    }

    [Fact]
    public async Task Dataset_IsAskedForUnderItsPrefix()
    {
        var data = _hub.Store.Create(new() { Name = "acme/data", Kind = RepositoryKind.Dataset });
        (data.IsPublished, data.Gate) = (true, AccessGate.Automatic);

        using var asked = await AsRequester("POST", "/datasets/acme/data/ask-access", TestHub.Json("{}"));

        Assert.Equal(HttpStatusCode.OK, asked.StatusCode);
        Assert.Equal(RepositoryKind.Dataset, _hub.Licenses.Asking!.Resource.Kind);
    }

    private static string Shown(string status, string user, string garden, bool inList = false)
    {
        var json = $$"""{"user":{{user}},"status":"{{status}}","timestamp":"2026-02-03T04:05:06.000Z","fields":{"Company":"Globex","I agree":"true"},"garden":{{garden}}}""";
        return inList ? $"[{json}]" : json;
    }

    private static async Task<IEnumerable<string?>> NamesAsync(HttpResponseMessage answer) => (await TestHub.ReadAsync(answer)).AsArray().Select(one => (string?)one!["user"]!["user"]);

    private async Task<string> AskAsync(HttpContent body)
    {
        using var answer = await AsRequester("POST", "/acme/door/ask-access", body);
        var json = await TestHub.ReadAsync(answer);
        Assert.True(answer.IsSuccessStatusCode, json.ToJsonString());
        return json.ToJsonString();
    }

    private async Task<string> OwnerAsync(string verb, string path, string? body = null)
    {
        using var client = _hub.AsEngineer;
        using var answer = await client.SendRawAsync(verb, Requests + path, body is null ? null : TestHub.Json(body));
        var json = await TestHub.ReadAsync(answer);
        Assert.True(answer.IsSuccessStatusCode, json.ToJsonString());
        return json.ToJsonString();
    }

    private async Task<HttpResponseMessage> AsRequester(string verb, string target, HttpContent? body = null)
    {
        using var client = _hub.As(People.Engineer("globex"));
        return await client.SendRawAsync(verb, target, body);
    }
}
