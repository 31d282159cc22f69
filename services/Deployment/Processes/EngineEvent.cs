using System.Text.Json;
using System.Text.Json.Serialization;

namespace ModelGarden.Deployment.Processes;

/// <summary>A line that an engine writes on standard output to tell how far it is; <c>deploy/engines/README.md</c> lists them.</summary>
internal sealed record EngineEvent(string? Event, int? Port, double? Progress, string? Reason)
{
    /// <summary>Null for a line that is none: engines' libraries print too.</summary>
    public static EngineEvent? Parse(string line)
    {
        if (!line.StartsWith('{'))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(line, EngineEventJson.Default.EngineEvent) is { Event: not null } read ? read : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web), JsonSerializable(typeof(EngineEvent))]
internal sealed partial class EngineEventJson : JsonSerializerContext;
