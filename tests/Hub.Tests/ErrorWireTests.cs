using System.Net;
using ModelGarden.Hub.Tests.Doubles;
using ModelGarden.Testing;

namespace ModelGarden.Hub.Tests;

public sealed class ErrorWireTests(HubFixture fixture) : IClassFixture<HubFixture>
{
    private readonly TestHub _hub = fixture.Hub;

    [Theory]
    [InlineData("HEAD", "/acme/none/resolve/main/x")]
    [InlineData("GET", "/api/models/acme/none")]
    [InlineData("GET", "/api/models/acme/none/revision/main")]
    [InlineData("GET", "/api/models/bert")]
    [InlineData("GET", "/bert/resolve/main/config.json")]
    [InlineData("GET", "/api/datasets/acme/errors/tree/main")]
    [InlineData("GET", "/datasets/acme/errors/resolve/main/x")]
    [InlineData("GET", "/api/models/acme/none/commits/main")]
    [InlineData("GET", "/api/models/acme/none/refs")]
    [InlineData("GET", "/api/models/a--b/c..d")]
    public async Task Repository_Unknown_IsRepoNotFound(string verb, string target)
    {
        await EnsureAsync();
        using var client = _hub.AsEngineer;
        using var nobody = _hub.As();

        using var signedIn = await client.SendRawAsync(verb, target);
        using var anonymous = await nobody.SendRawAsync(verb, target);

        await signedIn.AssertRefusedAsync(HttpStatusCode.NotFound, "RepoNotFound", "no repository");
        await anonymous.AssertRefusedAsync(HttpStatusCode.Unauthorized, "RepoNotFound", "no repository");
    }

    [Theory]
    [InlineData("GET", "/api/models/acme/withdrawn")]
    [InlineData("HEAD", "/acme/withdrawn/resolve/main/README.md")]
    [InlineData("POST", "/api/models/acme/withdrawn/preupload/main")]
    public async Task Repository_TakenDown_IsDisabledToItsOwnersPeople_AndNotThereForOthers(string verb, string target)
    {
        var repository = _hub.Store.Find("acme/withdrawn") ?? await _hub.CreateAsync("acme/withdrawn", published: true);
        repository.IsTakenDown = true;
        using var client = _hub.AsEngineer;
        using var stranger = _hub.As(People.Engineer("globex"));

        using var own = await client.SendRawAsync(verb, target, verb is "POST" ? TestHub.Json("""{"files":[]}""") : null);
        using var others = await stranger.SendRawAsync(verb, target, verb is "POST" ? TestHub.Json("""{"files":[]}""") : null);

        Assert.Equal((HttpStatusCode.Forbidden, "Access to this resource is disabled.", null), (own.StatusCode, own.Header("X-Error-Message"), own.Header("X-Error-Code")));
        if (verb is not "HEAD")
        {
            Assert.Equal("acme/withdrawn was taken down", (string?)(await TestHub.ReadAsync(own))["error"]);
        }

        await others.AssertRefusedAsync(HttpStatusCode.NotFound, "RepoNotFound", "no repository");
    }

    [Fact]
    public async Task Repository_OfAnotherTenant_IsAsIfItWereNotThere()
    {
        await EnsureAsync();
        using var client = _hub.As(People.Engineer("globex"));

        using var info = await client.SendRawAsync("GET", "/api/models/acme/errors");
        using var commit = await client.SendRawAsync("POST", "/api/models/acme/errors/commit/main", TestHub.Ndjson("{}"));

        await info.AssertRefusedAsync(HttpStatusCode.NotFound, "RepoNotFound", "no repository");
        await commit.AssertRefusedAsync(HttpStatusCode.NotFound, "RepoNotFound", "no repository");
    }

    [Theory]
    [InlineData("HEAD", "/acme/errors/resolve/nope/README.md")]
    [InlineData("GET", "/api/models/acme/errors/revision/refs%2Fpr%2F7")]
    [InlineData("GET", "/api/models/acme/errors/tree/nope")]
    [InlineData("GET", "/api/models/acme/errors/commits/feat/none")]
    [InlineData("DELETE", "/api/models/acme/errors/branch/none")]
    [InlineData("DELETE", "/api/models/acme/errors/tag/none")]
    public async Task Revision_Unknown_IsRevisionNotFound(string verb, string target)
    {
        await EnsureAsync();

        using var answer = await _hub.AsEngineer.SendRawAsync(verb, target);

        await answer.AssertRefusedAsync(HttpStatusCode.NotFound, "RevisionNotFound", "no ");
    }

