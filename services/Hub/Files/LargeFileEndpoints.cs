using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Repositories;
using ModelGarden.Hub.Routing;
using ModelGarden.Hub.Wire;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Files;

/// <summary>Lists a repository's large files, those of its history among them; and says why none of them goes.</summary>
internal sealed class LargeFileEndpoints(Garden garden) : IEndpoints
{
    private const int UsualPage = 100;
    private const int MaximumPage = 1000;

    public IEnumerable<HubRoute> Routes =>
    [
        new("GET", "/api/{kind}/{ns}/{name}/lfs-files", ListAsync),
        new("POST", "/api/{kind}/{ns}/{name}/lfs-files/batch", DeleteAsync),
    ];

    private async Task ListAsync(HubRequest request)
    {
        var page = await garden.Catalog.ListLargeFilesAsync(
            new() { Name = request.Repository, Kind = request.Kind, PageSize = request.Limit(UsualPage, MaximumPage), PageToken = request.QueryText(Paging.Cursor) ?? "" }, cancellationToken: request.Cancel);
        request.LinkNext(page.NextPageToken);
        request.Http.Response.Headers[Headers.TotalCount] = $"{page.Total}";
        await request.Http.WriteJsonAsync(new JsonArray([.. page.Files.Select(Describe)]));
    }

    private static JsonObject Describe(LargeFile file)
    {
        var json = new JsonObject { ["fileOid"] = file.Sha256, ["filename"] = file.Path, ["oid"] = file.Sha256, ["pushedAt"] = file.PushedAt.ToWire(), ["size"] = file.Size };
        if (file.Ref.Length > 0)
        {
            json["ref"] = file.Ref;
        }

        return json;
    }

    // Whether history is to be rewritten or left with pointers to nothing: what it had when it was made, published and reviewed would be gone either way.
    private async Task DeleteAsync(HubRequest request)
    {
        var body = await request.Http.ReadJsonAsync();
        var repository = await garden.Catalog.GetRepositoryAsync(new() { Name = request.Repository, Kind = request.Kind }, cancellationToken: request.Cancel);
        Ownership.Check(request, repository.Name);
        body.Object("deletions").Texts("sha");
        throw new ErrorException(Error.Conflict(
            "HISTORY_STAYS",
            $"history here stays, and with it the large files that the revisions of {repository.Name} have: a commit takes a file out of what comes, deleting the repository frees what no other one has"));
    }
}
