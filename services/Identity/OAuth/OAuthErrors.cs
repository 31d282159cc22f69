using ModelGarden.Kernel;

namespace ModelGarden.Identity.OAuth;

/// <summary>Refusals in the words of OAuth: the reason is the specification's <c>error</c>, the message its <c>error_description</c>.</summary>
internal static class OAuthErrors
{
    public const string InvalidClient = "invalid_client";

    public static Error Request(string message) => Error.Invalid("invalid_request", message);

    public static Error Grant(string message) => Error.Invalid("invalid_grant", message);

    public static Error Scope(string message) => Error.Invalid("invalid_scope", message);

    public static Error Client(string message) => Error.Unauthenticated(InvalidClient, message);

    public static Error Unauthorized(string grant) => Error.Invalid("unauthorized_client", $"this client is not registered for {grant}");

    /// <summary>Any of the others, such as <c>slow_down</c>.</summary>
    public static Error Of(string error, string message) => Error.Invalid(error, message);

    /// <summary>HTTP's status (RFC 6749, section 5.2).</summary>
    public static int StatusOf(Error error) => error.Code switch
    {
        ErrorCode.Unauthenticated => StatusCodes.Status401Unauthorized,
        ErrorCode.ResourceExhausted => StatusCodes.Status429TooManyRequests,
        ErrorCode.Unavailable => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status400BadRequest,
    };

    /// <summary>A refusal of another part in OAuth's words.</summary>
    public static string WordOf(Error error) => error.Reason.All(c => char.IsAsciiLetterLower(c) || c is '_')
        ? error.Reason
        : error.Code is ErrorCode.Unavailable or ErrorCode.ResourceExhausted ? "temporarily_unavailable" : "invalid_request";

    /// <summary>What may stand in <c>error_description</c> (RFC 6749, section 5.2): ASCII without quotes and backslashes.</summary>
    public static string DescriptionOf(Error error) => string.Concat(error.Message.Select(c => c is >= ' ' and <= '~' and not ('"' or '\\') ? c : '?'));
}
