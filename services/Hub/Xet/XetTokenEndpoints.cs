using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Files;
using ModelGarden.Hub.Repositories;
using ModelGarden.Hub.Routing;
using ModelGarden.Hub.Wire;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Xet;

/// <summary>Gives tokens for the Xet protocol: to read what the caller may download, to write where the caller may commit.</summary>
internal sealed class XetTokenEndpoints(Garden garden, Gate gate, XetLinks links) : IEndpoints
{
    public IEnumerable<HubRoute> Routes =>
    [
        new("GET", "/api/{kind}/{ns}/{name}/xet-read-token/{rev}", ReadAsync),
        new("GET", "/api/{kind}/{ns}/{name}/xet-write-token/{rev}", WriteAsync),
    ];

    private async Task ReadAsync(HubRequest request)
    {
        var found = await garden.Catalog.ResolveRevisionAsync(
            new() { Name = request.Repository, Kind = request.Kind, Revision = request.Value("rev") }, cancellationToken: request.Cancel);
        await gate.PassAsync(request, Resource.Of(found));
        await AnswerAsync(request, await links.SignAsync(request, found.Repository.Name, found.Commit, write: false));
    }

    private async Task WriteAsync(HubRequest request)
    {
        var repository = await garden.Catalog.GetRepositoryAsync(new() { Name = request.Repository, Kind = request.Kind }, cancellationToken: request.Cancel);
        Ownership.Check(request, repository.Name);
        await AnswerAsync(request, await links.SignAsync(request, repository.Name, await CommitAsync(request), write: true));
    }

    // What is written to may be a branch that is only made by the commit.
    private async Task<string> CommitAsync(HubRequest request)
    {
        try
        {
            return (await garden.Catalog.ResolveRevisionAsync(
                new() { Name = request.Repository, Kind = request.Kind, Revision = request.Value("rev") }, cancellationToken: request.Cancel)).Commit;
        }
        catch (ErrorException exception) when (exception.Error.Code is ErrorCode.NotFound)
        {
            return "";
        }
    }

    private static Task AnswerAsync(HubRequest request, XetToken token)
    {
        foreach (var (name, value) in token.ToHeaders())
        {
            request.Http.Response.Headers[name] = value;
        }

        request.Http.Response.Headers.CacheControl = "private, no-store";
        return request.Http.WriteJsonAsync(token.ToJson());
    }
}
