using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Remembering;
using ModelGarden.Hub.Routing;
using ModelGarden.Hub.Wire;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Commits;

/// <summary>Lists, makes and deletes branches and tags.</summary>
internal sealed class RefEndpoints(Garden garden, OwnChanges own, TimeProvider clock) : IEndpoints
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
        var refs = await FindAllAsync(request);
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
        var (name, from) = (Branches + request.Value("branch"), body.OptionalText("startingPoint") ?? "");
        var (isEmpty, overwrites) = (body.OptionalFlag("emptyBranch") is true, body.OptionalFlag("overwrite") is true);
        var there = isEmpty || overwrites ? (await FindAllAsync(request)).FirstOrDefault(one => one.Name == name) : null;
        if (!isEmpty && there is null)
        {
            await CreateAsync(request, name, from, "");
            return;
        }

        if (there is not null && !overwrites)
        {
            throw new ErrorException(Error.Exists("REF_EXISTS", $"{name} is there already"));
        }

        await request.Http.WriteJsonAsync(ToJson(await MoveAsync(request, there ?? new() { Name = name }, from, isEmpty), Branches));
    }

    /// <summary>To where it is said to go; who names no place only wants the branch to be there.</summary>
    private async Task<Ref> MoveAsync(HubRequest request, Ref branch, string from, bool isEmpty)
    {
        var push = new BranchPush(garden, own, clock, request);
        if (isEmpty)
        {
            return await push.EmptyAsync(branch);
        }

        if (from.Length is 0)
        {
            return branch;
        }

        var found = await garden.Catalog.ResolveRevisionAsync(new() { Name = request.Repository, Kind = request.Kind, Revision = from }, cancellationToken: request.Cancel);
        return found.Commit.Length > 0
            ? await push.MoveAsync(branch, found.Commit)
            : throw new ErrorException(Error.NotFound("REVISION_NOT_FOUND", $"'{Text.Shorten(from)}' of {request.Repository} has no commit yet"));
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

    private async Task<IReadOnlyList<Ref>> FindAllAsync(HubRequest request) =>
        (await garden.Catalog.ListRefsAsync(new() { Name = request.Repository, Kind = request.Kind }, cancellationToken: request.Cancel)).Refs;

    private static JsonArray Below(IEnumerable<Ref> refs, string prefix) =>
        [.. refs.Where(one => one.Name.StartsWith(prefix, StringComparison.Ordinal)).Select(one => ToJson(one, prefix))];

    private static JsonObject ToJson(Ref one, string prefix) => new()
    {
        ["name"] = one.Name.StartsWith(prefix, StringComparison.Ordinal) ? one.Name[prefix.Length..] : one.Name,
        ["ref"] = one.Name,
        ["targetCommit"] = one.Commit,
    };
}
