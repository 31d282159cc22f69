using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Health;
using ModelGarden.Testing;

namespace ModelGarden.Gateway.Tests;

public sealed class GatewayTests : IAsyncLifetime
{
    private readonly IdentityDouble _identity = new();
    private readonly EntitlementDouble _entitlement = new();
    private TestGarden _garden = null!;
    private HttpClient _client = null!;

    private static CancellationToken Cancel => Patience.Cancel;

    public async ValueTask InitializeAsync()
    {
        _garden = await TestGarden.StartAsync(
            _identity.Definition, _entitlement.Definition, Echoes.Hub, Echoes.Search, Echoes.Deployment, Echoes.Catalog, GatewayModule.Definition);
        await _garden.PartsOf(ServiceNames.Gateway).GetRequiredService<Readiness>().WhenReadyAsync(Cancel);
        _client = _garden.Http(ServiceNames.Gateway);
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "hf_ann");
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _garden.DisposeAsync();
    }

    public static TheoryData<string, string> Credentials => new()
    {
        { "Authorization", "Bearer hf_ann" },
        { "Authorization", "bearer hf_ann" },
        { "Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("git:hf_ann")) },
        { "api-key", "hf_ann" },
    };

    [Theory]
    [MemberData(nameof(Credentials))]
    public async Task Request_WithCredential_GoesOnWithInternalTokenOnly(string header, string value)
    {
        using var client = _garden.Http(ServiceNames.Gateway);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/models");
        request.Headers.TryAddWithoutValidation(header, value);

        var seen = await EchoAsync(client, request);

        Assert.StartsWith("Bearer ey", seen["headers"]!["Authorization"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.DoesNotContain("hf_ann", seen.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_WithoutCredential_IsAnonymous()
    {
        using var client = _garden.Http(ServiceNames.Gateway);

        var seen = await EchoAsync(client, new(HttpMethod.Get, "/api/models"));

        Assert.StartsWith("Bearer ey", seen["headers"]!["Authorization"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_WithInternalTokenFromOutside_IsRefused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/garden/v1/whoami");
        request.Headers.Authorization = new("Bearer", TestGarden.TokenOf(People.Operator));

        using var response = await _client.SendAsync(request, Cancel);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Theory]
    [InlineData("Bearer hf_wrong")]
    [InlineData("Digest x")]
    [InlineData("Basic %%%")]
    public async Task Request_WithWrongCredential_IsRefusedInEachProtocolsWords(string authorization)
    {
        using var hub = await SendAsync("/api/whoami-v2", authorization);
        using var rest = await SendAsync("/garden/v1/whoami", authorization);
        using var openAi = await SendAsync("/v1/models", authorization);
        using var inference = await SendAsync("/kserve/digits/v2", authorization);

        Assert.All([hub, rest, openAi, inference], response => Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode));
        Assert.Equal("Invalid credentials in Authorization header", hub.Headers.GetValues("X-Error-Message").Single());
        Assert.NotEmpty((await JsonAsync(hub))["error"]!.GetValue<string>());
        Assert.NotEmpty((await JsonAsync(inference))["error"]!.GetValue<string>());
        Assert.NotNull((await JsonAsync(rest))["error"]!["reason"]);
        Assert.Equal("invalid_api_key", (await JsonAsync(openAi))["error"]!["code"]!.GetValue<string>());
    }

    [Fact]
    public async Task Grpc_ThroughTheGateway_CarriesTheCaller()
    {
        var identity = new Identity.IdentityClient(_garden.AsNobody(ServiceNames.Gateway));

        var me = await identity.WhoAmIAsync(new(), new Metadata { { "authorization", "Bearer hf_ann" } }, cancellationToken: Cancel);
        var wrong = await Assert.ThrowsAsync<RpcException>(() => identity.WhoAmIAsync(new(), new Metadata { { "authorization", "Bearer hf_no" } }, cancellationToken: Cancel).ResponseAsync);
        var nobody = await Assert.ThrowsAsync<RpcException>(() => identity.WhoAmIAsync(new(), cancellationToken: Cancel).ResponseAsync);

        Assert.Equal("ann", me.Name);
        Assert.Equal((StatusCode.Unauthenticated, "the token is not known"), (wrong.StatusCode, wrong.Status.Detail));
        Assert.Equal("SIGN_IN", nobody.Trailers.GetValue("garden-reason"));
    }

    [Fact]
    public async Task Grpc_ForServicesOnly_IsClosedToPeople()
    {
        var identity = new Identity.IdentityClient(_garden.AsNobody(ServiceNames.Gateway));

        var refused = await Assert.ThrowsAsync<RpcException>(() => identity.AuthenticateAsync(new(), new Metadata { { "authorization", "Bearer hf_ann" } }, cancellationToken: Cancel).ResponseAsync);

        Assert.Equal((StatusCode.PermissionDenied, "SERVICES_ONLY"), (refused.StatusCode, refused.Trailers.GetValue("garden-reason")));
    }

    [Theory]
    [InlineData("token/token-of-ann", true)]
    [InlineData("account/ANN", true)]
    [InlineData("token/other", false)]
    public async Task Credential_ChangedAtIdentity_IsAskedForAgain(string key, bool isAskedAgain)
    {
        await _client.GetStringAsync("/garden/v1/whoami", Cancel);
        var asked = _identity.Asked;

        _identity.Feed.Announce(key);
        await _garden.FollowedAsync<ModelGarden.Gateway.Credentials.CredentialEviction>();
        await _client.GetStringAsync("/garden/v1/whoami", Cancel);

        Assert.Equal(isAskedAgain ? asked + 1 : asked, _identity.Asked);
    }

    [Fact]
    public async Task Rest_Query_ReadsEachKindOfParameter()
    {
        var answer = await _client.GetFromJsonAsync<JsonNode>("/garden/v1/search?text=a%20b&tasks=x&tasks=y&kind=REPOSITORY_KIND_DATASET&pageSize=7&minimum_parameters=9000000000", Cancel);

        Assert.Equal("a b x+y Dataset 7", answer!["nextPageToken"]!.GetValue<string>());
        Assert.Equal("9000000000", answer["total"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("/garden/v1/search?colour=red", "BAD_QUERY")]
    [InlineData("/garden/v1/search?pageSize=many", "BAD_REQUEST")]
    [InlineData("/garden/v1/search?kind=RED", "BAD_REQUEST")]
    public async Task Rest_BadQuery_Is400(string url, string reason)
    {
        using var response = await _client.GetAsync(new Uri(url, UriKind.Relative), Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(reason, (await JsonAsync(response))["error"]!["reason"]!.GetValue<string>());
    }

    [Fact]
    public async Task Rest_Bytes_AreInBase64()
    {
        await _garden.RestartAsync(Echoes.Artifacts);
        var answer = await _client.GetFromJsonAsync<JsonNode>("/garden/v1/conversions/abc", Cancel);

        Assert.Equal(("CONVERSION_STATE_DONE", "abc", "e30="), ((string?)answer!["state"], (string?)answer["sha256"], (string?)answer["statement"]));
    }

    [Fact]
    public async Task Rest_Usage_IsToldByTenant()
    {
        await _garden.RestartAsync(Echoes.Artifacts);
        var usage = await _client.GetFromJsonAsync<JsonNode>("/garden/v1/artifacts/usage/acme", Cancel);

        Assert.Equal(("acme", "3", "9000000000"), ((string?)usage!["tenant"], (string?)usage["files"], (string?)usage["storedBytes"]));
    }

    [Theory]
    [InlineData("""{"logicalBytes":9000000000,"storedBytes":"0"}""", "9000000000", "0")]
    [InlineData("""{"storedBytes":5}""", "-1", "5")]
    [InlineData("{}", "-1", "-1")]
    public async Task Rest_Quota_IsSetByOperatorsAndWhatIsAbsentStaysSo(string body, string logical, string stored)
    {
        await _garden.RestartAsync(Echoes.Artifacts);
        using var refused = await _client.PutAsync(new Uri("/garden/v1/artifacts/quotas/acme", UriKind.Relative), new StringContent(body), Cancel);
        _identity.Tokens["hf_olga"] = People.Operator;
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "hf_olga");

        using var response = await _client.PutAsync(new Uri("/garden/v1/artifacts/quotas/acme", UriKind.Relative), new StringContent(body), Cancel);

        Assert.Equal((HttpStatusCode.Forbidden, "ROLE_MISSING"), (refused.StatusCode, (string?)(await JsonAsync(refused))["error"]!["reason"]));
        var usage = await JsonAsync(response);
        Assert.Equal(("acme", logical, stored), ((string?)usage["tenant"], (string?)usage["logicalLimit"] ?? "0", (string?)usage["storedLimit"] ?? "0"));
    }

    [Fact]
    public async Task Rest_NameOfTwoSegments_IsJoined()
    {
        var found = await _client.GetFromJsonAsync<JsonNode>("/garden/v1/repositories/acme/there", Cancel);
        using var missing = await _client.GetAsync(new Uri("/garden/v1/repositories/acme/gone", UriKind.Relative), Cancel);

        Assert.Equal("acme/there", found!["name"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        Assert.Equal("there is no acme/gone", (await JsonAsync(missing))["error"]!["message"]!.GetValue<string>());
    }

    [Fact]
    public async Task Rest_Card_IsOfARevision()
    {
        var card = await _client.GetFromJsonAsync<JsonNode>("/garden/v1/repositories/acme/there/card?revision=v1", Cancel);
        using var missing = await _client.GetAsync(new Uri("/garden/v1/repositories/acme/there/card", UriKind.Relative), Cancel);

        Assert.Equal(("acme/there", "<p>a</p>"), ((string?)card!["commit"], (string?)card["html"]));
        Assert.Equal((HttpStatusCode.NotFound, "CARD_NOT_FOUND"), (missing.StatusCode, (string?)(await JsonAsync(missing))["error"]!["reason"]));
    }

    [Fact]
    public async Task Rest_Body_IsTheRequestAndThePathWins()
    {
        using var response = await _client.PatchAsync("/garden/v1/endpoints/kjv", new StringContent("""{"name":"other","revision":"r2","scaling":{"idleTimeout":"90s"}}"""), Cancel);

        var endpoint = await JsonAsync(response);
        Assert.Equal(("kjv", "r2", "90s"), (endpoint["name"]!.GetValue<string>(), endpoint["revision"]!.GetValue<string>(), endpoint["scaling"]!["idleTimeout"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Rest_CollectionsItems_AreNamedByBoth()
    {
        using var changed = await _client.PatchAsync("/garden/v1/collections/acme/small-0123/items/abc", new StringContent("""{"position":"4"}"""), Cancel);
        using var removed = await _client.DeleteAsync(new Uri("/garden/v1/collections/acme/small-0123/items/abc", UriKind.Relative), Cancel);
        var listed = await _client.GetFromJsonAsync<JsonNode>("/garden/v1/collections?owners=acme&owners=globex&featured=true", Cancel);

        var (item, left) = ((await JsonAsync(changed))["items"]![0]!, await JsonAsync(removed));
        Assert.Equal(("abc", "4", "as it was"), ((string?)item["id"], (string?)item["position"], (string?)item["note"]));
        Assert.Equal(("acme/small-0123", "abc"), ((string?)left["slug"], (string?)left["title"]));
        Assert.Equal("acme+globex True", (string?)listed!["nextPageToken"]);
    }

    [Fact]
    public async Task Rest_Reports_AreMadeByAllAndDecidedOnByCurators()
    {
        using var made = await _client.PostAsync("/garden/v1/repositories/acme/there/reports", new StringContent("""{"category":"REPORT_CATEGORY_MALICIOUS","text":"it steals"}"""), Cancel);
        using var liked = await _client.PutAsync("/garden/v1/repositories/acme/there/like", new StringContent("""{"liked":true}"""), Cancel);
        string[] refusals = [await RatedAsync(), await ResolvedAsync(), (await JsonAsync(await _client.GetAsync(new Uri("/garden/v1/reports", UriKind.Relative), Cancel))).ToJsonString()];
        _identity.Tokens["hf_cora"] = People.Curator;
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "hf_cora");

        var queue = await _client.GetFromJsonAsync<JsonNode>("/garden/v1/reports?states=REPORT_STATE_OPEN&states=REPORT_STATE_UPHELD&name=acme/there&unassigned=true", Cancel);

        var report = (await JsonAsync(made))["report"]!;
        Assert.Equal(("acme/there", "REPORT_CATEGORY_MALICIOUS"), ((string?)report["repository"]!["name"], (string?)report["category"]));
        Assert.Equal("1", (string?)(await JsonAsync(liked))["likes"]);
        Assert.All(refusals, refusal => Assert.Contains("ROLE_MISSING", refusal, StringComparison.Ordinal));
        Assert.Equal("Open+Upheld acme/there True", (string?)queue!["nextPageToken"]);
        Assert.Contains("\"CONTENT_RATING_EXPLICIT\"", await RatedAsync(), StringComparison.Ordinal);
        Assert.Contains("\"REPORT_STATE_DISMISSED\"", await ResolvedAsync(), StringComparison.Ordinal);

        async Task<string> RatedAsync() => await PutAsync("/garden/v1/repositories/acme/there/rating", """{"rating":"CONTENT_RATING_EXPLICIT","reason":"x"}""");

        async Task<string> ResolvedAsync() => await PutAsync("/garden/v1/reports/abc/decision", """{"state":"REPORT_STATE_DISMISSED","note":"x"}""");

        async Task<string> PutAsync(string path, string body)
        {
            using var response = await _client.PutAsync(path, new StringContent(body), Cancel);
            return await response.Content.ReadAsStringAsync(Cancel);
        }
    }

    [Theory]
    [InlineData("{", "BAD_JSON")]
    [InlineData("[1]", "BAD_JSON")]
    [InlineData("""{"revision":"a","revision":"b"}""", "BAD_JSON")]
    [InlineData("""{"\ud800":1}""", "BAD_JSON")]
    [InlineData("""{"revision":"\ud800"}""", "BAD_REQUEST")]
    [InlineData("""{"colour":1}""", "BAD_REQUEST")]
    [InlineData("""{"revision":{}}""", "BAD_REQUEST")]
    public async Task Rest_BadBody_Is400(string body, string reason)
    {
        using var response = await _client.PatchAsync("/garden/v1/endpoints/kjv", new StringContent(body), Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(reason, (await JsonAsync(response))["error"]!["reason"]!.GetValue<string>());
    }

    [Fact]
    public async Task Rest_TenMegabyteBody_IsRefused()
    {
        using var response = await _client.PatchAsync("/garden/v1/endpoints/kjv", new StringContent(new string(' ', 10 << 20)), Cancel);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal("BODY_TOO_LARGE", (await JsonAsync(response))["error"]!["reason"]!.GetValue<string>());
    }

    [Fact]
    public async Task Rest_Stream_IsALineForEachMessageAndEndsWithItsError()
    {
        var whole = await _client.GetStringAsync(new Uri("/garden/v1/endpoints/kjv/logs?tail=3", UriKind.Relative), Cancel);
        var broken = await _client.GetStringAsync(new Uri("/garden/v1/endpoints/kjv/logs?follow=true", UriKind.Relative), Cancel);

        Assert.Equal(["tail 3", "and so on"], Lines(whole).Select(line => JsonNode.Parse(line)!["text"]!.GetValue<string>()));
        Assert.Equal("BROKEN", JsonNode.Parse(Lines(broken)[2])!["error"]!["reason"]!.GetValue<string>());
    }

    [Fact]
    public async Task Rest_UnknownPath_Is404InOurShape()
    {
        using var response = await _client.GetAsync(new Uri("/garden/v1/nothing/here", UriKind.Relative), Cancel);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("NO_SUCH_PATH", (await JsonAsync(response))["error"]!["reason"]!.GetValue<string>());
    }

    [Fact]
    public async Task OpenApi_Describes_EveryRoute()
    {
        var document = await _client.GetFromJsonAsync<JsonNode>("/garden/v1/openapi.json", Cancel);

        var paths = document!["paths"]!.AsObject();
        Assert.NotNull(paths["/garden/v1/endpoints/{name}"]!["patch"]!["requestBody"]);
        Assert.NotNull(paths["/garden/v1/search"]!["get"]);
        Assert.NotNull(paths["/garden/v1/repositories/{name.0}/{name.1}/reports"]!["post"]);
        Assert.NotNull(paths["/garden/v1/repositories/{name.0}/{name.1}/card"]!["get"]);
        Assert.NotNull(paths["/garden/v1/collections/{slug.0}/{slug.1}/items/{item_id}"]!["patch"]);
        Assert.All(
            document.ToJsonString().Split("#/components/schemas/").Skip(1).Select(rest => rest.Split('"')[0]),
            name => Assert.NotNull(document["components"]!["schemas"]![name]));
    }

    [Fact]
    public async Task Proxy_EncodedSlash_StaysEncoded()
    {
        var seen = await EchoAsync(_client, new(HttpMethod.Get, "/acme/m/resolve/refs%2Fpr%2F1/a%20b.bin?x=%2F"));

        Assert.Equal("/acme/m/resolve/refs%2Fpr%2F1/a%20b.bin?x=%2F", seen["target"]!.GetValue<string>());
    }

    [Fact]
    public async Task Proxy_ForwardedHeaders_AreItsOwn()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/models");
        request.Headers.Host = "garden.example";
        request.Headers.Add("X-Forwarded-Host", "evil.example");
        request.Headers.Add("X-Forwarded-Proto", "gopher");

        var headers = (await EchoAsync(_client, request))["headers"]!;

        Assert.Equal("garden.example", headers["X-Forwarded-Host"]!.GetValue<string>());
        Assert.Equal("http", headers["X-Forwarded-Proto"]!.GetValue<string>());
    }

    [Fact]
    public async Task Proxy_ServiceIsDown_Is502InEachProtocolsWords()
    {
        using var openAi = await _client.GetAsync(new Uri("/v1/models", UriKind.Relative), Cancel);
        using var inference = await _client.GetAsync(new Uri("/kserve/x/v2", UriKind.Relative), Cancel);
        using var file = await _client.GetAsync(new Uri("/garden/v1/files/abc", UriKind.Relative), Cancel);

        Assert.All([openAi, inference, file], response => Assert.Equal((HttpStatusCode.BadGateway, "1"), (response.StatusCode, response.Headers.RetryAfter!.ToString())));
        Assert.Equal("service_unavailable", (await JsonAsync(openAi))["error"]!["code"]!.GetValue<string>());
        Assert.Equal("serving is not reachable: try again in a moment", (await JsonAsync(inference))["error"]!.GetValue<string>());
        Assert.Equal("artifacts is not reachable: try again in a moment", (await JsonAsync(file))["error"]!.GetValue<string>());
        Assert.Equal(["SERVICE_UNAVAILABLE"], file.Headers.GetValues("X-Error-Code"));
    }

    [Theory]
    [InlineData("Catalog/ReadFile")]
    [InlineData("Catalog/ReadPack")]
    [InlineData("Catalog/ReadPack/")]
    [InlineData("catalog/readfile")]
    [InlineData("Catalog/Read%46ile")]
    public async Task Grpc_ThatServicesAskEachOther_IsNotPassedOn(string method)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/modelgarden.v1.{method}", UriKind.Relative)) { Content = new ByteArrayContent([0, 0, 0, 0, 0]) };
        request.Content.Headers.ContentType = new("application/grpc");

        using var answer = await _client.SendAsync(request, Cancel);

        Assert.Equal(("7", "SERVICES_ONLY"), (answer.Headers.GetValues("grpc-status").Single(), answer.Headers.GetValues("garden-reason").Single()));
    }

    [Fact]
    public async Task Proxy_HubOrGrpcServiceIsDown_SaysSoInTheirWords()
    {
        await _garden.StopAsync(ServiceNames.Hub);
        var artifacts = new Artifacts.ArtifactsClient(_garden.AsNobody(ServiceNames.Gateway));

        using var hub = await _client.GetAsync(new Uri("/api/models", UriKind.Relative), Cancel);
        var grpc = await Assert.ThrowsAsync<RpcException>(() => artifacts.GetFilesAsync(new(), cancellationToken: Cancel).ResponseAsync);

        Assert.Equal(HttpStatusCode.BadGateway, hub.StatusCode);
        Assert.Equal("hub is not reachable: try again in a moment", (await JsonAsync(hub))["error"]!.GetValue<string>());
        Assert.Equal((StatusCode.Unavailable, "artifacts is not reachable: try again in a moment"), (grpc.StatusCode, grpc.Status.Detail));
    }

    [Fact]
    public async Task Metrics_OfTheGateway_AreForOperatorsOnly()
    {
        _identity.Tokens["hf_root"] = People.Operator;
        using var nobody = _garden.Http(ServiceNames.Gateway);
        using var root = _garden.Http(ServiceNames.Gateway);
        root.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "hf_root");

        using var refused = await nobody.GetAsync(new Uri("/metrics", UriKind.Relative), Cancel);
        using var toAnn = await _client.GetAsync(new Uri("/metrics", UriKind.Relative), Cancel);
        var text = await root.GetStringAsync(new Uri("/metrics", UriKind.Relative), Cancel);

        Assert.All([refused, toAnn], response => Assert.Equal(HttpStatusCode.NotFound, response.StatusCode));
        Assert.Contains("garden_service=\"gateway\"", text, StringComparison.Ordinal);
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static async Task<JsonNode> EchoAsync(HttpClient client, HttpRequestMessage request)
    {
        using var response = await client.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await JsonAsync(response);
    }

    private static async Task<JsonNode> JsonAsync(HttpResponseMessage response) => (await response.Content.ReadFromJsonAsync<JsonNode>(Cancel))!;

    private async Task<HttpResponseMessage> SendAsync(string path, string authorization)
    {
        using var client = _garden.Http(ServiceNames.Gateway);
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        return await client.SendAsync(request, Cancel);
    }
}
