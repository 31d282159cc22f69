using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;

namespace ModelGarden.Serving;

internal static class ServingErrors
{
    /// <summary>Also for another tenant's: that it exists is not told.</summary>
    public static Error NoEndpoint(string tenant, string name) =>
        Error.NotFound("ENDPOINT_NOT_FOUND", $"there is no endpoint '{Text.Shorten(name)}' in {tenant}: 'garden endpoints list' shows what there is");

    /// <summary>Entitlement's refusal in its own words, which name the rule, the missing step and who can take it.</summary>
    public static Error Refused(Decision decision) => decision.Rule switch
    {
        "SIGN_IN" => Error.Unauthenticated(decision.Rule, decision.Message),
        "QUOTA_EXCEEDED" => Error.Exhausted(decision.Rule, decision.Message),
        _ => Error.Denied(decision.Rule, decision.Message),
    };
}
