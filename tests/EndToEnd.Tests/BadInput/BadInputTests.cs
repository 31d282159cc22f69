using System.Text.Json.Nodes;
using ModelGarden.Clients;
using ModelGarden.EndToEnd.Tests.Gardens;
using ModelGarden.Testing;
using static ModelGarden.EndToEnd.Tests.Gardens.HubUploads;

namespace ModelGarden.EndToEnd.Tests.BadInput;

/// <summary>What a whole garden answers to bad input, each time in the words of the protocol that was spoken, and that nothing of it stays.</summary>
public sealed class BadInputTests(BadInputGarden there, NodeClients clients) : IClassFixture<BadInputGarden>, IClassFixture<NodeClients>
{
    private const string Infer = """{"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[1]}]}""";

    private static CancellationToken Cancel => Patience.Cancel;

    [Theory]
    [InlineData("GET", "/api/models/acme/nothing", null, 404, "RepoNotFound")]
    [InlineData("GET", "/acme/nothing/resolve/main/config.json", null, 404, "RepoNotFound")]
    [InlineData("POST", "/api/models/acme/nothing/commit/main", """{"key":"header","value":{"summary":"x"}}""", 404, "RepoNotFound")]
    [InlineData("POST", "/acme/nothing.git/info/lfs/objects/batch", """{"operation":"upload","objects":[]}""", 404, "RepoNotFound")]
    [InlineData("GET", "/garden/v1/repositories/acme/nothing", null, 404, "REPOSITORY_NOT_FOUND")]
    [InlineData("POST", "/garden/v1/repositories/acme/nothing/lifecycle", """{"action":"LIFECYCLE_ACTION_SUBMIT"}""", 404, "REPOSITORY_NOT_FOUND")]
    [InlineData("POST", "/garden/v1/endpoints", """{"name":"of-nothing","repository":"acme/nothing"}""", 404, "REPOSITORY_NOT_FOUND")]
    [InlineData("POST", "/v1/chat/completions", """{"model":"nothing","messages":[{"role":"user","content":"x"}]}""", 404, "model_not_found")]
    [InlineData("POST", "/v1/embeddings", """{"model":"nothing","input":"x"}""", 404, "model_not_found")]
    [InlineData("GET", "/v1/models/nothing", null, 404, "model_not_found")]
    [InlineData("POST", "/kserve/nothing/v2/models/nothing/infer", Infer, 404, "")]
    public async Task Model_Unknown_IsNotFound(string verb, string target, string? json, int status, string code)
    {
        var before = await there.StateAsync();

        using var answer = json is null ? await there.SendAsync(there.Engineer, verb, target) : await there.SendAsync(there.Engineer, verb, target, json);

        await answer.AssertAsync(status, code, "nothing'");
        Assert.Equal(before, await there.StateAsync());
    }

    [Theory]
    [InlineData("GET", "/api/models/{0}/revision/nope", null, 404, "RevisionNotFound")]
    [InlineData("GET", "/{0}/resolve/nope/README.md", null, 404, "RevisionNotFound")]
    [InlineData("GET", "/api/models/{0}/tree/0123456789012345678901234567890123456789", null, 404, "RevisionNotFound")]
    [InlineData("POST", "/api/models/{0}/branch/other", """{"startingPoint":"nope"}""", 404, "RevisionNotFound")]
    [InlineData("POST", "/api/models/{0}/commit/nope", """{"key":"header","value":{"summary":"x"}}""", 404, "RevisionNotFound")]
    [InlineData("GET", "/garden/v1/repositories/{0}/tree?revision=nope", null, 404, "REVISION_NOT_FOUND")]
    [InlineData("POST", "/garden/v1/endpoints", """{"name":"of-no-revision","repository":"{0}","revision":"nope"}""", 404, "REVISION_NOT_FOUND")]
    public async Task Revision_Unknown_IsNotFound(string verb, string target, string? json, int status, string code)
    {
        var name = await there.RepositoryAsync();
        var before = await there.StateAsync();

        target = target.Replace("{0}", name, StringComparison.Ordinal);
        using var answer = json is null ? await there.SendAsync(there.Engineer, verb, target) : await there.SendAsync(there.Engineer, verb, target, json.Replace("{0}", name, StringComparison.Ordinal));

        await answer.AssertAsync(status, code, target.Contains("0123", StringComparison.Ordinal) ? "0123" : "nope");
        Assert.Equal(before, await there.StateAsync());
    }

