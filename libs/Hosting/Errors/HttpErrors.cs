using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using ModelGarden.Kernel;

namespace ModelGarden.Hosting.Errors;

/// <summary>The one table from <see cref="ErrorCode"/> to HTTP's statuses, and our own shape of an error in JSON.</summary>
public static class HttpErrors
{
    public static int ToStatus(ErrorCode code) => code switch
    {
        ErrorCode.InvalidArgument => StatusCodes.Status400BadRequest,
        ErrorCode.Unauthenticated => StatusCodes.Status401Unauthorized,
        ErrorCode.PermissionDenied => StatusCodes.Status403Forbidden,
        ErrorCode.NotFound => StatusCodes.Status404NotFound,
        ErrorCode.AlreadyExists or ErrorCode.Conflict => StatusCodes.Status409Conflict,
        ErrorCode.ResourceExhausted => StatusCodes.Status429TooManyRequests,
        ErrorCode.Unavailable => StatusCodes.Status503ServiceUnavailable,
        _ => throw new ArgumentOutOfRangeException(nameof(code), code, null),
    };

    /// <summary>The status of an error: its code's, but for what is too large, for which HTTP has one of its own.</summary>
    public static int ToStatus(Error error) => IsTooLarge(error) ? StatusCodes.Status413PayloadTooLarge : ToStatus(error.Code);

    /// <summary>Too large to be taken, now or later: clients send what is refused with 429 again and again.</summary>
    public static bool IsTooLarge(Error error) => error.Reason is "BODY_TOO_LARGE" or "FILE_TOO_LARGE" or "QUOTA_LOGICAL" or "QUOTA_STORED" or "QUOTA_SENT";

    /// <summary>Says in a <c>Link</c> header where an error is explained, if it is.</summary>
    public static void Link(HttpResponse response, string why)
    {
        if (why.Length > 0)
        {
            response.Headers.Append("Link", $"<{why}>; rel=\"help\"");
        }
    }

    /// <summary>Answers <c>{"error":{"reason","message"}}</c>, with <c>why</c> where it is explained, to a gRPC client its status instead; breaks off an answer that has begun.</summary>
    /// <param name="context">Whose request.</param>
    /// <param name="error">What is wrong.</param>
    /// <param name="status">If it is not the error's own.</param>
    public static Task WriteAsync(HttpContext context, Error error, int? status = null)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return Task.CompletedTask;
        }

        if (GrpcErrors.IsGrpc(context.Request))
        {
            return GrpcErrors.WriteAsync(context.Response, error);
        }

        context.Response.StatusCode = status ?? ToStatus(error);
        Link(context.Response, error.Why);
        return context.Response.WriteAsJsonAsync(
            new ErrorBody(new(error.Reason, error.Message) { Why = error.Why.Length > 0 ? error.Why : null }), ErrorJson.Default.ErrorBody, cancellationToken: context.RequestAborted);
    }
}

/// <summary>Our own error in JSON; foreign protocols have theirs.</summary>
public sealed record ErrorBody(ErrorBody.Detail Error)
{
    public sealed record Detail(string Reason, string Message)
    {
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? Why { get; init; }
    }
}

[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web), JsonSerializable(typeof(ErrorBody))]
internal sealed partial class ErrorJson : JsonSerializerContext;
