using System.Text.Json.Nodes;
using ModelGarden.Hosting.Errors;
using ModelGarden.Kernel;

namespace ModelGarden.Gateway.Credentials;

/// <summary>A refusal at the door, in the words of the protocol that knocked: gRPC, our REST, OpenAI, or the Hub's.</summary>
internal static class Refusal
{
    public static Task WriteAsync(HttpContext context, Error error)
    {
        var response = context.Response;
        if (context.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) is true)
        {
            return WriteGrpc(response, error);
        }

        response.StatusCode = HttpErrors.ToStatus(error.Code);
        if (error.Code is ErrorCode.Unavailable)
        {
            response.Headers.RetryAfter = "1";
        }

        var path = context.Request.Path;
        if (path.StartsWithSegments("/garden"))
        {
            return HttpErrors.WriteAsync(context, error);
        }

        return path.StartsWithSegments("/v1") || path.StartsWithSegments("/kserve")
            ? WriteJson(response, OpenAi(error))
            : WriteHub(response, error);
    }

    private static Task WriteGrpc(HttpResponse response, Error error)
    {
        // A trailers-only answer: status and message as headers of an empty body (gRPC over HTTP/2, "Responses").
        response.ContentType = "application/grpc";
        response.Headers["grpc-status"] = ((int)GrpcErrors.ToStatusCode(error.Code)).ToString(System.Globalization.CultureInfo.InvariantCulture);
        response.Headers["grpc-message"] = Uri.EscapeDataString(error.Message);
        response.Headers["garden-reason"] = error.Reason;
        return Task.CompletedTask;
    }

    private static Task WriteHub(HttpResponse response, Error error)
    {
        // This very text keeps the Hub's clients from taking a wrong token for a missing repository.
        response.Headers["X-Error-Message"] = error.Code is ErrorCode.Unauthenticated ? "Invalid credentials in Authorization header" : Uri.EscapeDataString(error.Message);
        return WriteJson(response, new() { ["error"] = error.Message });
    }

    private static JsonObject OpenAi(Error error) => new()
    {
        ["error"] = new JsonObject
        {
            ["message"] = error.Message,
            ["type"] = error.Code is ErrorCode.Unauthenticated ? "invalid_request_error" : "server_error",
            ["param"] = null,
            ["code"] = error.Code is ErrorCode.Unauthenticated ? "invalid_api_key" : error.Reason,
        },
    };

    private static Task WriteJson(HttpResponse response, JsonObject body)
    {
        response.ContentType = "application/json; charset=utf-8";
        return response.WriteAsync(body.ToJsonString());
    }
}
