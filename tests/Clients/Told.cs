using System.Text.Json.Nodes;

namespace ModelGarden.Clients;

/// <summary>Reads what flows tell.</summary>
internal static class Told
{
    public static IEnumerable<string?> Texts(JsonNode list) => list.AsArray().Select(text => (string?)text);
}
