using System.Text.Json.Nodes;

namespace ModelGarden.Hub.Repositories;

/// <summary>How an app runs, in the protocol's words: apps are kept here, not run.</summary>
internal static class AppRuntime
{
    public static JsonObject ToJson() => new()
    {
        ["stage"] = "STOPPED",
        ["hardware"] = new JsonObject { ["current"] = null, ["requested"] = null },
        ["storage"] = null,
        ["replicas"] = new JsonObject { ["current"] = 0, ["requested"] = 0 },
    };
}
