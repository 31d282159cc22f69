using System.Net;
using System.Net.Http.Json;
using System.Text;
using Microsoft.AspNetCore.Http;
using ModelGarden.Testing;

namespace ModelGarden.Serving.Tests;

/// <summary>Engines that cannot be reached, crash, fall silent or answer garbage: whoever calls is told in his protocol's words, and soon.</summary>
public sealed class BadEngineTests
{
    private const string Completion = """{"object":"text_completion","choices":[{"text":"x"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}""";
    private const string Nobody = "http://127.0.0.1:1";

    private static CancellationToken Cancel => Patience.Cancel;

    [Theory]
    [InlineData(200, "<html>")]
    [InlineData(200, "[1]")]
    [InlineData(200, """{"outputs":[1""")]
    [InlineData(200, "{}{}")]
    [InlineData(200, "")]
    [InlineData(500, "Segmentation fault")]
    public async Task Kserve_EngineAnswersGarbage_Is503InTheProtocolsShape(int status, string garbage)
    {
        await using var garden = await ServingGarden.StartAsync();
        await garden.ReadyAsync("digits", "oip-v2", await garden.EngineAsync(context => AnswerAsync(context, garbage, status)));

        using var response = await InferAsync(garden);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("the answer of endpoint 'digits' is broken: it is no JSON object", (await ServingGarden.ErrorAsync(response)).GetValue<string>());
        Assert.Equal(("inference", "failed"), await garden.NextUsageAsync());
    }

    [Fact]
    public async Task Kserve_AnswerBreaksOff_Is503AndMetered()
    {
        await using var garden = await ServingGarden.StartAsync();
        using var engine = new RawEngine();
        await garden.ReadyAsync("digits", "oip-v2", engine.Address);
        var answering = engine.AnswerOnceAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"outputs\":[", Cancel);

        using var response = await InferAsync(garden);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.StartsWith("the answer of endpoint 'digits' is broken", (await ServingGarden.ErrorAsync(response)).GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(("inference", "failed"), await garden.NextUsageAsync());
        await answering;
    }

    [Fact]
    public async Task Kserve_EnginesOwnRefusal_IsPassedOn()
    {
        await using var garden = await ServingGarden.StartAsync();
        await garden.ReadyAsync("digits", "oip-v2", await garden.EngineAsync(context => AnswerAsync(context, """{"error":"input x is missing"}""", 400)));

        using var response = await InferAsync(garden);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("input x is missing", (await ServingGarden.ErrorAsync(response)).GetValue<string>());
    }