    [Theory]
    [InlineData("HEAD", "/acme/errors/resolve/main/missing.bin", true)]
    [InlineData("GET", "/acme/errors/resolve/main/missing.bin", true)]
    [InlineData("GET", "/acme/errors/resolve/main/folder", true)]
    [InlineData("HEAD", "/acme/errors/raw/main/missing", true)]
    [InlineData("GET", "/api/models/acme/errors/tree/main/additional_chat_templates?recursive=false", false)]
    public async Task Entry_Missing_IsEntryNotFoundAndNamesTheCommit(string verb, string target, bool namesCommit)
    {
        var commit = await EnsureAsync();

        using var answer = await _hub.AsEngineer.SendRawAsync(verb, target);

        Assert.Equal(namesCommit ? commit : null, answer.Header("X-Repo-Commit"));
        await answer.AssertRefusedAsync(HttpStatusCode.NotFound, "EntryNotFound", "no f");
    }

    [Theory]
    [InlineData("/acme/errors/resolve/main/..%2F..%2Fetc%2Fpasswd", "'..'")]
    [InlineData("/acme/errors/resolve/main/a//b", "empty segment")]
    [InlineData("/acme/errors/resolve/main/.git/config", "'.git'")]
    [InlineData("/acme/errors/resolve/main/a%5Cb", "backslash")]
    [InlineData("/acme/errors/resolve/main/a%01b", "control")]
    [InlineData("/acme/errors/resolve/main/a%zz", "percent-encoded")]
    [InlineData("/acme/errors/resolve/main/%ff%fe", "percent-encoded")]
    [InlineData("/api/models?limit=0", "limit")]
    [InlineData("/api/models?limit=many", "limit")]
    [InlineData("/api/models?sort=colour", "sort")]
    [InlineData("/api/models?direction=1", "direction")]
    [InlineData("/api/datasets?sort=datasetsServerInfo.numRows", "num_parameters, mainSize and id are served")]
    [InlineData("/api/models?gated=perhaps", "gated")]
    [InlineData("/api/models?cursor=forged", "page token")]
    [InlineData("/api/models?num_parameters=lots", "num_parameters")]
    [InlineData("/api/models?search=%00", "control")]
    [InlineData("/api/models/acme/errors/tree/main?recursive=maybe", "recursive")]
    public async Task Request_Malformed_SaysWhatIsWrong(string target, string words)
    {
        await EnsureAsync();

        using var answer = await _hub.AsEngineer.SendRawAsync("GET", target);

        await answer.AssertRefusedAsync(HttpStatusCode.BadRequest, null, words);
    }

    [Theory]
    [InlineData("GET", "/")]
    [InlineData("GET", "/api/models/")]
    [InlineData("GET", "/api/kernels/acme/errors")]
    [InlineData("GET", "/api/models/acme/errors/duplicate-of/pending")]
    [InlineData("HEAD", "/api/telemetry/hf_hub")]
    [InlineData("GET", "/api/models/acme/errors/xet-delete-token/main")]
    [InlineData("GET", "/api/models/acme/errors/xet-read-token")]
    public async Task Path_NotServed_IsSaidInJson(string verb, string target)
    {
        using var answer = await _hub.AsEngineer.SendRawAsync(verb, target);

        await answer.AssertRefusedAsync(HttpStatusCode.NotFound, null, "not serve");
    }

    [Theory]
    [InlineData("/api/models/gpt2")]
    [InlineData("/api/models/gpt2/revision/main")]
    [InlineData("/api/models/gpt2/tree/main?recursive=true")]
    [InlineData("/api/models/gpt2/tree/main/sub%2Fdir")]
    [InlineData("/api/models/gpt2/commits/main")]
    [InlineData("/gpt2/resolve/main/config.json")]
    [InlineData("/gpt2/raw/main/a/b")]
    [InlineData("/datasets/gpt2/resolve/main/config.json")]
    public async Task Repository_WithoutANamespace_IsNoneInTheClientsWords(string target)
    {
        using var answer = await _hub.AsEngineer.SendRawAsync("GET", target);
        using var nobody = await _hub.As().SendRawAsync("HEAD", target);

        await answer.AssertRefusedAsync(HttpStatusCode.NotFound, "RepoNotFound", "gpt2'");
        Assert.Equal((HttpStatusCode.Unauthorized, "RepoNotFound"), (nobody.StatusCode, nobody.Header("X-Error-Code")));
    }

