using System.Text.Json.Nodes;
using ModelGarden.Hosting.Access;
using ModelGarden.Hosting.Errors;
using ModelGarden.Kernel;

namespace ModelGarden.Gateway.Credentials;

/// <summary>A refusal of the Gateway's own, in the words of the protocol that knocked: gRPC, our REST, OpenAI, Open Inference, or the Hub's.</summary>
internal static class Refusal
{
    /// <param name="context">Whose request.</param>
    /// <param name="error">What is wrong.</param>
    /// <param name="status">HTTP's, if it is not the error's own.</param>
    public static Task WriteAsync(HttpContext context, Error error, int? status = null)
    {
        if (GrpcErrors.IsGrpc(context.Request))
        {
            return GrpcErrors.WriteAsync(context.Response, error);
        }

        if (error.Code is ErrorCode.Unavailable)
        {
            context.Response.Headers.RetryAfter = "1";
        }

        var path = context.Request.Path;
        if (error.Code is ErrorCode.Unauthenticated && IsGit(path.Value ?? ""))
        {
            // Without it git does not ask again.
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"garden: any name, and a token as password\", charset=\"UTF-8\"";
        }

        if (path.StartsWithSegments(ClientCredential.Endpoints))
        {
            return WriteOAuth(context, error, status ?? HttpErrors.ToStatus(error));
        }

        return true switch
        {
            // Signed URLs are the Hub's clients': they are part of no API that people call.
            _ when path.StartsWithSegments("/garden/v1/files") || path.StartsWithSegments("/garden/v1/xet") => HubErrors.WriteAsync(context, error, status),
            _ when path.StartsWithSegments("/garden") => HttpErrors.WriteAsync(context, error, status),
            _ when path.StartsWithSegments("/v1") => WriteJson(context, OpenAi(error), status ?? HttpErrors.ToStatus(error)),
            _ when path.StartsWithSegments("/kserve") => WriteJson(context, new() { ["error"] = error.Message }, status ?? HttpErrors.ToStatus(error)),
            _ => HubErrors.WriteAsync(context, error, status),
        };
    }

    private static bool IsGit(string path) => path.Contains(".git/info/lfs/", StringComparison.Ordinal)
        || path.EndsWith("/info/refs", StringComparison.Ordinal) || path.EndsWith("/git-upload-pack", StringComparison.Ordinal) || path.EndsWith("/git-receive-pack", StringComparison.Ordinal);

    /// <summary>RFC 6749, section 5.2, and of a token RFC 6750, section 3.1.</summary>
    private static Task WriteOAuth(HttpContext context, Error error, int status)
    {
        var word = error.Code switch { ErrorCode.Unauthenticated => "invalid_token", ErrorCode.Unavailable => "temporarily_unavailable", _ => "invalid_request" };
        if (error.Code is ErrorCode.Unauthenticated)
        {
            context.Response.Headers.WWWAuthenticate = $"Bearer error=\"{word}\"";
        }

        return WriteJson(context, new() { ["error"] = word, ["error_description"] = error.Message }, status);
    }

    private static JsonObject OpenAi(Error error) => new()
    {
        ["error"] = new JsonObject
        {
            ["message"] = error.Message,
            ["type"] = error.Code is ErrorCode.Unauthenticated ? "invalid_request_error" : "server_error",
            ["param"] = null,
            ["code"] = error.Code is ErrorCode.Unauthenticated ? "invalid_api_key" : error.Reason.ToLowerInvariant(),
        },
    };

    private static Task WriteJson(HttpContext context, JsonObject body, int status)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        return context.Response.WriteAsync(body.ToJsonString(), context.RequestAborted);
    }
}
