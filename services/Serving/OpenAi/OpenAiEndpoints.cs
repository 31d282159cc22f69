using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;
using ModelGarden.Serving.Endpoints;
using ModelGarden.Serving.Forwarding;
using ModelGarden.Serving.Metering;

namespace ModelGarden.Serving.OpenAi;

/// <summary>OpenAI's API over the endpoints that speak it: chat, completions, embeddings, models.</summary>
internal static class OpenAiEndpoints
{
    extension(IEndpointRouteBuilder routes)
    {
        public void MapOpenAi()
        {
            routes.MapPost("/v1/chat/completions", context => CallAsync(context, "/v1/chat/completions", "chat"));
            routes.MapPost("/v1/completions", context => CallAsync(context, "/v1/completions", "completion"));
            routes.MapPost("/v1/embeddings", context => CallAsync(context, "/v1/embeddings", "embedding"));
            routes.MapGet("/v1/models", ListModels);
            routes.MapGet("/v1/models/{**id}", GetModel);
            routes.Map("/v1/{**rest}", context => OpenAiErrors.WriteAsync(context, Error.NotFound("UNKNOWN_URL", $"{context.Request.Method} {Text.Shorten(context.Request.Path)} is not served here")));
        }
    }

    private static async Task CallAsync(HttpContext context, string path, string operation)
    {
        try
        {
            var call = ActivatorUtilities.CreateInstance<OpenAiCall>(context.RequestServices, context, path, operation);
            await call.RunAsync();
        }
        catch (ErrorException exception)
        {
            await OpenAiErrors.WriteAsync(context, exception.Error);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            context.Abort();
        }
    }

    private static IResult ListModels(HttpContext context, EndpointTable table) => Json(new()
    {
        ["object"] = "list",
        ["data"] = new JsonArray([.. table.Of(context.GetCaller().Principal.Tenant).Where(SpeaksOpenAi).Select(ToModel)]),
    });

    private static async Task GetModel(HttpContext context, string id, EndpointTable table)
    {
        var tenant = context.GetCaller().Principal.Tenant;
        var name = Uri.UnescapeDataString(id);
        name = name.StartsWith(tenant + "/", StringComparison.OrdinalIgnoreCase) ? name[(tenant.Length + 1)..] : name;
        if (table.Find(tenant, name) is { } endpoint && SpeaksOpenAi(endpoint))
        {
            await Json(ToModel(endpoint)).ExecuteAsync(context);
        }
        else
        {
            await OpenAiErrors.WriteAsync(context, ServingErrors.NoEndpoint(tenant, name));
        }
    }

    private static bool SpeaksOpenAi(Endpoint endpoint) => endpoint.Protocol is "openai";

    private static JsonObject ToModel(Endpoint endpoint) => new()
    {
        ["id"] = endpoint.Name,
        ["object"] = "model",
        ["created"] = endpoint.CreatedAt?.Seconds ?? 0,
        ["owned_by"] = endpoint.Tenant,
    };

    private static IResult Json(JsonObject body) => Results.Content(body.ToJsonString(), "application/json; charset=utf-8");
}

/// <summary>One call in OpenAI's protocol, from its body to its metered end.</summary>
internal sealed class OpenAiCall(
    HttpContext context, string path, string operation,
    CallGate gate, ReplicaClient replicas, UsageOutbox outbox, ServingMetrics metrics, IOptions<ServingOptions> options, TimeProvider clock)
{
    private const int MaximumAnswer = 64 << 20;

    public async Task RunAsync()
    {
        var aborted = context.RequestAborted;
        var body = (await BoundedBody.ReadAsync(context.Request.Body, context.Request.ContentLength, options.Value.MaximumBodyBytes, aborted)).OrThrow();
        var request = OpenAiRequest.Parse(body).OrThrow();
        var admission = await gate.AdmitAsync(context.GetCaller(), request.Model, aborted);
        if (admission.Call is not { } call)
        {
            await OpenAiErrors.WriteAsync(context, admission.Error!, admission.RetryAfterSeconds);
            return;
        }

        if (call.Endpoint.Protocol is not "openai")
        {
            throw new ErrorException(Error.Invalid("WRONG_PROTOCOL", $"endpoint '{call.Endpoint.Name}' speaks {call.Endpoint.Protocol}: call it at /kserve/{call.Endpoint.Name}/v2/models/{call.Endpoint.Name}/infer"));
        }

        using var answer = (await replicas.SendAsync(call, address => ToMessage(address, request.Body), aborted)).OrThrow();
        await AnswerAsync(call, request, answer);
    }

    private HttpRequestMessage ToMessage(Uri address, byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return new(HttpMethod.Post, new Uri(address, path)) { Content = content };
    }

    private async Task AnswerAsync(Call call, OpenAiRequest request, ReplicaAnswer answer)
    {
        var meter = new Meter(call, operation);
        var kept = false;
        try
        {
            context.Response.StatusCode = (int)answer.Response.StatusCode;
            context.Response.ContentType = answer.Response.Content.Headers.ContentType?.ToString() ?? "application/json";
            context.Response.Headers["x-request-id"] = context.TraceIdentifier;
            if (request.IsStream && answer.IsSuccess)
            {
                await StreamAsync(request, answer, meter, KeepAsync);
            }
            else
            {
                await WholeAsync(answer, meter, KeepAsync);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            meter.Outcome = "aborted";
            throw;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or InvalidDataException)
        {
            throw new ErrorException(Error.Unavailable("ANSWER_BROKEN", $"the answer of endpoint '{call.Endpoint.Name}' broke off: {exception.Message}"), exception);
        }
        finally
        {
            await KeepAsync();
        }

        async Task KeepAsync()
        {
            if (!kept)
            {
                kept = true;
                meter.Count(metrics);
                // Not the caller's token: what he used counts also when he has hung up.
                await outbox.KeepAsync(meter.ToRecord(clock.GetUtcNow()), CancellationToken.None);
            }
        }
    }

    private async Task StreamAsync(OpenAiRequest request, ReplicaAnswer answer, Meter meter, Func<Task> keep)
    {
        context.Response.Headers.CacheControl = "no-cache";
        await using var stream = await answer.Response.Content.ReadAsStreamAsync(context.RequestAborted);
        var pump = new SsePump(meter, request.WantsUsage, () =>
        {
            meter.Outcome = "ok";
            return keep();
        });
        if (!await pump.RunAsync(stream, context.Response.BodyWriter, context.RequestAborted))
        {
            // The engine ended without its last word: the caller must not take this for a whole answer.
            context.Abort();
        }
    }

    private async Task WholeAsync(ReplicaAnswer answer, Meter meter, Func<Task> keep)
    {
        await using var stream = await answer.Response.Content.ReadAsStreamAsync(context.RequestAborted);
        var body = (await BoundedBody.ReadAsync(stream, answer.Response.Content.Headers.ContentLength, MaximumAnswer, context.RequestAborted)).OrThrow();
        if (answer.IsSuccess)
        {
            var usage = UsageScanner.Scan(body)?.Usage ?? throw new InvalidDataException("it states no usage");
            (meter.InputTokens, meter.OutputTokens, meter.Outcome) = (usage.InputTokens, usage.OutputTokens, "ok");
        }

        await keep();
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }
}
