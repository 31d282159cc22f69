using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;

namespace ModelGarden.Serving;

/// <summary>The refusals of this service, and what an engine did wrong.</summary>
internal static class ServingErrors
{
    public const string ReplicaUnreachable = "REPLICA_UNREACHABLE";

    /// <summary>Also for another tenant's: that it exists is not told.</summary>
    public static Error NoEndpoint(string tenant, string name) =>
        Error.NotFound("ENDPOINT_NOT_FOUND", $"there is no endpoint '{Text.Shorten(name)}' in {tenant}: 'garden endpoints list' shows what there is");

    /// <summary>Entitlement's refusal in its own words, which name the rule, the missing step and who can take it.</summary>
    public static Error Refused(Decision decision) => new(CodeOf(decision), decision.Rule, decision.Message) { Why = decision.Why };

    /// <summary>The call was not sent, or not whole.</summary>
    public static Error Unreachable(Endpoint endpoint, HttpRequestException exception) =>
        Error.Unavailable(ReplicaUnreachable, $"no replica of endpoint '{endpoint.Name}' can be reached ({exception.HttpRequestError}): try again");

    /// <summary>The call was sent; what became of it nobody knows.</summary>
    public static Error Unanswered(Endpoint endpoint, HttpRequestException exception) => Error.Unavailable(
        "CALL_UNANSWERED", $"endpoint '{endpoint.Name}' took the call and hung up ({exception.HttpRequestError}): its engine may have crashed over it, see 'garden endpoints logs {endpoint.Name}'");

    public static Error Late(Endpoint endpoint, TimeSpan patience) => Error.Unavailable(
        "ANSWER_LATE", $"endpoint '{endpoint.Name}' took the call and did not begin to answer within {patience.TotalSeconds:0} s (Garden:Serving:AnswerTimeoutSeconds): ask for less, or for a stream");

    public static Error Broken(Endpoint endpoint, Exception exception) =>
        Error.Unavailable("ANSWER_BROKEN", $"the answer of endpoint '{endpoint.Name}' is broken: {exception.Message}");

    private static ErrorCode CodeOf(Decision decision) => decision.Rule switch
    {
        "SIGN_IN" => ErrorCode.Unauthenticated,
        "QUOTA_EXCEEDED" => ErrorCode.ResourceExhausted,
        _ => ErrorCode.PermissionDenied,
    };
}
