using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;
using RepositoryKind = ModelGarden.Contracts.V1.RepositoryKind;

namespace ModelGarden.Hub.Repositories;

/// <summary>The list of files that stands in a repository's description.</summary>
internal sealed class Siblings(Garden garden)
{
    // 50,000 files; beyond that clients read the tree page by page.
    private const int MaximumPages = 50;
    private const int PageSize = 1000;

    public async Task<JsonArray> ListAsync(string repository, RepositoryKind kind, string commit, bool withBlobs, CancellationToken cancellationToken)
    {
        var siblings = new JsonArray();
        var request = new ListTreeRequest { Name = repository, Kind = kind, Revision = commit, Recursive = true, PageSize = PageSize };
        for (var page = 0; commit.Length > 0 && page < MaximumPages; page++)
        {
            var tree = await garden.Catalog.ListTreeAsync(request, cancellationToken: cancellationToken);
            foreach (var entry in tree.Entries.Where(entry => !entry.Folder))
            {
                siblings.Add(ToJson(entry, withBlobs));
            }

            if ((request.PageToken = tree.NextPageToken).Length is 0)
            {
                break;
            }
        }

        return siblings;
    }

    private static JsonObject ToJson(TreeEntry entry, bool withBlobs)
    {
        var json = new JsonObject { ["rfilename"] = entry.Path };
        if (withBlobs)
        {
            json["size"] = entry.Size;
            json["blobId"] = entry.Oid;
            if (entry.Sha256.Length > 0)
            {
                json["lfs"] = new JsonObject { ["sha256"] = entry.Sha256, ["size"] = entry.Size, ["pointerSize"] = entry.PointerSize };
            }
        }

        return json;
    }
}
