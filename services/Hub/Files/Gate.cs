using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Routing;
using ModelGarden.Hub.Wire;
using ModelGarden.Rights.Local;
using Action = ModelGarden.Contracts.V1.Action;

namespace ModelGarden.Hub.Files;

/// <summary>Asks before bytes are given. Descriptions, lists and licence texts are not gated: one must see what one is asked to accept.</summary>
internal sealed class Gate(RightsDesk rights, HubMetrics metrics)
{
    private static readonly HashSet<string> OpenFiles = new(StringComparer.OrdinalIgnoreCase)
    {
        "README.md", "LICENSE", "LICENSE.md", "LICENSE.txt", ".gitattributes",
    };

    /// <summary>Small files that anyone who sees the repository may read.</summary>
    public static bool IsOpen(TreeEntry entry) => entry.Sha256.Length is 0 && OpenFiles.Contains(entry.Path);

    /// <summary>Returns if the caller may have the files of this revision, else throws the refusal that clients know as a gated repository.</summary>
    public async ValueTask PassAsync(HubRequest request, Resource resource)
    {
        var decision = await rights.DecideAsync(request.Caller, Action.Download, resource, request.Cancel);
        if (!decision.Allowed)
        {
            metrics.Refused(decision.Rule);
            throw new RefusalException(ToRefusal(decision, request.Caller.IsAnonymous));
        }
    }

    private static Refusal ToRefusal(Decision decision, bool anonymous) => decision.Rule is "QUOTA_EXCEEDED"
        ? new(429, null, Words(decision)) { RetryAfterSeconds = Math.Max(1, decision.RetryAfterSeconds), Why = decision.Why }
        : new(anonymous ? 401 : 403, Refusal.GatedRepo, Words(decision)) { Why = decision.Why };

    // The code is Hugging Face's, so the rule stands in the words. Entitlement's may name the step and who can take it already.
    private static string Words(Decision decision)
    {
        var words = $"{decision.Rule}: {decision.Message}";
        if (decision.MissingStep.Length > 0 && !words.Contains(decision.MissingStep, StringComparison.Ordinal))
        {
            words = $"{words}: {decision.MissingStep}";
        }

        return decision.Who.Length > 0 && !words.Contains(decision.Who, StringComparison.Ordinal) ? $"{words} (by: {decision.Who})" : words;
    }
}
