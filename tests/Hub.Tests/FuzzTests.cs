using System.Globalization;
using System.Text;
using ModelGarden.Hub.Tests.Doubles;

namespace ModelGarden.Hub.Tests;

/// <summary>Nothing that a stranger sends is an unexpected error.</summary>
public sealed class FuzzTests(HubFixture fixture) : IClassFixture<HubFixture>
{
    private static readonly string[] Pieces =
    [
        "api", "models", "datasets", "spaces", "acme", "fuzz", "fuzz.git", "main", "HEAD", "refs", "tree", "resolve", "raw", "revision", "commits", "branch", "tag", "info", "lfs",
        "objects", "batch", "verify", "settings", "preupload", "paths-info", "commit", "auth-check", "write", "repos", "create", "delete", "move", "compare", "discussions", "1", "comment", "title", "status", "merge", "edit", "hide", "collections", "items", "super-squash", "main...main", "a..b", "..", "...", "whoami-v2", "%2F", "..", ".", "", "%2e%2e",
        "a%20b", "%C3%BC", "%FF", "%", "%00", "%F0%9F%92%A9", "~", "a'b", "a\"b", "{x}", "[", "*", "feat%2Fone", "refs%2Fpr%2F1", "README.md", "1e999", "-1", "%25%25", "+", ";", "=", "&",
    ];

    private static readonly string[] Queries =
    [
        "", "?limit=1", "?limit=-1", "?limit=1&limit=2", "?expand=a&expand[]=b", "?cursor=zzz", "?recursive=1", "?search=%FF", "?filter=license:", "?filter=:", "?filter=base_model:",
        "?num_parameters=min:,max:9e99B", "?sort=%20", "?author=", "?author=%ED%A0%80", "?&&=&=x", "?create_pr=maybe", "?blobs", "?gated=", "?expand=siblings,sha", "?direction=0", "?item=models/", "?owner=&item=a&sort=x",
    ];

    private static readonly string[] Fragments =
    [
        "{\"key\":\"header\",\"value\":{\"summary\":\"s\"}}", "\"key\"", "\"header\"", "\"file\"", "\"lfsFile\"", "\"value\"", "{", "}", "[", "]", ":", ",", "\"path\"", "\"a/b\"", "\"..\"",
        "\"content\"", "\"aGk=\"", "\"\\ud800\"", "\"\\u0000\"", "null", "true", "1e400", "-0", "99999999999999999999", "\n", "\r\n", " ", "\"oid\"", "\"size\"", "\u00fc", "\"deletedFile\"",
        "{\"key\":\"file\",\"value\":{\"path\":\"x\",\"content\":\"aGk=\"}}", "{\"key\":\"deletedFolder\",\"value\":{\"path\":\"/\"}}", "{\"key\":\"header\",\"value\":null}",
        "{\"key\":null,\"value\":{}}", "{\"key\":\"file\",\"value\":{\"path\":null,\"content\":[]}}", "{\"\\ud800\":1}",
    ];

    private readonly TestHub _hub = fixture.Hub;

    [Fact]
    public async Task Paths_OfAnyShape_NeverFailUnexpectedly()
    {
        await EnsureAsync();
        var random = new Random(20261121);
        using var client = _hub.AsEngineer;
        for (var round = 0; round < 3000; round++)
        {
            var segments = Enumerable.Range(0, random.Next(1, 9)).Select(_ => Pick(random, Pieces));
            var target = $"/{string.Join('/', segments)}{Pick(random, Queries)}";
            var verb = Pick(random, ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]);
            using var answer = await client.SendRawAsync(verb, target, verb is "GET" or "HEAD" ? null : TestHub.Json(Pick(random, ["", "{}", "{\"name\":\"fuzz\"}", "[]", "\"x\"", "{\"files\":[{}]}", "{\"item\":{\"type\":\"model\",\"id\":7}}", "{\"title\":\"x\",\"position\":-1}"])), ("Range", Pick(random, ["bytes=0-", "bytes=-1", "x", "bytes=99-1"])));
            Assert.True((int)answer.StatusCode < 500, $"{verb} {target}: {(int)answer.StatusCode}");
        }
    }

    [Fact]
    public async Task Commits_OfAnyShape_NeverFailUnexpectedly()
    {
        await EnsureAsync();
        var random = new Random(20261122);
        using var client = _hub.AsEngineer;
        for (var round = 0; round < 1500; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(0, 12)).Select(_ => Pick(random, Fragments)));
            var bytes = Encoding.UTF8.GetBytes(random.Next(2) is 0 ? $"{Fragments[0]}\n{text}" : text);
            if (bytes.Length > 0 && random.Next(3) is 0)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            using var answer = await client.SendRawAsync("POST", "/api/models/acme/fuzz/commit/main", new ByteArrayContent(bytes));
            Assert.True((int)answer.StatusCode < 500, string.Create(CultureInfo.InvariantCulture, $"{(int)answer.StatusCode} for {Convert.ToHexString(bytes)}"));
        }
    }

    private static string Pick(Random random, string[] all) => all[random.Next(all.Length)];

    private async Task EnsureAsync()
    {
        if (_hub.Store.Find("acme/fuzz") is null)
        {
            await _hub.CreateAsync("acme/fuzz");
            await _hub.CommitAsync("acme/fuzz", TestHub.FileLine("README.md", "x"));
        }
    }
}