    [Theory]
    [InlineData("POST", "/garden/v1/repositories", "BODY_TOO_LARGE")]
    [InlineData("PATCH", "/garden/v1/endpoints/kjv", "BODY_TOO_LARGE")]
    [InlineData("POST", "/api/repos/create", "")]
    [InlineData("POST", "/api/models/acme/any/preupload/main", "")]
    [InlineData("POST", "/v1/chat/completions", "body_too_large")]
    [InlineData("POST", "/v1/embeddings", "body_too_large")]
    [InlineData("POST", "/kserve/kjv/v2/models/kjv/infer", "")]
    public async Task Body_OfTenMegabytes_IsTooLarge(string verb, string target, string code)
    {
        var before = await there.StateAsync();

        using var answer = await there.SendAsync(there.Engineer, verb, target, $$"""{"name":"{{new string('x', 10 << 20)}}"}""");

        await answer.AssertAsync(413, code, "larger than");
        Assert.Equal(before, await there.StateAsync());
    }

    [Fact]
    public async Task Commit_WithALineOfTenMegabytes_IsTooLarge()
    {
        var name = await there.RepositoryAsync();
        var before = await there.StateAsync();

        using var answer = await there.Garden.CommitAsync(there.Engineer, name, SmallFile("a.txt", [1]), SmallFile("big.bin", new byte[10 << 20]));

        await answer.AssertAsync(413, "", "line 3: longer than");
        Assert.Equal(before, await there.StateAsync());
    }

    [Theory]
    [InlineData("/api/whoami-v2", "")]
    [InlineData("/api/models/acme/any", "")]
    [InlineData("/garden/v1/whoami", "BAD_TOKEN")]
    [InlineData("/garden/v1/endpoints", "BAD_TOKEN")]
    [InlineData("/v1/models", "invalid_api_key")]
    [InlineData("/kserve/kjv/v2", "")]
    [InlineData("/garden/v1/files/0000000000000000000000000000000000000000000000000000000000000000", "")]
    public async Task Token_Wrong_IsUnauthenticated(string target, string code)
    {
        using var answer = await there.SendAsync("hf_garden_wrong", "GET", target);

        await answer.AssertAsync(401, code, "this is not a token of this garden");
    }

    [Fact]
    public async Task Token_Revoked_EndsAtOnce()
    {
        var token = await there.Garden.CallAsync(there.Engineer, "POST", "/garden/v1/tokens", new { displayName = "lost" });
        var secret = (string)token["secret"]!;
        await there.Garden.CallAsync(secret, "GET", "/garden/v1/whoami");

        await there.Garden.CallAsync(there.Engineer, "DELETE", $"/garden/v1/tokens/{token["token"]!["id"]}");
        // The Gateway learns of it by Identity's feed, within moments.
        using var answer = await there.UntilAsync(() => there.SendAsync(secret, "GET", "/garden/v1/whoami"), answer => (int)answer.StatusCode is 401);

        await answer.AssertAsync(401, "TOKEN_REVOKED", "revoked");
    }

    [Fact]
    public async Task Endpoint_OfAnotherTenant_IsAsIfItWereNotThere()
    {
        var name = await there.RepositoryAsync();
        await DeployAsync("theirs", name);
        var before = await there.StateAsync();

        foreach (var (verb, target, json) in new (string, string, string?)[]
        {
            ("GET", "/garden/v1/endpoints/theirs", null),
            ("GET", "/garden/v1/endpoints/theirs/watch", null),
            ("GET", "/garden/v1/endpoints/theirs/logs", null),
            ("PATCH", "/garden/v1/endpoints/theirs", """{"scaling":{"maximumReplicas":5}}"""),
            ("DELETE", "/garden/v1/endpoints/theirs", null),
            ("GET", "/v1/models/theirs", null),
            ("POST", "/v1/completions", """{"model":"theirs","prompt":"x"}"""),
            ("POST", "/v1/completions", """{"model":"acme/theirs","prompt":"x"}"""),
            ("GET", "/kserve/theirs/v2", null),
            ("POST", "/kserve/theirs/v2/models/theirs/infer", Infer),
        })
        {
            using var answer = json is null ? await there.SendAsync(there.Stranger, verb, target) : await there.SendAsync(there.Stranger, verb, target, json);
            await answer.AssertAsync(404, target[1] switch { 'g' => "ENDPOINT_NOT_FOUND", 'v' => "model_not_found", _ => "" }, "theirs' in globex");
        }

        var models = await there.Garden.CallAsync(there.Stranger, "GET", "/v1/models");
        Assert.Empty(models["data"]!.AsArray());
        Assert.Equal(before, await there.StateAsync());
        var endpoint = await there.Garden.CallAsync(there.Engineer, "GET", "/garden/v1/endpoints/theirs");
        Assert.Equal(1, (int)endpoint["scaling"]!["maximumReplicas"]!);
    }

