using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using ModelGarden.Hosting.Access;
using ModelGarden.Hosting.Errors;
using ModelGarden.Kernel;
using ModelGarden.Serving.Forwarding;
using ModelGarden.Serving.Metering;

namespace ModelGarden.Serving.Kserve;

/// <summary>
/// The Open Inference Protocol v2 (REST) below <c>/kserve/{endpoint}/v2</c>: a replica's own surface, passed on. Inference is metered by
/// request and time; the model's name is the endpoint's.
/// </summary>
internal static class KserveEndpoints
{
    extension(IEndpointRouteBuilder routes)
    {
        public void MapKserve()
        {
            routes.MapMethods("/kserve/{endpoint}/v2/{**rest}", ["GET", "POST"], CallAsync);
            routes.MapGet("/kserve/{endpoint}/v2", CallAsync);
        }
    }

    private static async Task CallAsync(HttpContext context, string endpoint)
    {
        try
        {
            await ActivatorUtilities.CreateInstance<KserveCall>(context.RequestServices, context).RunAsync(endpoint);
        }
        catch (ErrorException exception)
        {
            await WriteAsync(context, exception.Error);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            context.Abort();
        }
    }

    /// <summary>The protocol's error: <c>{"error": "…"}</c>.</summary>
    private static async Task WriteAsync(HttpContext context, Error error)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = error.Reason is "BODY_TOO_LARGE" ? StatusCodes.Status413PayloadTooLarge : HttpErrors.ToStatus(error.Code);
        context.Response.ContentType = "application/json; charset=utf-8";
        await context.Response.WriteAsync(new JsonObject { ["error"] = error.Message }.ToJsonString(), context.RequestAborted);
    }
}

/// <summary>One call in the Open Inference Protocol.</summary>
internal sealed class KserveCall(
    HttpContext context, CallGate gate, ReplicaClient replicas, UsageOutbox outbox, ServingMetrics metrics, IOptions<ServingOptions> options, TimeProvider clock)
{
    public async Task RunAsync(string endpoint)
    {
        var aborted = context.RequestAborted;
        var body = (await BoundedBody.ReadAsync(context.Request.Body, context.Request.ContentLength, options.Value.MaximumBodyBytes, aborted)).OrThrow();
        var admission = await gate.AdmitAsync(context.GetCaller(), endpoint, aborted);
        var call = admission.Call ?? throw new ErrorException(Worded(admission.Error!));
        if (call.Endpoint.Protocol is not "oip-v2")
        {
            throw new ErrorException(Error.Invalid("WRONG_PROTOCOL", $"endpoint '{call.Endpoint.Name}' speaks {call.Endpoint.Protocol}: call it at /v1 with \"model\": \"{call.Endpoint.Name}\""));
        }

        var path = context.Request.Path.Value![$"/kserve/{endpoint}".Length..];
        using var answer = (await replicas.SendAsync(call, address => ToMessage(address, path, body), aborted)).OrThrow();
        var isInference = HttpMethods.IsPost(context.Request.Method) && path.EndsWith("/infer", StringComparison.Ordinal);
        var metered = new MeteredAnswer(call, isInference ? "inference" : "", outbox, metrics, clock);
        await metered.PassAsync(() => PassAsync(answer, metered, mayBeEmpty: !isInference), aborted);
    }

    /// <summary>The protocol has no place for a reason but the words.</summary>
    private static Error Worded(Error refusal) => refusal with { Message = $"{refusal.Reason}: {refusal.Message}" };

    private HttpRequestMessage ToMessage(Uri address, string path, byte[] body)
    {
        var message = new HttpRequestMessage(new HttpMethod(context.Request.Method), new Uri(address, path));
        if (HttpMethods.IsPost(context.Request.Method))
        {
            message.Content = new CallBody(body);
            message.Content.Headers.TryAddWithoutValidation("Content-Type", context.Request.ContentType ?? "application/json");
            if (context.Request.Headers.TryGetValue("Inference-Header-Content-Length", out var length))
            {
                message.Headers.TryAddWithoutValidation("Inference-Header-Content-Length", length.ToString());
            }
        }

        return message;
    }

    private async Task PassAsync(ReplicaAnswer answer, MeteredAnswer metered, bool mayBeEmpty)
    {
        var body = await answer.ReadAsync(context.RequestAborted);
        if (!JsonBody.IsObject(body) && !(mayBeEmpty && body.Length is 0))
        {
            throw new InvalidDataException("it is no JSON object");
        }

        metered.Meter.Outcome = answer.IsSuccess ? "ok" : "failed";
        await metered.KeepAsync();
        context.Response.StatusCode = (int)answer.Response.StatusCode;
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }
}
