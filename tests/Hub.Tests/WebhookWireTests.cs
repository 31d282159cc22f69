using System.Net;
using Google.Protobuf.WellKnownTypes;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Tests.Doubles;
using ModelGarden.Testing;

namespace ModelGarden.Hub.Tests;

/// <summary>Webhooks, as they are on the wire.</summary>
public sealed class WebhookWireTests : IAsyncLifetime
{
    private const string Path = "/api/settings/webhooks";
    private const string First = "000000000000000000000001";
    private const string Body = """{"watched":[{"type":"user","name":"ann"},{"type":"org","name":"acme"},{"type":"model","name":"acme/m"},{"type":"dataset","name":"acme/d"},{"type":"space","name":"acme/s"}],"url":"https://hooks.example/x","domains":["repo","discussion"],"secret":"ours"}""";
    private const string Garden = "\"garden\":{\"disabledReason\":null,\"failingSince\":null,\"createdAt\":\"2026-02-03T04:05:06.000Z\"}";
    private TestHub _hub = null!;

    public async ValueTask InitializeAsync() => _hub = await TestHub.StartAsync();

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public async Task Webhook_MadeShownAndListed_IsInTheProtocolsWords()
    {
        var hook = $$"""{"id":"{{First}}","url":"https://hooks.example/x","watched":[{"type":"user","name":"ann"},{"type":"org","name":"acme"},{"type":"model","name":"acme/m"},{"type":"dataset","name":"acme/d"},{"type":"space","name":"acme/s"}],"domains":["repo","discussion"],"secret":"ours","disabled":false,{{Garden}}}""";

        Assert.Equal($$"""{"webhook":{{hook}}}""", await SendAsync("POST", "", Body));
        Assert.Equal($$"""{"webhook":{{hook}}}""", await SendAsync("GET", $"/{First}"));
        Assert.Equal($"[{hook}]", await SendAsync("GET", ""));
        Assert.Equal(TestHub.Address, _hub.Store.Address);
    }

    [Fact]
    public async Task Webhook_ChangedAsClientsDo_KeepsWhatTheyLeaveOut()
    {
        await SendAsync("POST", "", """{"watched":[{"type":"org","name":"acme"}],"url":"https://hooks.example/x","domains":null,"secret":null}""");

        // What the Python client sends where it is told of domains alone.
        var changed = await SendAsync("POST", $"/{First}", """{"watched":[],"url":null,"domains":["repo"],"secret":null}""");

        Assert.Equal($$$"""{"webhook":{"id":"{{{First}}}","url":"https://hooks.example/x","watched":[{"type":"org","name":"acme"}],"domains":["repo"],"secret":"made","disabled":false,{{{Garden}}}}}""", changed);
        Assert.Contains("\"disabled\":true", await SendAsync("POST", $"/{First}/disable"), StringComparison.Ordinal);
        Assert.Contains("\"disabled\":false", await SendAsync("POST", $"/{First}/enable"), StringComparison.Ordinal);
        Assert.Equal("""{"success":true}""", await SendAsync("DELETE", $"/{First}"));
        Assert.Equal("[]", await SendAsync("GET", ""));
    }

