using System.Globalization;
using System.Text;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using ModelGarden.Kernel;

namespace ModelGarden.Hosting.Errors;

/// <summary>The one table between <see cref="ErrorCode"/> and gRPC's status codes, both ways. The reason travels in the trailer <c>garden-reason</c>, the address of an explanation in <c>garden-why</c>.</summary>
public static class GrpcErrors
{
    private const string ReasonTrailer = "garden-reason";
    private const string WhyTrailer = "garden-why";
    private const string GrpcType = "application/grpc";

    public static RpcException ToRpcException(this Error error) => new(
        new Status(ToStatusCode(error.Code), error.Message),
        Trailers(error));

    /// <summary>The error that a service sent, or one that says in plain words what went wrong on the way.</summary>
    public static Error ToError(this RpcException exception, string service)
    {
        if (exception.Trailers.GetValue(ReasonTrailer) is { } reason && ToErrorCode(exception.StatusCode) is { } code)
        {
            return new(code, reason, exception.Status.Detail) { Why = exception.Trailers.GetValue(WhyTrailer) ?? "" };
        }

        return exception.StatusCode switch
        {
            StatusCode.DeadlineExceeded => Error.Unavailable("TIMEOUT", $"{service} did not answer in time"),
            StatusCode.ResourceExhausted => Error.Exhausted("MESSAGE_TOO_LARGE", $"a message to or from {service} is too large"),
            StatusCode.InvalidArgument => Error.Invalid("BAD_REQUEST", exception.Status.Detail),
            _ => Error.Unavailable("SERVICE_UNAVAILABLE", $"{service} is not reachable ({exception.StatusCode})"),
        };
    }

    public static bool IsGrpc(HttpRequest request) =>
        request.ContentType is { } type && (type is GrpcType || type.StartsWith($"{GrpcType}+", StringComparison.Ordinal) || type.StartsWith($"{GrpcType};", StringComparison.Ordinal));

    /// <summary>Answers a gRPC call that does not get as far as its method: a status without a message, all of it in headers.</summary>
    public static Task WriteAsync(HttpResponse response, Error error)
    {
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = GrpcType;
        response.Headers["grpc-status"] = ((int)ToStatusCode(error.Code)).ToString(CultureInfo.InvariantCulture);
        response.Headers["grpc-message"] = Escape(error.Message);
        response.Headers[ReasonTrailer] = error.Reason;
        return response.CompleteAsync();
    }

    public static StatusCode ToStatusCode(ErrorCode code) => code switch
    {
        ErrorCode.InvalidArgument => StatusCode.InvalidArgument,
        ErrorCode.Unauthenticated => StatusCode.Unauthenticated,
        ErrorCode.PermissionDenied => StatusCode.PermissionDenied,
        ErrorCode.NotFound => StatusCode.NotFound,
        ErrorCode.AlreadyExists => StatusCode.AlreadyExists,
        ErrorCode.Conflict => StatusCode.FailedPrecondition,
        ErrorCode.ResourceExhausted => StatusCode.ResourceExhausted,
        ErrorCode.Unavailable => StatusCode.Unavailable,
        _ => throw new ArgumentOutOfRangeException(nameof(code), code, null),
    };

    private static Metadata Trailers(Error error)
    {
        var trailers = new Metadata { { ReasonTrailer, error.Reason } };
        if (error.Why.Length > 0)
        {
            trailers.Add(WhyTrailer, error.Why);
        }

        return trailers;
    }

    /// <summary>As the protocol has it (gRPC over HTTP/2, "Responses"): clients undo no more than this, so what is printable stays as it is.</summary>
    private static string Escape(string message) => string.Concat(Encoding.UTF8.GetBytes(message).Select(
        one => one is >= (byte)' ' and <= (byte)'~' and not (byte)'%' ? $"{(char)one}" : string.Create(CultureInfo.InvariantCulture, $"%{one:X2}")));

    private static ErrorCode? ToErrorCode(StatusCode status) => Enum.GetValues<ErrorCode>()
        .Where(code => ToStatusCode(code) == status).Select(code => (ErrorCode?)code).FirstOrDefault();
}
