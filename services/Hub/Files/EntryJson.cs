using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Hub.Files;

/// <summary>A file or folder in the protocol's words.</summary>
internal static class EntryJson
{
    /// <param name="entry">As Catalog has it.</param>
    /// <param name="xetHash">A large file's, where it is known.</param>
    public static JsonObject Of(TreeEntry entry, string? xetHash)
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

        if (xetHash is not null)
        {
            json["xetHash"] = xetHash;
        }

        return json;
    }
}
