using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Testing;

namespace ModelGarden.Serving.Tests;

public sealed class ServingTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly DeploymentDouble _deployment = new();
    private readonly EntitlementDouble _entitlement = new();
    private readonly List<EngineDouble> _engines = [];
    private TestGarden _garden = null!;
    private HttpClient _client = null!;

    private static CancellationToken Cancel => Testing.Patience.Cancel;

    public async ValueTask InitializeAsync()
    {
        _garden = await TestGarden.StartAsync(_deployment.Definition, _entitlement.Definition, ServingModule.Definition);
        _client = _garden.Http(ServiceNames.Serving, People.Engineer());
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _garden.DisposeAsync();
        foreach (var engine in _engines)
        {
            await engine.DisposeAsync();
        }
    }

    [Fact]
    public async Task Chat_UsageNotAskedFor_StreamsWithoutItAndMeters()
    {
        var engine = await EngineAsync(context => EngineDouble.WriteAsync(context, EngineDouble.Chunk("In", 3, 1), EngineDouble.Chunk(" the", 3, 2), EngineDouble.Last(3, 2), "[DONE]"));
        await ReadyAsync("kjv", engine.Address);

        var answer = await StreamAsync("kjv", includeUsage: false);

        Assert.DoesNotContain("usage", answer, StringComparison.Ordinal);
        Assert.Contains("\"content\":\" the\"", answer, StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]\n\n", answer, StringComparison.Ordinal);
        Assert.Equal((3, 2, "ok", "chat"), await NextUsageAsync());
    }

    [Fact]
    public async Task Chat_UsageAskedFor_EndsWithIt()
    {
        var engine = await EngineAsync(context => EngineDouble.WriteAsync(context, EngineDouble.Chunk("In", 3, 1), EngineDouble.Last(3, 1), "[DONE]"));
        await ReadyAsync("kjv", engine.Address);

        var events = (await StreamAsync("kjv", includeUsage: true)).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(3, events.Length);
        Assert.Equal(1, JsonNode.Parse(events[1]["data: ".Length..])!["usage"]!["completion_tokens"]!.GetValue<int>());
    }

    [Fact]
    public async Task Chat_EngineIsAsked_ForUsageWithEveryPiece()
    {
        JsonNode? asked = null;
        var engine = await EngineAsync(async context =>
        {
            asked = await JsonNode.ParseAsync(context.Request.Body);
            await EngineDouble.WriteAsync(context, EngineDouble.Last(1, 0), "[DONE]");
        });
        await ReadyAsync("kjv", engine.Address);

        await StreamAsync("acme/kjv", includeUsage: false);

        Assert.True(asked!["stream_options"]!["include_usage"]!.GetValue<bool>());
        Assert.True(asked["stream_options"]!["continuous_usage_stats"]!.GetValue<bool>());
        Assert.Equal("kjv", asked["model"]!.GetValue<string>());
    }

    [Fact]
    public async Task Chat_CallerHangsUp_MetersWhatHeHad()
    {
        var left = new TaskCompletionSource();
        var engine = await EngineAsync(async context =>
        {
            context.RequestAborted.Register(() => left.TrySetResult());
            await EngineDouble.WriteAsync(context, EngineDouble.Chunk("In", 3, 1), EngineDouble.Chunk(" the", 3, 2));
            await left.Task;
        });
        await ReadyAsync("kjv", engine.Address);

        using (var response = await SendAsync("kjv", includeUsage: false))
        {
            var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Cancel));
            while (await reader.ReadLineAsync(Cancel) is { } line && !line.Contains("the", StringComparison.Ordinal))
            {
            }
        }

        Assert.Equal((3, 2, "aborted", "chat"), await NextUsageAsync());
        await left.Task.WaitAsync(Patience, Cancel);
    }

    [Fact]
    public async Task Chat_EngineEndsWithoutItsLastWord_BreaksTheAnswer()
    {
        var engine = await EngineAsync(context => EngineDouble.WriteAsync(context, EngineDouble.Chunk("In", 3, 1)));
        await ReadyAsync("kjv", engine.Address);

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => StreamAsync("kjv", includeUsage: false));

        Assert.Equal((3, 1, "failed", "chat"), await NextUsageAsync());
    }

    [Fact]
    public async Task Completion_Whole_PassesAndMeters()
    {
        var engine = await EngineAsync(context => context.Response.WriteAsync("""{"object":"text_completion","choices":[{"text":"x"}],"usage":{"prompt_tokens":4,"completion_tokens":7}}"""));
        await ReadyAsync("kjv", engine.Address);

        using var response = await _client.PostAsJsonAsync("/v1/completions", new { model = "kjv", prompt = "In" }, Cancel);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal((4, 7, "ok", "completion"), await NextUsageAsync());
    }

    [Fact]
    public async Task Call_EngineAnswersGarbage_Is503()
    {
        var engine = await EngineAsync(context => context.Response.WriteAsync("<html>"));
        await ReadyAsync("kjv", engine.Address);

        using var response = await _client.PostAsJsonAsync("/v1/completions", new { model = "kjv", prompt = "In" }, Cancel);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("answer_broken", (await ErrorAsync(response))["code"]!.GetValue<string>());
    }

    [Fact]
    public async Task Call_Asleep_WakesAndIsAnswered()
    {
        var engine = await EngineAsync(context => EngineDouble.WriteAsync(context, EngineDouble.Last(1, 0), "[DONE]"));
        _deployment.OnActivate = name => _deployment.Tell(Endpoint(name, EndpointState.Ready, engine.Address));
        await TellAsync(Endpoint("kjv", EndpointState.Asleep));

        await StreamAsync("kjv", includeUsage: false);

        Assert.Equal(["kjv"], _deployment.Activated);
    }

    [Fact]
    public async Task Call_EndpointFailed_IsToldWhy()
    {
        await TellAsync(Endpoint("kjv", EndpointState.Failed, reason: "the file is not a GGUF"));

        using var response = await SendAsync("kjv", includeUsage: false);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("the file is not a GGUF", (await ErrorAsync(response))["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_EndpointBlocked_IsToldWhy()
    {
        await TellAsync(Endpoint("kjv", EndpointState.Blocked, reason: "acme has withdrawn its acceptance of mit"));

        using var response = await SendAsync("kjv", includeUsage: false);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal("endpoint 'kjv' is blocked: acme has withdrawn its acceptance of mit", (await ErrorAsync(response))["message"]!.GetValue<string>());
        Assert.Empty(_deployment.Activated);
    }

    [Fact]
    public async Task Call_FailsWhileHeld_IsToldWhy()
    {
        _deployment.OnActivate = name => _deployment.Tell(Endpoint(name, EndpointState.Failed, reason: "out of memory"));
        await TellAsync(Endpoint("kjv", EndpointState.Asleep));

        using var response = await SendAsync("kjv", includeUsage: false);

        Assert.Equal("endpoint_failed", (await ErrorAsync(response))["code"]!.GetValue<string>());
    }

    [Fact]
    public async Task Call_DeletedWhileHeld_IsNotFound()
    {
        _deployment.OnActivate = name => _deployment.TellGone("acme", name);
        await TellAsync(Endpoint("kjv", EndpointState.Asleep));

        using var response = await SendAsync("kjv", includeUsage: false);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Call_ReplicaDoesNotAnswer_GoesToAnother()
    {
        var engine = await EngineAsync(context => EngineDouble.WriteAsync(context, EngineDouble.Last(1, 0), "[DONE]"));
        var endpoint = Endpoint("kjv", EndpointState.Ready, "http://127.0.0.1:1");
        endpoint.Replicas.Add(new Replica { Id = "good", State = ReplicaState.Ready, Address = engine.Address });
        await TellAsync(endpoint);

        await StreamAsync("kjv", includeUsage: false);
        await StreamAsync("kjv", includeUsage: false);

        Assert.Empty(_deployment.Activated);
    }

    [Fact]
    public async Task Call_ReplicaDraining_GoesToTheReadyOne()
    {
        var engine = await EngineAsync(context => EngineDouble.WriteAsync(context, EngineDouble.Last(1, 0), "[DONE]"));
        var endpoint = Endpoint("kjv", EndpointState.Ready, engine.Address);
        endpoint.Replicas.Insert(0, new Replica { Id = "old", State = ReplicaState.Draining, Address = "http://127.0.0.1:1" });
        await TellAsync(endpoint);

        for (var i = 0; i < 10; i++)
        {
            await StreamAsync("kjv", includeUsage: false);
        }
    }

    [Theory]
    [InlineData("{", "bad_json")]
    [InlineData("[]", "bad_json")]
    [InlineData("{}", "model_missing")]
    [InlineData("""{"model":7}""", "model_missing")]
    [InlineData("""{"model":"x","stream":"yes"}""", "bad_stream")]
    [InlineData("""{"model":"x","model":"y"}""", "bad_json")]
    public async Task Call_BadBody_Is400(string body, string code)
    {
        using var response = await _client.PostAsync("/v1/chat/completions", new StringContent(body), Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(code, (await ErrorAsync(response))["code"]!.GetValue<string>());
    }

    [Fact]
    public async Task Call_TenMegabyteBody_Is413()
    {
        using var response = await _client.PostAsync("/v1/chat/completions", new StringContent($$"""{"model":"kjv","prompt":"{{new string('x', 10 << 20)}}"}"""), Cancel);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Fact]
    public async Task Call_AnotherTenantsEndpoint_IsNotFound()
    {
        await ReadyAsync("kjv", "http://127.0.0.1:1");
        using var stranger = _garden.Http(ServiceNames.Serving, People.Engineer("umbrella"));

        using var own = await stranger.PostAsJsonAsync("/v1/completions", new { model = "kjv" }, Cancel);
        using var full = await stranger.PostAsJsonAsync("/v1/completions", new { model = "acme/kjv" }, Cancel);

        Assert.Equal(HttpStatusCode.NotFound, own.StatusCode);
        Assert.Equal("model_not_found", (await ErrorAsync(full))["code"]!.GetValue<string>());
        Assert.Empty((await stranger.GetFromJsonAsync<JsonNode>("/v1/models", Cancel))!["data"]!.AsArray());
        Assert.Single((await _client.GetFromJsonAsync<JsonNode>("/v1/models", Cancel))!["data"]!.AsArray());
    }

    [Fact]
    public async Task Call_Anonymous_Is401()
    {
        using var nobody = _garden.Http(ServiceNames.Serving, People.Anonymous);

        using var response = await nobody.PostAsJsonAsync("/v1/completions", new { model = "kjv" }, Cancel);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task Call_QuotaSpent_Is429WithRetryAfter()
    {
        await ReadyAsync("kjv", "http://127.0.0.1:1");
        _entitlement.Decision = new() { Rule = "QUOTA_EXCEEDED", Message = "acme has used its 10 tokens of today", RetryAfterSeconds = 60 };

        using var response = await SendAsync("kjv", includeUsage: false);

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal(60, response.Headers.RetryAfter?.Delta?.TotalSeconds);
    }

    [Fact]
    public async Task Call_LicenseNotAccepted_NamesTheStep()
    {
        await ReadyAsync("kjv", "http://127.0.0.1:1");
        _entitlement.Decision = new() { Rule = "LICENSE_NOT_ACCEPTED", Message = "acme has not accepted apache-2.0: admin of acme can" };

        using var response = await SendAsync("kjv", includeUsage: false);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal("acme has not accepted apache-2.0: admin of acme can", (await ErrorAsync(response))["message"]!.GetValue<string>());
    }

    [Fact]
    public async Task Call_OfAGatedModel_AsksWithItsGateAndOnWhoseAccessItRests()
    {
        var endpoint = Endpoint("kjv", EndpointState.Ready, "http://127.0.0.1:1");
        (endpoint.RepositoryId, endpoint.Gate, endpoint.PinnedBy) = ("repo-1", AccessGate.Manual, "bob");
        endpoint.Licenses.Add("mit");
        endpoint.Facts = new() { Source = SourceKind.Mirrored, Formats = { "gguf" }, Verdict = Verdict.Clean, Size = 7 };
        await TellAsync(endpoint);
        _entitlement.Decision = new() { Rule = "ACCESS_REJECTED", Message = "the request of bob was rejected", Why = "/garden/v1/why?action=ACTION_CALL&endpoint=kjv" };

        using var response = await SendAsync("kjv", includeUsage: false);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal(
            new Resource { Repository = "garden/kjv-llama", RepositoryId = "repo-1", Kind = RepositoryKind.Model, Gate = AccessGate.Manual, Revision = "r1", Licenses = { "mit" }, PinnedBy = "bob", Facts = endpoint.Facts, Endpoint = "kjv" },
            _entitlement.Asked);
        Assert.Equal("</garden/v1/why?action=ACTION_CALL&endpoint=kjv>; rel=\"help\"", response.Headers.GetValues("Link").Single());
    }

    [Fact]
    public async Task Activity_OfACall_IsReported()
    {
        var engine = await EngineAsync(context => EngineDouble.WriteAsync(context, EngineDouble.Last(1, 0), "[DONE]"));
        await ReadyAsync("kjv", engine.Address);

        await StreamAsync("kjv", includeUsage: false);

        var activity = await _deployment.Activity.Reader.ReadAsync(Cancel).AsTask().WaitAsync(Patience, Cancel);
        Assert.Equal(("acme", "kjv", 0), (activity.Tenant, activity.Endpoint, activity.RunningCalls));
        Assert.NotNull(activity.LastCallAt);
    }

    [Fact]
    public async Task Kserve_Inference_PassesAndCountsARequest()
    {
        string? path = null;
        var engine = await EngineAsync(context =>
        {
            path = context.Request.Path;
            return context.Response.WriteAsync("""{"model_name":"digits","outputs":[]}""");
        });
        var endpoint = Endpoint("digits", EndpointState.Ready, engine.Address);
        endpoint.Protocol = "oip-v2";
        await TellAsync(endpoint);

        using var response = await _client.PostAsJsonAsync("/kserve/digits/v2/models/digits/infer", new { inputs = Array.Empty<object>() }, Cancel);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("/v2/models/digits/infer", path);
        Assert.Equal((0, 0, "ok", "inference"), await NextUsageAsync());
    }

    [Fact]
    public async Task Kserve_OpenAiEndpoint_SaysWhereToCall()
    {
        await ReadyAsync("kjv", "http://127.0.0.1:1");

        using var response = await _client.GetAsync("/kserve/kjv/v2", Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("/v1", (await response.Content.ReadFromJsonAsync<JsonNode>(Cancel))!["error"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    private static Contracts.V1.Endpoint Endpoint(string name, EndpointState state, string? address = null, string reason = "")
    {
        var endpoint = new Contracts.V1.Endpoint { Tenant = "acme", Name = name, State = state, Reason = reason, Protocol = "openai", Repository = "garden/kjv-llama", Revision = "r1" };
        if (address is not null)
        {
            endpoint.Replicas.Add(new Replica { Id = "first", State = ReplicaState.Ready, Address = address });
        }

        return endpoint;
    }

    private async Task<EngineDouble> EngineAsync(RequestDelegate answer)
    {
        var engine = await EngineDouble.StartAsync(answer);
        _engines.Add(engine);
        return engine;
    }

    private Task ReadyAsync(string name, string address) => TellAsync(Endpoint(name, EndpointState.Ready, address));

    private async Task TellAsync(Contracts.V1.Endpoint endpoint)
    {
        var table = (Endpoints.EndpointTable)_garden.PartsOf(ServiceNames.Serving).GetService(typeof(Endpoints.EndpointTable))!;
        var known = table.NextChange(endpoint.Tenant, endpoint.Name);
        _deployment.Tell(endpoint);
        await known.WaitAsync(Patience, Cancel);
    }

    private Task<HttpResponseMessage> SendAsync(string model, bool includeUsage)
    {
        var body = new JsonObject { ["model"] = model, ["stream"] = true, ["messages"] = new JsonArray() };
        if (includeUsage)
        {
            body["stream_options"] = new JsonObject { ["include_usage"] = true };
        }

        return _client.SendAsync(new(HttpMethod.Post, "/v1/chat/completions") { Content = JsonContent.Create(body) }, HttpCompletionOption.ResponseHeadersRead, Cancel);
    }

    private async Task<string> StreamAsync(string model, bool includeUsage)
    {
        using var response = await SendAsync(model, includeUsage);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsStringAsync(Cancel);
    }

    private static async Task<JsonNode> ErrorAsync(HttpResponseMessage response) => (await response.Content.ReadFromJsonAsync<JsonNode>(Cancel))!["error"]!;

    private async Task<(long Input, long Output, string Outcome, string Operation)> NextUsageAsync()
    {
        var record = await _entitlement.Usage.Reader.ReadAsync(Cancel).AsTask().WaitAsync(Patience, Cancel);
        return (record.InputTokens, record.OutputTokens, record.Outcome, record.Operation);
    }
}