    [Fact]
    public async Task Answer_ThatTheEngineCallsAPage_IsJsonAllTheSame()
    {
        static Task PageAsync(HttpContext context)
        {
            context.Response.ContentType = "text/html";
            return context.Response.WriteAsync("""{"x":"<script>alert(1)</script>","usage":{"prompt_tokens":1,"completion_tokens":1}}""");
        }

        await using var garden = await ServingGarden.StartAsync();
        var engine = await garden.EngineAsync(PageAsync);
        await garden.ReadyAsync("digits", "oip-v2", engine);
        await garden.ReadyAsync("kjv", "openai", engine);

        using var inferred = await InferAsync(garden);
        using var completed = await CompleteAsync(garden);
        using var metadata = await garden.Ann.GetAsync("/kserve/digits/v2/models/digits", Cancel);

        Assert.All([inferred, completed, metadata], response => Assert.Equal((HttpStatusCode.OK, "application/json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType)));
    }

    [Fact]
    public async Task Kserve_LicenseNotAccepted_NamesRuleAndStep()
    {
        await using var garden = await ServingGarden.StartAsync();
        await garden.ReadyAsync("digits", "oip-v2", Nobody);
        garden.Entitlement.Decision = new() { Rule = "LICENSE_NOT_ACCEPTED", Message = "acme has not accepted mit: admin of acme can" };

        using var response = await InferAsync(garden);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal("LICENSE_NOT_ACCEPTED: acme has not accepted mit: admin of acme can", (await ServingGarden.ErrorAsync(response)).GetValue<string>());
    }

    [Fact]
    public async Task Kserve_HealthWithoutABody_IsPassedOn()
    {
        await using var garden = await ServingGarden.StartAsync();
        await garden.ReadyAsync("digits", "oip-v2", await garden.EngineAsync(_ => Task.CompletedTask));

        using var response = await garden.Ann.GetAsync("/kserve/digits/v2/health/live", Cancel);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task OpenAi_EngineFailsWithGarbage_Is503InTheProtocolsShape()
    {
        await using var garden = await ServingGarden.StartAsync();
        await garden.ReadyAsync("kjv", "openai", await garden.EngineAsync(context => AnswerAsync(context, "Segmentation fault", 500)));

        using var response = await CompleteAsync(garden);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "answer_broken"), await CodeAsync(response));
        Assert.Equal(("completion", "failed"), await garden.NextUsageAsync());
    }

    [Fact]
    public async Task Call_OnlyReplicaRefusesItsConnection_IsSentToItAgain()
    {
        await using var garden = await ServingGarden.StartAsync();
        using var engine = new RawEngine();
        await garden.ReadyAsync("kjv", "openai", engine.Address);
        var held = garden.HeldAsync();

        var call = CompleteAsync(garden);
        await held;
        await engine.AnswerOnceAsync($"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {Completion.Length}\r\n\r\n{Completion}", Cancel);
        using var response = await call;

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Empty(garden.Deployment.Activated);
    }

    [Fact]
    public async Task Call_NoReplicaCanBeReached_IsRefusedWithoutWaitingForNews()
    {
        await using var garden = await ServingGarden.StartAsync();
        await garden.ReadyAsync("kjv", "openai", Nobody, Nobody);

        using var response = await CompleteAsync(garden);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "replica_unreachable"), await CodeAsync(response));
        Assert.Empty(garden.Deployment.Activated);
    }

    [Fact]
    public async Task Call_CrashesItsEngine_IsNotSentToTheOthers()
    {
        await using var garden = await ServingGarden.StartAsync();
        var calls = 0;
        RequestDelegate crash = async context =>
        {
            Interlocked.Increment(ref calls);
            await context.Request.Body.CopyToAsync(Stream.Null);
            context.Abort();
        };
        await garden.ReadyAsync("kjv", "openai", await garden.EngineAsync(crash), await garden.EngineAsync(crash), await garden.EngineAsync(crash));

        using var response = await CompleteAsync(garden);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "call_unanswered"), await CodeAsync(response));
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task Call_EngineIsSilent_IsRefusedWhenItsTimeIsOver()
    {
        await using var garden = await ServingGarden.StartAsync(("AnswerTimeoutSeconds", "1"));
        var left = new TaskCompletionSource();
        await garden.ReadyAsync("kjv", "openai", await garden.EngineAsync(context =>
        {
            context.RequestAborted.Register(() => left.TrySetResult());
            return left.Task;
        }));

        using var response = await CompleteAsync(garden);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "answer_late"), await CodeAsync(response));
        await left.Task.WaitAsync(Cancel);
    }

    private static Task AnswerAsync(HttpContext context, string body, int status = 200)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(body);
    }

    private static Task<HttpResponseMessage> InferAsync(ServingGarden garden) =>
        garden.Ann.PostAsync("/kserve/digits/v2/models/digits/infer", new StringContent("{}", Encoding.UTF8, "application/json"), Cancel);

    private static Task<HttpResponseMessage> CompleteAsync(ServingGarden garden) =>
        garden.Ann.PostAsJsonAsync("/v1/completions", new { model = "kjv", prompt = "In" }, Cancel);

    private static async Task<(HttpStatusCode Status, string Code)> CodeAsync(HttpResponseMessage response) =>
        (response.StatusCode, (await ServingGarden.ErrorAsync(response))["code"]!.GetValue<string>());
}
