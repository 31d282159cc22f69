using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;

namespace ModelGarden.Entitlement.AccessRequests;

/// <summary>The refusals around access requests.</summary>
internal static class AccessErrors
{
    public static Error NotFound(string account, RepositoryName repository) =>
        Error.NotFound("ACCESS_REQUEST_NOT_FOUND", $"'{Text.Shorten(account)}' has not asked for access to {repository}: grant it, or wait for the request");

    public static Error AlreadySo(AccessRequestRow standing) =>
        Error.Invalid("ALREADY_SO", $"the access of {standing.Account} to {standing.Repository} is {Word(standing.Status)} already");

    public static Error NotNeeded(RepositoryName repository) =>
        Error.Invalid("ACCESS_NOT_NEEDED", $"{repository} is your own organisation's: its people have access without asking");

    public static Error Rejected(AccessRequestRow standing) => Error.Denied(
        "ACCESS_REJECTED",
        $"{standing.Repository}: your request was rejected{standing.ToFact().Because}; its owner can change that");

    /// <summary>Null: there is such a status.</summary>
    public static Error? StatusFault(AccessStatus status) => status is AccessStatus.Pending or AccessStatus.Accepted or AccessStatus.Rejected
        ? null
        : Error.Invalid("BAD_STATUS", $"status {(int)status} is none: pending, accepted and rejected are");

    public static string Word(AccessStatus status) => Key.Of(status.ToString());
}
