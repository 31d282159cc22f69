using ModelGarden.Kernel;

namespace ModelGarden.Entitlement.AccessRequests;

/// <summary>The refusals around access requests.</summary>
internal static class AccessErrors
{
    public static Error NotFound(string account, RepositoryName repository) =>
        Error.NotFound("ACCESS_REQUEST_NOT_FOUND", $"'{Text.Shorten(account)}' has not asked for access to {repository}: grant it, or wait for the request");

    public static Error AlreadySo(AccessRequestRow standing) =>
        Error.Invalid("ALREADY_SO", $"the access of {standing.Account} to {standing.Repository} is {Word(standing)} already");

    public static Error NotNeeded(RepositoryName repository) =>
        Error.Invalid("ACCESS_NOT_NEEDED", $"{repository} is your own organisation's: its people have access without asking");

    public static Error Rejected(AccessRequestRow standing) => Error.Denied(
        "ACCESS_REJECTED",
        $"{standing.Repository}: your request was rejected{Because(standing)}; its owner can change that");

    /// <summary>Why, where that was said.</summary>
    public static string Because(AccessRequestRow standing) => standing.RejectionReason.Length > 0 ? $": {standing.RejectionReason}" : "";

    private static string Word(AccessRequestRow standing) => standing.Status switch
    {
        Contracts.V1.AccessStatus.Accepted => "accepted",
        Contracts.V1.AccessStatus.Rejected => "rejected",
        _ => "pending",
    };
}
