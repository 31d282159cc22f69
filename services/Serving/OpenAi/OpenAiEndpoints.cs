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

    private static Task ListModels(HttpContext context, EndpointTable table)
    {
        var caller = context.GetCaller();
        return caller.BoundFault() is { } bound
            ? OpenAiErrors.WriteAsync(context, bound)
            : Json(new() { ["object"] = "list", ["data"] = new JsonArray([.. table.Of(caller.Principal.Tenant).Where(SpeaksOpenAi).Select(ToModel)]) }).ExecuteAsync(context);
    }

    private static async Task GetModel(HttpContext context, string id, EndpointTable table)
    {
        var caller = context.GetCaller();
        if (caller.BoundFault() is { } bound)
        {
            await OpenAiErrors.WriteAsync(context, bound);
            return;
        }

        var tenant = caller.Principal.Tenant;
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
        var metered = new MeteredAnswer(call, operation, outbox, metrics, clock);
        await metered.PassAsync(() => PassAsync(request, answer, metered), aborted);
    }

    private HttpRequestMessage ToMessage(Uri address, byte[] body)
    {
        var content = new CallBody(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return new(HttpMethod.Post, new Uri(address, path)) { Content = content };
    }

    private async Task PassAsync(OpenAiRequest request, ReplicaAnswer answer, MeteredAnswer metered)
    {
        context.Response.StatusCode = (int)answer.Response.StatusCode;
        var streams = request.IsStream && answer.IsSuccess;
        // Never as the engine calls it: it answers on the origin of the pages on which people are signed in.
        context.Response.ContentType = streams ? "text/event-stream; charset=utf-8" : "application/json; charset=utf-8";
        context.Response.Headers["x-request-id"] = context.TraceIdentifier;
        await (streams ? StreamAsync(request, answer, metered) : WholeAsync(answer, metered));
    }

    private async Task StreamAsync(OpenAiRequest request, ReplicaAnswer answer, MeteredAnswer metered)
    {
        context.Response.Headers.CacheControl = "no-cache";
        await using var stream = await answer.Response.Content.ReadAsStreamAsync(context.RequestAborted);
        var pump = new SsePump(metered.Meter, request.WantsUsage, () =>
        {
            metered.Meter.Outcome = "ok";
            return metered.KeepAsync();
        });
        if (!await pump.RunAsync(stream, context.Response.BodyWriter, context.RequestAborted))
        {
            // The engine ended without its last word: the caller must not take this for a whole answer.
            context.Abort();
        }
    }

    private async Task WholeAsync(ReplicaAnswer answer, MeteredAnswer metered)
    {
        var body = await answer.ReadAsync(context.RequestAborted);
        var scanned = UsageScanner.Scan(body) ?? throw new InvalidDataException("it is no JSON object");
        if (answer.IsSuccess)
        {
            var usage = scanned.Usage ?? throw new InvalidDataException("it states no usage");
            (metered.Meter.InputTokens, metered.Meter.OutputTokens, metered.Meter.Outcome) = (usage.InputTokens, usage.OutputTokens, "ok");
        }

        await metered.KeepAsync();
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }
}
