using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Garden;

/// <summary>A licence that a model declares, and what the garden knows of it for the caller.</summary>
/// <param name="Id">As declared.</param>
/// <param name="License">Null: the garden does not know it.</param>
internal sealed record LicenseStanding(string Id, License? License)
{
    public bool IsMissing => License is { RequiresAcceptance: true, Accepted: false };

    public string Words => License switch
    {
        null => "not known to this garden",
        { RequiresAcceptance: false } => $"{License.Title}: free to use",
        { Accepted: true } => $"{License.Title}: accepted for your organisation",
        _ => $"{License.Title}: not accepted: garden licenses accept {Id}",
    };

    public static async Task<IReadOnlyList<LicenseStanding>> ReadAsync(GardenClient garden, IEnumerable<string> ids, CancellationToken cancellationToken) =>
        await Task.WhenAll(ids.Distinct().Take(20).Select(id => ReadAsync(garden, id, cancellationToken)));

    /// <summary>The command that would accept what stands in the way of a model; null: no licence does.</summary>
    public static Task<NextStep?> NextStepAsync(GardenClient garden, ModelReference model, CancellationToken cancellationToken) =>
        NextStepAsync(garden, async () => (await garden.ResolveRevisionAsync(model, cancellationToken)).Record?.Declared?.Licenses ?? [], cancellationToken);

    public static Task<NextStep?> NextStepAsync(GardenClient garden, EndpointName endpoint, CancellationToken cancellationToken) =>
        NextStepAsync(garden, async () => (await garden.GetEndpointAsync(endpoint, cancellationToken)).Licenses, cancellationToken);

    private static async Task<NextStep?> NextStepAsync(GardenClient garden, Func<Task<IEnumerable<string>>> licenses, CancellationToken cancellationToken)
    {
        try
        {
            var missing = (await ReadAsync(garden, await licenses(), cancellationToken)).Where(license => license.IsMissing).ToList();
            return missing.Count > 0 ? new(string.Join(" && ", missing.Select(license => $"garden licenses accept {license.Id}")), "by an admin or legal of your tenant") : null;
        }
        catch (Exception exception) when (exception is ErrorException or NotReachableException)
        {
            // The refusal itself is what has to be said; this is only its help.
            return null;
        }
    }

    public JsonObject ToJson() => new()
    {
        ["id"] = Id,
        ["known"] = License is not null,
        ["title"] = License?.Title,
        ["requiresAcceptance"] = License?.RequiresAcceptance,
        ["accepted"] = License?.Accepted,
    };

    private static async Task<LicenseStanding> ReadAsync(GardenClient garden, string id, CancellationToken cancellationToken)
    {
        try
        {
            return new(id, await garden.GetLicenseAsync(id, cancellationToken));
        }
        catch (ErrorException exception) when (exception.Error.Code is ErrorCode.NotFound or ErrorCode.InvalidArgument)
        {
            return new(id, null);
        }
    }
}
