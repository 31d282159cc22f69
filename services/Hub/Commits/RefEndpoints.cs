using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Routing;
using ModelGarden.Hub.Wire;

namespace ModelGarden.Hub.Commits;

/// <summary>Lists, makes and deletes branches and tags.</summary>
internal sealed class RefEndpoints(Garden garden) : IEndpoints
{
    private const string Branches = "refs/heads/";
    private const string Tags = "refs/tags/";
    private const string PullRequestRefs = "refs/pr/";

    public IEnumerable<HubRoute> Routes =>
    [
        new("GET", "/api/{kind}/{ns}/{name}/refs", ListAsync),
        new("POST", "/api/{kind}/{ns}/{name}/branch/{*branch}", CreateBranchAsync),
        new("DELETE", "/api/{kind}/{ns}/{name}/branch/{*branch}", request => DeleteAsync(request, Branches + request.Value("branch"))),
        new("POST", "/api/{kind}/{ns}/{name}/tag/{*rev}", CreateTagAsync),
        new("DELETE", "/api/{kind}/{ns}/{name}/tag/{*rev}", request => DeleteAsync(request, Tags + request.Value("rev"))),
    ];

    private async Task ListAsync(HubRequest request)
    {
        var refs = (await garden.Catalog.ListRefsAsync(new() { Name = request.Repository, Kind = request.Kind }, cancellationToken: request.Cancel)).Refs;
        var json = new JsonObject { ["branches"] = Below(refs, Branches), ["tags"] = Below(refs, Tags), ["converts"] = new JsonArray() };
        if (request.QueryFlag("include_prs") || request.QueryFlag("include_pull_requests"))
        {
            json["pullRequests"] = Below(refs, PullRequestRefs);
        }

        await request.Http.WriteJsonAsync(json);
    }

    private async Task CreateBranchAsync(HubRequest request)
    {
        var body = await request.Http.ReadJsonAsync();
        if (body.OptionalFlag("emptyBranch") is true || body.OptionalFlag("overwrite") is true)
        {
            throw body.Bad(body.OptionalFlag("emptyBranch") is true ? "emptyBranch" : "overwrite", "is not served: make the branch from a revision, and delete the old one first if need be");
        }

        await CreateAsync(request, Branches + request.Value("branch"), body.OptionalText("startingPoint") ?? "", "");
    }

    private async Task CreateTagAsync(HubRequest request)
    {
        var body = await request.Http.ReadJsonAsync();
        await CreateAsync(request, Tags + body.Text("tag"), request.Value("rev"), body.OptionalText("message") ?? "");
    }

    private async Task CreateAsync(HubRequest request, string name, string revision, string message)
    {
        var created = await garden.Catalog.CreateRefAsync(
            new() { Name = request.Repository, Kind = request.Kind, Ref = name, Revision = revision, Message = message }, cancellationToken: request.Cancel);
        await request.Http.WriteJsonAsync(ToJson(created, name.StartsWith(Tags, StringComparison.Ordinal) ? Tags : Branches));
    }

    private async Task DeleteAsync(HubRequest request, string name)
    {
        await garden.Catalog.DeleteRefAsync(new() { Name = request.Repository, Kind = request.Kind, Ref = name }, cancellationToken: request.Cancel);
        await request.Http.WriteJsonAsync(new JsonObject { ["deleted"] = name });
    }

    private static JsonArray Below(IEnumerable<Ref> refs, string prefix) =>
        [.. refs.Where(one => one.Name.StartsWith(prefix, StringComparison.Ordinal)).Select(one => ToJson(one, prefix))];

    private static JsonObject ToJson(Ref one, string prefix) => new()
    {
        ["name"] = one.Name.StartsWith(prefix, StringComparison.Ordinal) ? one.Name[prefix.Length..] : one.Name,
        ["ref"] = one.Name,
        ["targetCommit"] = one.Commit,
    };
}
