using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Wire;

namespace ModelGarden.Hub.Files;

/// <summary>A file or folder in the protocol's words.</summary>
internal static class EntryJson
{
    /// <param name="entry">As Catalog has it.</param>
    /// <param name="xetHash">A large file's, where it is known.</param>
    /// <param name="isDetailed">What <c>expand</c> asks for.</param>
    public static JsonObject Of(TreeEntry entry, string? xetHash, bool isDetailed)
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

        if (isDetailed)
        {
            Detail(json, entry);
        }

        return json;
    }

    private static void Detail(JsonObject json, TreeEntry entry)
    {
        if (entry.LastCommit is { } commit)
        {
            json["lastCommit"] = new JsonObject { ["id"] = commit.Id, ["title"] = commit.Title, ["date"] = commit.At.ToWire() };
        }

        if (!entry.Folder)
        {
            // Clients want all three; what ours found of it stands beside them.
            json["securityFileStatus"] = new JsonObject { ["status"] = StatusOf(entry.Verdict), ["avScan"] = null, ["pickleImportScan"] = null, ["finding"] = entry.Finding?.Message };
        }
    }

    /// <summary>In the public hub's words.</summary>
    private static string StatusOf(Verdict verdict) => verdict switch
    {
        Verdict.Clean => "safe",
        Verdict.Suspicious => "suspicious",
        Verdict.Malicious => "unsafe",
        _ => "queued",
    };
}
