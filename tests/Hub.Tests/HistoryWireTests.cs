using System.Net;
using ModelGarden.Hub.Tests.Doubles;
using ModelGarden.Testing;

namespace ModelGarden.Hub.Tests;

/// <summary>Comparing, squashing and moving, as they are on the wire.</summary>
public sealed class HistoryWireTests(HubFixture fixture) : IClassFixture<HubFixture>
{
    private const string None = "0000000000000000000000000000000000000000";
    private readonly TestHub _hub = fixture.Hub;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Compare_Raw_IsTheLinesOfThePublicHub()
    {
        var (first, second, sha256) = await ChangedAsync("acme/raw");
        using var client = _hub.AsEngineer;

        using var answer = await client.SendRawAsync("GET", $"/api/models/acme/raw/compare/{first}...{second}?raw=true");

        Assert.Equal("text/plain; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal(second, answer.Header("X-Repo-Commit"));
        var pointer = $"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize 4\n";
        Assert.Equal(
            $"""
            B 4	:{"000000"} 100644 {None}... {Blob("\0x\0y")}... A	bytes
            T 0	:100644 000000 {Blob("gone")}... {None}... D	dir/gone
            T 5	:100644 100644 {Blob("moved")}... {Blob("moved")}... R100	dir/old ü.txt	dir/sub/new ü.txt
            T 3	:100644 100644 {Blob("1")}... {Blob("two")}... M	same
            T 4	:000000 100644 {None}... {Blob(pointer)}... A	w.safetensors

            """.ReplaceLineEndings("\n"),
            await answer.Content.ReadAsStringAsync(Cancel));

        static string Blob(string content) => Kernel.ObjectId.Of("blob", System.Text.Encoding.UTF8.GetBytes(content)).Hex;
    }

    [Fact]
    public async Task Compare_List_IsPagedAndWhole()
    {
        var (first, second, sha256) = await ChangedAsync("acme/compare");
        using var client = _hub.AsEngineer;

        using var answer = await client.SendRawAsync("GET", $"/api/models/acme/compare/compare/{first[..40]}..main?json=true&limit=3");
        var page = (await TestHub.ReadAsync(answer)).AsArray();
        var rest = (await client.JsonAsync($"/api/models/acme/compare/compare/{first}..main?json=true&limit=3&cursor=3")).AsArray();

        Assert.Equal($"<{TestHub.Address}/api/models/acme/compare/compare/{first}..main?json=true&limit=3&cursor=3>; rel=\"next\"", answer.Header("Link"));
        Assert.Equal(("5", second), (answer.Header("X-Total-Count"), answer.Header("X-Repo-Commit")));
        Assert.Equal(
            ["added bytes", "deleted dir/gone", "renamed dir/sub/new ü.txt", "modified same", "added w.safetensors"],
            page.Concat(rest).Select(change => $"{change!["status"]} {change["path"]}"));
        Assert.Equal("""{"status":"modified","path":"same","binary":false,"before":{"type":"file","oid":"56a6051ca2b02b04ef92d5150c9ef600403cb1de","size":1,"path":"same"},"after":{"type":"file","oid":"64c5e5885a4b71d8e6e7c5a5ef1f4d4f9d4e9e9a","size":3,"path":"same"}}"""
            .Replace("64c5e5885a4b71d8e6e7c5a5ef1f4d4f9d4e9e9a", Kernel.ObjectId.Of("blob", "two"u8).Hex, StringComparison.Ordinal), rest[0]!.ToJsonString());
        Assert.Equal("dir/old ü.txt", (string?)page[2]!["before"]!["path"]);
        Assert.Equal(sha256, (string?)rest[1]!["after"]!["lfs"]!["oid"]);
        Assert.Null(rest[1]!["before"]);
    }

    [Fact]
    public async Task Compare_Lines_AreForWhoMayHaveTheFiles()
    {
        var (first, second, _) = await ChangedAsync("acme/lines");
        var stored = _hub.Store.Find("acme/lines")!;
        stored.IsPublished = true;

        using var answer = await _hub.As(People.Engineer("globex")).SendRawAsync("GET", $"/api/models/acme/lines/compare/{first}..{second}");
        Assert.Equal(("text/plain; charset=utf-8", second), (answer.Content.Headers.ContentType?.ToString(), answer.Header("X-Repo-Commit")));
        Assert.Equal("bytes\ndir/gone\ndir/sub/new ü.txt\nsame\nw.safetensors\n", await answer.Content.ReadAsStringAsync(Cancel));

        stored.Declared.Licenses.Add("llama3");
        using var gated = await _hub.As(People.Engineer("globex")).SendRawAsync("GET", $"/api/models/acme/lines/compare/{first}..{second}");
        await gated.AssertRefusedAsync(HttpStatusCode.Forbidden, "GatedRepo", "LICENSE_NOT_ACCEPTED");
    }

    [Theory]
    [InlineData("main")]
    [InlineData("refs%2Fheads%2Fmain")]
    [InlineData("refs/heads/main")]
    public async Task Compare_OneRevision_IsComparedWithItsParent(string revision)
    {
        var name = $"acme/alone-{revision.Length}";
        await ChangedAsync(name);

        Assert.Equal(5, (await _hub.AsEngineer.JsonAsync($"/api/models/{name}/compare/{revision}?json=true")).AsArray().Count);
    }

    [Fact]
    public async Task Compare_TwoAndThreeDots_AreGits()
    {
        await _hub.CreateAsync("acme/dots");
        using var client = _hub.AsEngineer;
        await client.SendRawAsync("POST", "/api/models/acme/dots/branch/dev%2Fx");
        await client.SendRawAsync("POST", "/api/models/acme/dots/commit/dev%2Fx", TestHub.Ndjson("""{"key":"header","value":{"summary":"s"}}""", TestHub.FileLine("theirs", "1")));
        await _hub.CommitAsync("acme/dots", TestHub.FileLine("ours", "2"));

        Assert.Equal(["deleted ours", "added theirs"], await ChangesAsync("main..dev%2Fx"));
        Assert.Equal(["added theirs"], await ChangesAsync("main...dev%2Fx"));
        Assert.Equal(["added ours"], await ChangesAsync("dev%2Fx...HEAD"));
        await client.SendRawAsync("POST", "/api/models/acme/dots/super-squash/dev%2Fx");
        using var apart = await client.SendRawAsync("GET", "/api/models/acme/dots/compare/main...dev%2Fx");
        await apart.AssertRefusedAsync(HttpStatusCode.Conflict, null, "in common");

        async Task<IEnumerable<string>> ChangesAsync(string compare) =>
            (await client.JsonAsync($"/api/models/acme/dots/compare/{compare}?json=true")).AsArray().Select(change => $"{change!["status"]} {change["path"]}");
    }

    [Fact]
    public async Task Compare_UnknownRevision_IsRefused()
    {
        await _hub.CreateAsync("acme/unknown");

        using var answer = await _hub.AsEngineer.SendRawAsync("GET", "/api/models/acme/unknown/compare/main...nope?raw=1");

        await answer.AssertRefusedAsync(HttpStatusCode.NotFound, "RevisionNotFound", "nope");
    }

    [Theory]
    [InlineData("""{"message":"all in one\nbecause"}""", "all in one", "because")]
    [InlineData("""{"message":"all in one"}""", "all in one", "")]
    [InlineData("{}", "Super-squash branch 'dev/x'", "")]
    public async Task SuperSquash_Branch_IsOneCommit(string body, string title, string message)
    {
        var name = $"acme/squash-{body.Length}";
        await _hub.CreateAsync(name);
        await _hub.CommitAsync(name, TestHub.FileLine("a", "1"));
        using var client = _hub.AsEngineer;
        await client.SendRawAsync("POST", $"/api/models/{name}/branch/dev%2Fx");

        using var answer = await client.SendRawAsync("POST", $"/api/models/{name}/super-squash/dev%2Fx", TestHub.Json(body));

        var history = (await client.JsonAsync($"/api/models/{name}/commits/dev%2Fx")).AsArray();
        Assert.Equal((title, message), ((string?)Assert.Single(history)!["title"], (string?)history[0]!["message"]));
        Assert.Equal($$"""{"commitId":"{{history[0]!["id"]}}"}""", (await TestHub.ReadAsync(answer)).ToJsonString());
        Assert.Equal(2, (await client.JsonAsync($"/api/models/{name}/commits/main")).AsArray().Count);
    }

    [Fact]
    public async Task SuperSquash_Refused_IsSaidInTheProtocolsWords()
    {
        await _hub.CreateAsync("acme/nosquash", published: true);

        using var unknown = await _hub.AsEngineer.SendRawAsync("POST", "/api/models/acme/nosquash/super-squash/none", TestHub.Json("""{"message":"s"}"""));
        using var stranger = await _hub.As(People.Engineer("globex")).SendRawAsync("POST", "/api/models/acme/nosquash/super-squash/main", TestHub.Json("""{"message":"s"}"""));
        using var nobody = await _hub.As().SendRawAsync("POST", "/api/models/acme/nosquash/super-squash/main", TestHub.Json("""{"message":"s"}"""));
        using var number = await _hub.AsEngineer.SendRawAsync("POST", "/api/models/acme/nosquash/super-squash/main", TestHub.Json("""{"message":7}"""));

        await unknown.AssertRefusedAsync(HttpStatusCode.NotFound, "RevisionNotFound", "none");
        await stranger.AssertRefusedAsync(HttpStatusCode.Forbidden, null, "acme");
        await nobody.AssertRefusedAsync(HttpStatusCode.Unauthorized, null, "token");
        await number.AssertRefusedAsync(HttpStatusCode.BadRequest, null, "message is not a string");
    }

    [Fact]
    public async Task Move_Repository_IsAnsweredAndWritable()
    {
        await _hub.CreateAsync("acme/before");
        using var client = _hub.AsEngineer;

        using var answer = await client.SendRawAsync("POST", "/api/repos/move", TestHub.Json("""{"fromRepo":"acme/before","toRepo":"acme/after","type":"model"}"""));
        using var commit = await client.SendRawAsync("POST", "/api/models/acme/before/commit/main", TestHub.Ndjson("""{"key":"header","value":{"summary":"s"}}""", TestHub.FileLine("a", "1")));

        Assert.Equal($$"""{"url":"{{TestHub.Address}}/acme/after","name":"acme/after"}""", (await TestHub.ReadAsync(answer)).ToJsonString());
        // What is sent to the old name arrives: older clients follow no redirect of a POST.
        Assert.StartsWith($"{TestHub.Address}/acme/after/commit/", (string?)(await TestHub.ReadAsync(commit))["commitUrl"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/models/acme/{0}", "/api/models/acme/{0}")]
    [InlineData("/api/models/Acme/{0}?expand=sha&blobs=true", "/api/models/acme/{0}?expand=sha&blobs=true")]
    [InlineData("/api/models/acme/{0}/revision/refs%2Fheads%2Fmain", "/api/models/acme/{0}/revision/refs%2Fheads%2Fmain")]
    [InlineData("/api/models/acme/{0}/tree/main/sub%2Fdir%20x?recursive=True", "/api/models/acme/{0}/tree/main/sub%2Fdir%20x?recursive=True")]
    [InlineData("/api/models/acme/{0}/commits/main", "/api/models/acme/{0}/commits/main")]
    [InlineData("/api/models/acme/{0}/refs?include_prs=1", "/api/models/acme/{0}/refs?include_prs=1")]
    [InlineData("/api/models/acme/{0}/compare/main?raw=true", "/api/models/acme/{0}/compare/main?raw=true")]
    [InlineData("/api/models/acme/{0}/auth-check", "/api/models/acme/{0}/auth-check")]
    [InlineData("/acme/{0}/resolve/main/sub%20dir/%C3%BC.txt", "/acme/{0}/resolve/main/sub%20dir/%C3%BC.txt")]
    [InlineData("/acme/{0}/raw/main/README.md", "/acme/{0}/raw/main/README.md")]
    public async Task Moved_ReadByTheOldName_IsSentToTheNew(string asked, string location)
    {
        var number = (uint)asked.GetHashCode(StringComparison.Ordinal);
        var (from, to) = ($"from-{number}", $"to-{number}");
        await _hub.CreateAsync($"acme/{from}");
        await _hub.CommitAsync($"acme/{from}", TestHub.FileLine("README.md", "x"), TestHub.FileLine("sub dir/ü.txt", "x"), TestHub.FileLine("sub/dir x/a", "x"));
        using var client = _hub.AsEngineer;
        using var moved = await client.SendRawAsync("POST", "/api/repos/move", TestHub.Json($$"""{"fromRepo":"acme/{{from}}","toRepo":"acme/{{to}}"}"""));
        Assert.Equal(HttpStatusCode.OK, moved.StatusCode);
        foreach (var verb in asked.Contains("/tree/", StringComparison.Ordinal) || asked.Contains("/refs?", StringComparison.Ordinal) ? ["GET"] : new[] { "GET", "HEAD" })
        {
            using var answer = await client.SendRawAsync(verb, string.Format(System.Globalization.CultureInfo.InvariantCulture, asked, from));

            Assert.Equal(HttpStatusCode.TemporaryRedirect, answer.StatusCode);
            Assert.Equal(string.Format(System.Globalization.CultureInfo.InvariantCulture, location, to), answer.Header("Location"));
            Assert.Equal(0, answer.Content.Headers.ContentLength);
            using var there = await client.SendRawAsync(verb, answer.Header("Location")!);
            Assert.Equal(HttpStatusCode.OK, there.StatusCode);
        }
    }

    [Fact]
    public async Task Moved_SeenByStrangers_IsNotToldOfDrafts()
    {
        await _hub.CreateAsync("acme/secret");
        using var client = _hub.AsEngineer;
        await client.SendRawAsync("POST", "/api/repos/move", TestHub.Json("""{"fromRepo":"acme/secret","toRepo":"acme/more-secret"}"""));

        using var answer = await _hub.As(People.Engineer("globex")).SendRawAsync("GET", "/api/models/acme/secret");

        await answer.AssertRefusedAsync(HttpStatusCode.NotFound, "RepoNotFound", "acme/secret");
    }

    [Theory]
    [InlineData("""{"fromRepo":"acme/mv1","toRepo":"acme/taken"}""", HttpStatusCode.Conflict, null, "there already")]
    [InlineData("""{"fromRepo":"acme/mv1","toRepo":"globex/x"}""", HttpStatusCode.Forbidden, null, "globex")]
    [InlineData("""{"fromRepo":"acme/mv1","toRepo":"x"}""", HttpStatusCode.BadRequest, null, "namespace/name")]
    [InlineData("""{"fromRepo":"acme/mv1"}""", HttpStatusCode.BadRequest, null, "toRepo is missing")]
    [InlineData("""{"fromRepo":"acme/none","toRepo":"acme/x"}""", HttpStatusCode.NotFound, "RepoNotFound", "acme/none")]
    [InlineData("""{"fromRepo":"acme/mv1","toRepo":"acme/x","type":"dataset"}""", HttpStatusCode.NotFound, "RepoNotFound", "acme/mv1")]
    public async Task Move_Refused_ChangesNothing(string body, HttpStatusCode status, string? code, string words)
    {
        foreach (var name in new[] { "acme/mv1", "acme/taken" })
        {
            if (_hub.Store.Find(name) is null)
            {
                await _hub.CreateAsync(name);
            }
        }

        using var answer = await _hub.AsEngineer.SendRawAsync("POST", "/api/repos/move", TestHub.Json(body));

        await answer.AssertRefusedAsync(status, code, words);
        Assert.NotNull(_hub.Store.Find("acme/mv1"));
    }

    /// <summary>A repository and two commits of it, between which everything happens that can.</summary>
    private async Task<(string First, string Second, string Sha256)> ChangedAsync(string name)
    {
        await _hub.CreateAsync(name);
        var first = await _hub.CommitAsync(name, TestHub.FileLine("same", "1"), TestHub.FileLine("dir/gone", "gone"), TestHub.FileLine("dir/old ü.txt", "moved"));
        var sha256 = _hub.Upload([9, 9, 9, 9]);
        var second = await _hub.CommitAsync(
            name,
            TestHub.FileLine("same", "two"),
            """{"key":"deletedFile","value":{"path":"dir/gone"}}""",
            """{"key":"deletedFile","value":{"path":"dir/old ü.txt"}}""",
            TestHub.FileLine("dir/sub/new ü.txt", "moved"),
            TestHub.FileLine("bytes", "\0x\0y"),
            TestHub.LargeLine("w.safetensors", sha256));
        return (first, second, sha256);
    }
}
