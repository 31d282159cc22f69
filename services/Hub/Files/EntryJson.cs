using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Hub.Files;

/// <summary>A file or folder in the protocol's words.</summary>
internal static class EntryJson
{
    public static JsonObject Of(TreeEntry entry)
    {
        var json = new JsonObject
        {
            ["type"] = entry.Folder ? "directory" : "file",
            ["oid"] = entry.Oid,
            ["size"] = entry.Folder ? 0 : entry.Size,
            ["path"] = entry.Path,
        };
        if (entry.Sha256.Length > 0)
        {
            json["lfs"] = new JsonObject { ["oid"] = entry.Sha256, ["size"] = entry.Size, ["pointerSize"] = entry.PointerSize };
        }

        return json;
    }
}