    [Fact]
    public async Task Grpc_FromNode_AnswersMembersAndRefusesInItsOwnWords()
    {
        Assert.NotNull(clients);
        var name = await there.RepositoryAsync();
        var before = await there.StateAsync();

        var said = await NodeClients.RunAsync("grpc-calls", new Dictionary<string, string>
        {
            ["GRPC_ADDRESS"] = $"127.0.0.1:{there.Garden.GrpcPort}",
            ["GARDEN_TOKEN"] = there.Engineer,
            ["PROTOS"] = Repo.PathOf("libs/Contracts/protos"),
            ["REPO"] = name,
        });

        Assert.Equal($"ann acme {name}", $"{said["me"]!["name"]} {said["me"]!["tenant"]} {said["repository"]!["name"]}");
        Assert.True((int)said["found"]!["total"]! > 0);
        AssertSaid("NOT_FOUND REPOSITORY_NOT_FOUND", "there is no repository 'acme/nothing'", said["unknownModel"]);
        AssertSaid("INVALID_ARGUMENT BAD_PATH", "path '../evil' has a segment '.' or '..'", said["badPath"]);
        AssertSaid("NOT_FOUND ENDPOINT_NOT_FOUND", "there is no endpoint 'nothing'", said["unknownEndpoint"]);
        AssertSaid("PERMISSION_DENIED SERVICES_ONLY", "only services of this garden may call this", said["forServices"]);
        AssertSaid("UNAUTHENTICATED BAD_TOKEN", "this is not a token of this garden, or it is mistyped: ", said["wrongToken"]);
        AssertSaid("UNAUTHENTICATED SIGN_IN", "this needs a token", said["noToken"]);
        Assert.Equal(before, await there.StateAsync());
    }

    [Fact]
    public async Task Metrics_AreForOperatorsOnly()
    {
        using var engineer = await there.SendAsync(there.Engineer, "GET", "/metrics");
        using var root = await there.SendAsync(RunningGarden.AdminToken, "GET", "/metrics");
        var text = await root.Content.ReadAsStringAsync(Cancel);

        Assert.Equal(404, (int)engineer.StatusCode);
        Assert.All(["gateway", "catalog", "artifacts"], service => Assert.Contains($"garden_service=\"{service}\"", text, StringComparison.Ordinal));
    }

    private static void AssertSaid(string status, string words, JsonNode? refusal)
    {
        Assert.Equal(status, $"{refusal!["code"]} {refusal["reason"]}");
        Assert.StartsWith(words, (string?)refusal["message"], StringComparison.Ordinal);
    }

    private async Task DeployAsync(string endpoint, string name)
    {
        var license = await there.Garden.CallAsync(there.Admin, "GET", "/garden/v1/licenses/apache-2.0");
        await there.Garden.CallAsync(there.Admin, "POST", "/garden/v1/licenses/apache-2.0/acceptances", new { textSha256 = (string?)license["textSha256"], purpose = "tests" });
        var model = await File.ReadAllBytesAsync(Repo.PathOf("deploy/samples/digits/digits.onnx"), Cancel);
        await there.Garden.UploadAsync(there.Engineer, name, model);
        using var committed = await there.Garden.CommitAsync(there.Engineer, name, LargeFile("digits.onnx", model));
        await there.Garden.CallAsync(there.Engineer, "POST", "/garden/v1/endpoints", new { name = endpoint, repository = name });
    }
}