    [Fact]
    public async Task Deliveries_AreListedInPagesAndSentAgain()
    {
        await SendAsync("POST", "", Body);
        var then = Timestamp.FromDateTimeOffset(new(2026, 2, 3, 4, 5, 6, TimeSpan.Zero));
        _hub.Store.Deliveries.Add(new()
        {
            Id = "msg_2", Scope = "repo.content", Action = "update", Repository = new() { Name = "acme/m", Kind = RepositoryKind.Model }, Status = DeliveryStatus.Delivered, Attempts = 2, CreatedAt = then, AttemptedAt = then,
            ResponseCode = 200, Outcome = "delivered", Response = "taken", DurationMs = 12,
        });
        _hub.Store.Deliveries.Add(new() { Id = "msg_1", Scope = "repo", Action = "create", Repository = new() { Name = "acme/d", Kind = RepositoryKind.Dataset }, Status = DeliveryStatus.Waiting, CreatedAt = then, NextAttemptAt = then });
        using var client = _hub.AsEngineer;

        using var first = await client.SendRawAsync("GET", $"{Path}/{First}/deliveries?limit=1");

        Assert.Equal($"<{TestHub.Address}{Path}/{First}/deliveries?limit=1&cursor=1>; rel=\"next\"", first.Header("Link"));
        Assert.Equal(
            """[{"id":"msg_2","event":{"action":"update","scope":"repo.content"},"repo":{"type":"model","name":"acme/m"},"status":"delivered","attempts":2,"createdAt":"2026-02-03T04:05:06.000Z","attemptedAt":"2026-02-03T04:05:06.000Z","nextAttemptAt":null,"responseCode":200,"outcome":"delivered","response":"taken","durationMs":12}]""",
            (await TestHub.ReadAsync(first)).ToJsonString());
        Assert.Equal(
            """[{"id":"msg_1","event":{"action":"create","scope":"repo"},"repo":{"type":"dataset","name":"acme/d"},"status":"waiting","attempts":0,"createdAt":"2026-02-03T04:05:06.000Z","attemptedAt":null,"nextAttemptAt":"2026-02-03T04:05:06.000Z","responseCode":null,"outcome":"","response":"","durationMs":0}]""",
            await SendAsync("GET", $"/{First}/deliveries?limit=1&cursor=1"));
        Assert.Contains("\"status\":\"waiting\"", await SendAsync("POST", $"/{First}/deliveries/msg_2/redeliver"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST", "", """{"watched":[{"type":"org","name":"acme"}]}""", HttpStatusCode.BadRequest, "url is missing")]
    [InlineData("POST", "", """{"url":"x","watched":[{"type":"bucket","name":"acme"}]}""", HttpStatusCode.BadRequest, "watched[0].type is 'bucket': one of user, org, model, dataset, space")]
    [InlineData("POST", "", """{"url":"x","watched":["acme"]}""", HttpStatusCode.BadRequest, "watched[0] is not an object")]
    [InlineData("POST", "", """{"url":"x","watched":[],"domains":["papers"]}""", HttpStatusCode.BadRequest, "domains has 'papers': repo and discussion are served")]
    [InlineData("POST", "", """{"jobSourceId":"1","watched":[]}""", HttpStatusCode.BadRequest, "jobSourceId is not served here")]
    [InlineData("GET", "/2", null, HttpStatusCode.NotFound, "no webhook '2'")]
    [InlineData("POST", "/2/enable", null, HttpStatusCode.NotFound, "no webhook '2'")]
    [InlineData("GET", "/2/deliveries", null, HttpStatusCode.NotFound, "no webhook '2'")]
    [InlineData("POST", "/" + First + "/deliveries/9/redeliver", null, HttpStatusCode.NotFound, "no delivery '9'")]
    [InlineData("PUT", "/" + First, "{}", HttpStatusCode.MethodNotAllowed, "takes DELETE, GET, POST")]
    public async Task Webhook_BadRequest_IsRefusedInWords(string verb, string path, string? body, HttpStatusCode status, string words)
    {
        await SendAsync("POST", "", Body);

        using var answer = await _hub.AsEngineer.SendRawAsync(verb, Path + path, body is null ? null : TestHub.Json(body));

        await answer.AssertRefusedAsync(status, null, words);
    }

    [Fact]
    public async Task Webhooks_WithoutATokenThatWrites_AreRefused()
    {
        var reader = People.Engineer();
        reader.Scopes.Remove("write");

        using var anonymous = await _hub.As(People.Anonymous).SendRawAsync("GET", Path);
        using var reading = await _hub.As(reader).SendRawAsync("GET", Path);

        await anonymous.AssertRefusedAsync(HttpStatusCode.Unauthorized, null, "token");
        await reading.AssertRefusedAsync(HttpStatusCode.Forbidden, null, "scope 'write'");
    }

    private async Task<string> SendAsync(string verb, string path, string? body = null)
    {
        using var client = _hub.AsEngineer;
        using var answer = await client.SendRawAsync(verb, Path + path, body is null ? null : TestHub.Json(body));
        var json = await TestHub.ReadAsync(answer);
        Assert.True(answer.IsSuccessStatusCode, json.ToJsonString());
        return json.ToJsonString();
    }
}
