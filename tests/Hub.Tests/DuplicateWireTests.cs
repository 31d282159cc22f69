using System.Net;
using ModelGarden.Hub.Tests.Doubles;
using ModelGarden.Testing;

namespace ModelGarden.Hub.Tests;

/// <summary>Repositories, and files of them, that are copied without their bytes going out and in.</summary>
public sealed class DuplicateWireTests(HubFixture fixture) : IClassFixture<HubFixture>
{
    private readonly TestHub _hub = fixture.Hub;

    private static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public async Task Duplicate_OfAnotherTenantsModel_IsMadeOfWhatIsHere()
    {
        var sha256 = await PublishAsync("acme/original", 1);
        using var client = _hub.As(People.Engineer("globex"));

        using var answer = await client.SendRawAsync("POST", "/api/models/acme/original/duplicate", TestHub.Json("""{"repository":"globex/copy","visibility":"private"}"""));

        var json = await TestHub.ReadAsync(answer);
        Assert.Equal((HttpStatusCode.OK, $"{TestHub.Address}/globex/copy", "globex/copy"), (answer.StatusCode, (string?)json["url"], (string?)json["name"]));
        Assert.Contains(("globex", sha256), _hub.Artifacts.Held);
        using var info = await client.SendRawAsync("GET", "/api/models/globex/copy");
        Assert.True((bool?)(await TestHub.ReadAsync(info))["private"]);
    }

    [Fact]
    public async Task Duplicate_IntoTheAccountsOwnName_IsMadeInTheOrganisation()
    {
        await PublishAsync("acme/told-nothing", 8);

        using var answer = await _hub.AsEngineer.SendRawAsync("POST", "/api/models/acme/told-nothing/duplicate", TestHub.Json("""{"repository":"ann/told-less"}"""));

        Assert.Equal((HttpStatusCode.OK, "acme/told-less"), (answer.StatusCode, (string?)(await TestHub.ReadAsync(answer))["name"]));
    }

    [Theory]
    [InlineData("acme/shown", """{"repository":"acme/mine"}""", HttpStatusCode.Forbidden, null, "globex")]
    [InlineData("acme/shown", """{"repository":"copy"}""", HttpStatusCode.BadRequest, null, "namespace/name")]
    [InlineData("acme/shown", "{}", HttpStatusCode.BadRequest, null, "repository is missing")]
    [InlineData("acme/hidden", """{"repository":"globex/mine"}""", HttpStatusCode.NotFound, "RepoNotFound", "acme/hidden")]
    [InlineData("acme/gated", """{"repository":"globex/mine"}""", HttpStatusCode.Forbidden, "GatedRepo", "LICENSE_NOT_ACCEPTED")]
    public async Task Duplicate_Refused_GivesNothing(string name, string body, HttpStatusCode status, string? code, string words)
    {
        await PublishAsync("acme/shown", 2);
        var gated = await PublishAsync("acme/gated", 3, "llama3");
        if (_hub.Store.Find("acme/hidden") is null)
        {
            await _hub.CreateAsync("acme/hidden");
        }

        using var answer = await _hub.As(People.Engineer("globex")).SendRawAsync("POST", $"/api/models/{name}/duplicate", TestHub.Json(body));

        await answer.AssertRefusedAsync(status, code, words);
        Assert.Null(_hub.Store.Find("globex/mine"));
        Assert.DoesNotContain(("globex", gated), _hub.Artifacts.Held);
    }

    [Fact]
    public async Task Duplicate_OfATakenName_Is409_WithItsAddress_AndGivesNothing()
    {
        var sha256 = await PublishAsync("acme/again", 4);
        using var client = _hub.AsEngineer;

        using var answer = await client.SendRawAsync("POST", "/api/models/acme/again/duplicate", TestHub.Json("""{"repository":"acme/again"}"""));

        Assert.Equal((HttpStatusCode.Conflict, $"{TestHub.Address}/acme/again"), (answer.StatusCode, (string?)(await TestHub.ReadAsync(answer))["url"]));
        Assert.DoesNotContain(("acme", sha256), _hub.Artifacts.Held);
    }

