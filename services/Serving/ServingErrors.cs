using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;

namespace ModelGarden.Serving;

internal static class ServingErrors
{
    /// <summary>Also for another tenant's: that it exists is not told.</summary>
    public static Error NoEndpoint(string tenant, string name) =>
        Error.NotFound("ENDPOINT_NOT_FOUND", $"there is no endpoint '{Text.Shorten(name)}' in {tenant}: 'garden endpoints list' shows what there is");

    public static Error Refused(Decision decision)
    {
        var message = decision.MissingStep.Length > 0 ? $"{decision.Message}: {decision.MissingStep} ({decision.Who})" : decision.Message;
        return decision.Rule switch
        {
            "SIGN_IN" => Error.Unauthenticated(decision.Rule, message),
            "QUOTA_EXCEEDED" => Error.Exhausted(decision.Rule, message),
            _ => Error.Denied(decision.Rule, message),
        };
    }
}
