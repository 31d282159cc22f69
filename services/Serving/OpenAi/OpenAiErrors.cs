using System.Text.Json.Nodes;
using ModelGarden.Hosting.Errors;
using ModelGarden.Kernel;

namespace ModelGarden.Serving.OpenAi;

/// <summary>Errors in OpenAI's shape: <c>{"error":{"message","type","param","code"}}</c>.</summary>
internal static class OpenAiErrors
{
    public static async Task WriteAsync(HttpContext context, Error error, int retryAfterSeconds = 0)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = error.Reason is "BODY_TOO_LARGE" ? StatusCodes.Status413PayloadTooLarge : HttpErrors.ToStatus(error.Code);
        if (retryAfterSeconds > 0)
        {
            context.Response.Headers.RetryAfter = retryAfterSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        HttpErrors.Link(context.Response, error.Why);
        context.Response.ContentType = "application/json; charset=utf-8";
        await context.Response.WriteAsync(Body(error).ToJsonString(), context.RequestAborted);
    }

    public static JsonObject Body(Error error) => new()
    {
        ["error"] = new JsonObject
        {
            ["message"] = error.Message,
            ["type"] = error.Code switch
            {
                ErrorCode.ResourceExhausted => "insufficient_quota",
                ErrorCode.Unavailable => "server_error",
                _ => "invalid_request_error",
            },
            ["param"] = error.Reason is "ENDPOINT_NOT_FOUND" ? "model" : null,
            ["code"] = error.Reason is "ENDPOINT_NOT_FOUND" ? "model_not_found" : error.Reason.ToLowerInvariant(),
        },
    };
}