    [Fact]
    public async Task LfsFiles_Duplicated_AreGivenToTheTarget_AndUnknownOnesNamed()
    {
        var sha256 = await PublishAsync("acme/files", 5);
        var other = new string('b', 64);

        using var answer = await _hub.As(People.Engineer("globex")).SendRawAsync(
            "POST",
            "/api/models/acme/files/lfs-files/duplicate",
            TestHub.Json($$"""{"target":{"type":"model","name":"globex/target"},"files":[{"xetHash":"x","sha256":"{{sha256}}","filename":"w.bin"},{"sha256":"{{other}}","filename":"o.bin"}]}"""));

        var json = await TestHub.ReadAsync(answer);
        Assert.Equal((HttpStatusCode.OK, other), (answer.StatusCode, (string?)json["failed"]!.AsArray().Single()!["sha256"]));
        Assert.Contains(("globex", sha256), _hub.Artifacts.Held);
        Assert.DoesNotContain(("globex", other), _hub.Artifacts.Held);
    }

    [Fact]
    public async Task LfsFiles_AreListedInPages_AndNoneGoesOutOfHistory()
    {
        var sha256 = await PublishAsync("acme/listed", 7);
        using var client = _hub.AsEngineer;

        using var answer = await client.SendRawAsync("GET", "/api/models/acme/listed/lfs-files?limit=1");
        using var refused = await client.SendRawAsync(
            "POST", "/api/models/acme/listed/lfs-files/batch", TestHub.Json($$$"""{"deletions":{"sha":["{{{sha256}}}"],"rewriteHistory":true}}"""));
        using var foreign = await _hub.As(People.Engineer("globex")).SendRawAsync(
            "POST", "/api/models/acme/listed/lfs-files/batch", TestHub.Json($$$"""{"deletions":{"sha":["{{{sha256}}}"],"rewriteHistory":false}}"""));

        Assert.Equal(
            $$"""[{"fileOid":"{{sha256}}","filename":"w.bin","oid":"{{sha256}}","pushedAt":"1970-01-01T00:00:07.000Z","size":3,"ref":"refs/heads/main"}]""", (await TestHub.ReadAsync(answer)).ToJsonString());
        Assert.Contains("cursor=more>; rel=\"next\"", answer.Header("Link"), StringComparison.Ordinal);
        await refused.AssertRefusedAsync(HttpStatusCode.Conflict, null, "history here stays");
        await foreign.AssertRefusedAsync(HttpStatusCode.Forbidden, null, "only members of acme");
    }

    [Theory]
    [InlineData("""{"files":[]}""", "target")]
    [InlineData("""{"target":{"name":"globex/t"},"files":[{"sha256":"x"}]}""", "files[0].sha256")]
    public async Task LfsFiles_AskedForWrongly_AreRefused(string body, string words)
    {
        await PublishAsync("acme/wrong", 6);

        using var answer = await _hub.As(People.Engineer("globex")).SendRawAsync("POST", "/api/models/acme/wrong/lfs-files/duplicate", TestHub.Json(body));

        await answer.AssertRefusedAsync(HttpStatusCode.BadRequest, null, words);
    }

    private async Task<string> PublishAsync(string name, byte seed, string license = "apache-2.0")
    {
        var sha256 = _hub.Upload([seed, 2, 3]);
        if (_hub.Store.Find(name) is null)
        {
            await _hub.CreateAsync(name);
            await _hub.CommitAsync(name, TestHub.FileLine("README.md", "x"), TestHub.LargeLine("w.bin", sha256));
            var stored = _hub.Store.Find(name)!;
            stored.IsPublished = true;
            stored.Declared.Licenses.Add(license);
        }

        return sha256;
    }
}
