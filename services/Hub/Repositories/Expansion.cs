using System.Text.Json.Nodes;
using ModelGarden.Hub.Routing;

namespace ModelGarden.Hub.Repositories;

/// <summary>The fields that a client asks for with <c>expand</c>; without it, all that are usual. Unknown ones are passed over: clients know more than we serve.</summary>
internal sealed record Expansion(IReadOnlySet<string> Fields)
{
    private const string XetEnabled = "xetEnabled";
    private static readonly string[] Always = ["_id", "id", "modelId"];

    // Said to who asks alone, as the protocol has it.
    private static readonly string[] AskedAlone = ["downloadsAllTime", "trendingScore", "inference", "inferenceProviderMapping", "resourceGroup", "mainSize"];

    public static Expansion Of(HubRequest request) => new(request.QueryAll("expand").SelectMany(value => value.Split(',')).ToHashSet(StringComparer.Ordinal));

    public bool IsAsked => Fields.Count > 0;

    public bool Wants(string field) => !IsAsked || Fields.Contains(field);

    public JsonObject Apply(JsonObject json)
    {
        foreach (var name in json.Select(pair => pair.Key).Where(name => IsAsked ? !Always.Contains(name) && !Fields.Contains(name) : AskedAlone.Contains(name)).ToList())
        {
            json.Remove(name);
        }

        // Every repository here is one whose files Xet clients read and write.
        if (Fields.Contains(XetEnabled))
        {
            json[XetEnabled] = true;
        }

        return json;
    }
}
