using ModelGarden.Hosting.Errors;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Wire;

/// <summary>An error as the protocol says it: a status, a code for programs where it has one, and words.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Code">Goes into <c>X-Error-Code</c>; clients choose their exception by it.</param>
/// <param name="Message">Goes into <c>X-Error-Message</c> and the body.</param>
internal sealed record Refusal(int Status, string? Code, string Message)
{
    public const string RepoNotFound = "RepoNotFound";
    public const string RevisionNotFound = "RevisionNotFound";
    public const string EntryNotFound = "EntryNotFound";
    public const string GatedRepo = "GatedRepo";

    /// <summary>By these words, and no code, clients know what was taken down.</summary>
    private const string Disabled = "Access to this resource is disabled.";

    /// <summary>In <c>X-Error-Message</c> instead, where clients know an error by its words; null: as the message is.</summary>
    public string? HeaderMessage { get; private init; }

    /// <summary>For 429: when to come again.</summary>
    public int RetryAfterSeconds { get; init; }

    /// <summary>Where on this garden it is explained; empty: the words are all there is.</summary>
    public string Why { get; init; } = "";

    public static Refusal From(Error error, bool anonymous) => error.Reason switch
    {
        // As the public hub does: who has not signed in is told to, for what he asks for may be there.
        "REPOSITORY_NOT_FOUND" => new(anonymous ? 401 : 404, RepoNotFound, error.Message),
        "REPOSITORY_TAKEN_DOWN" => new(403, null, error.Message) { HeaderMessage = Disabled },
        "REVISION_NOT_FOUND" or "REF_NOT_FOUND" => new(404, RevisionNotFound, error.Message),
        "PATH_NOT_FOUND" => new(404, EntryNotFound, error.Message),
        "PARENT_MOVED" => new(412, null, error.Message),
        "FILE_TOO_LARGE" or "MESSAGE_TOO_LARGE" or "BODY_TOO_LARGE" or "LINE_TOO_LONG" or "INLINE_TOO_LARGE" or "QUOTA_LOGICAL" or "QUOTA_STORED" or "QUOTA_SENT" => new(413, null, error.Message),
        _ => new(HttpErrors.ToStatus(error.Code), null, error.Message),
    };
}

/// <summary>Carries a refusal that is no <see cref="Error"/> of ours, such as a gate's, out of an operation.</summary>
internal sealed class RefusalException(Refusal refusal) : Exception(refusal.Message)
{
    public Refusal Refusal { get; } = refusal;
}
