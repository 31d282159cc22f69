namespace ModelGarden.Kernel;

/// <summary>The closed set of expected failures. <c>GrpcErrors</c> and <c>HttpErrors</c> in Hosting hold the only two tables to wire statuses.</summary>
public enum ErrorCode
{
    /// <summary>The request is malformed whatever the state of the garden: mend it before trying again.</summary>
    InvalidArgument,

    /// <summary>No credential, or one that is wrong, expired or revoked.</summary>
    Unauthenticated,

    /// <summary>The caller is known and may not do this; the message names the rule and who can change it.</summary>
    PermissionDenied,

    /// <summary>No such thing, or none that the caller may know of.</summary>
    NotFound,

    /// <summary>The thing to be created is there already.</summary>
    AlreadyExists,

    /// <summary>The state is not the one the request assumes: read again, then decide.</summary>
    Conflict,

    /// <summary>A quota, budget, size or rate limit; the message names it.</summary>
    ResourceExhausted,

    /// <summary>A part is not ready or not reachable; the same request may succeed later.</summary>
    Unavailable,
}

/// <summary>An expected failure: returned, never thrown inside a service.</summary>
/// <param name="Code">Which of the closed set.</param>
/// <param name="Reason">Stable token that clients may switch on, such as <c>MODEL_NOT_FOUND</c>.</param>
/// <param name="Message">For people: lowercase, no full stop, never a secret; says what was wrong, where, and what to do.</param>
public sealed record Error(ErrorCode Code, string Reason, string Message)
{
    /// <summary>Where on this garden it is explained, path and query; empty: the words are all there is.</summary>
    public string Why { get; init; } = "";

    public static Error Invalid(string reason, string message) => new(ErrorCode.InvalidArgument, reason, message);

    public static Error Unauthenticated(string reason, string message) => new(ErrorCode.Unauthenticated, reason, message);

    public static Error Denied(string reason, string message) => new(ErrorCode.PermissionDenied, reason, message);

    public static Error NotFound(string reason, string message) => new(ErrorCode.NotFound, reason, message);

    public static Error Exists(string reason, string message) => new(ErrorCode.AlreadyExists, reason, message);

    public static Error Conflict(string reason, string message) => new(ErrorCode.Conflict, reason, message);

    public static Error Exhausted(string reason, string message) => new(ErrorCode.ResourceExhausted, reason, message);

    public static Error Unavailable(string reason, string message) => new(ErrorCode.Unavailable, reason, message);
}

/// <summary>Carries an <see cref="Error"/> through code that can only throw: transport classes and <c>Parse</c>.</summary>
public sealed class ErrorException(Error error, Exception? inner = null) : Exception($"{error.Reason}: {error.Message}", inner)
{
    public Error Error { get; } = error;
}