    [Fact]
    public async Task Repository_CalledAsAnOperation_IsStillFound()
    {
        await _hub.CreateAsync("acme/resolve");
        await _hub.CreateAsync("acme/tree");

        using var file = await _hub.AsEngineer.SendRawAsync("GET", "/acme/resolve/resolve/main/.gitattributes");
        using var tree = await _hub.AsEngineer.SendRawAsync("GET", "/api/models/acme/tree/tree/main");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (file.StatusCode, tree.StatusCode));
    }

    [Fact]
    public async Task Verb_Wrong_NamesTheRightOnes()
    {
        using var answer = await _hub.AsEngineer.SendRawAsync("PATCH", "/api/models/acme/errors/branch/x");

        Assert.Equal("DELETE, POST", answer.Header("Allow"));
        await answer.AssertRefusedAsync(HttpStatusCode.MethodNotAllowed, null, "DELETE, POST");
    }

    [Theory]
    [InlineData("POST", "/api/repos/create")]
    [InlineData("DELETE", "/api/repos/delete")]
    [InlineData("POST", "/api/models/acme/errors/preupload/main")]
    [InlineData("POST", "/api/models/acme/errors/paths-info/main")]
    [InlineData("POST", "/api/validate-yaml")]
    [InlineData("PUT", "/api/models/acme/errors/settings")]
    [InlineData("POST", "/acme/errors.git/info/lfs/objects/batch")]
    [InlineData("POST", "/acme/errors.git/info/lfs/objects/verify")]
    [InlineData("POST", "/api/models/acme/errors/tag/main")]
    public async Task Body_OfTenMegabytesOrNoJson_IsRefused(string verb, string target)
    {
        await EnsureAsync();
        using var client = _hub.AsEngineer;

        using var large = await client.SendRawAsync(verb, target, TestHub.Json($"{{\"name\":\"{new string('x', 10 << 20)}\"}}"));
        using var chunked = await client.SendRawAsync(verb, target, new Chunked(new string(' ', 5 << 20)));
        using var broken = await client.SendRawAsync(verb, target, TestHub.Json("{\"name\":"));
        using var list = await client.SendRawAsync(verb, target, TestHub.Json("[1,2]"));
        using var surrogate = await client.SendRawAsync(verb, target, TestHub.Json("""{"\ud800":1,"name":"\udfff","type":"\udfff","files":"\udfff","content":"\udfff","gated":"\udfff","operation":"\udfff","oid":"\udfff","tag":"\udfff","paths":["\udfff"]}"""));
        using var deep = await client.SendRawAsync(verb, target, TestHub.Json($"{new string('[', 5000)}"));

        Assert.Null(large.Header("Retry-After"));
        await large.AssertRefusedAsync(HttpStatusCode.RequestEntityTooLarge, null, "larger than 4 MiB");
        await chunked.AssertRefusedAsync(HttpStatusCode.RequestEntityTooLarge, null, "larger than 4 MiB");
        await broken.AssertRefusedAsync(HttpStatusCode.BadRequest, null, "not JSON");
        await list.AssertRefusedAsync(HttpStatusCode.BadRequest, null, "not a JSON object");
        await surrogate.AssertRefusedAsync(HttpStatusCode.BadRequest, null, "");
        await deep.AssertRefusedAsync(HttpStatusCode.BadRequest, null, "not JSON");
    }

    [Fact]
    public async Task Address_ForgedHost_IsNotPutIntoAnswers()
    {
        using var client = _hub.Garden.Http("hub", People.Engineer());

        using var answer = await client.SendRawAsync("GET", "/api/models", null, ("X-Forwarded-Host", "evil\"><script>"));

        await answer.AssertRefusedAsync(HttpStatusCode.BadRequest, null, "host name");
    }

    [Fact]
    public async Task Request_WithoutAnInternalToken_IsRefused()
    {
        using var client = _hub.Garden.Http("hub");

        using var answer = await client.SendRawAsync("GET", "/api/models");

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task Peer_NotThere_IsSaidAndMayBeTriedAgain()
    {
        await using var garden = await TestGarden.StartAsync(HubModule.Definition);
        using var client = garden.Http("hub", People.Engineer());

        using var answer = await client.SendRawAsync("GET", "/api/models/acme/tiny");

        Assert.Equal("2", answer.Header("Retry-After"));
        await answer.AssertRefusedAsync(HttpStatusCode.ServiceUnavailable, null, "catalog");
    }

    private async Task<string> EnsureAsync()
    {
        if (_hub.Store.Find("acme/errors") is { } repository)
        {
            return repository.Resolve("main")!.Commit.Id;
        }

        await _hub.CreateAsync("acme/errors");
        return await _hub.CommitAsync("acme/errors", TestHub.FileLine("folder/file.txt", "x"));
    }

    /// <summary>Sent without a length, in chunks.</summary>
    private sealed class Chunked(string text) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context) => await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text));

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
