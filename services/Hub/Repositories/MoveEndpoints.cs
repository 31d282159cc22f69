using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Routing;
using ModelGarden.Hub.Wire;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Repositories;

/// <summary>Gives repositories other names. Whoever reads by an old one is sent to the new one by the router.</summary>
internal sealed class MoveEndpoints(Garden garden) : IEndpoints
{
    public IEnumerable<HubRoute> Routes => [new("POST", "/api/repos/move", MoveAsync)];

    private async Task MoveAsync(HubRequest request)
    {
        var body = await request.Http.ReadJsonAsync();
        var kind = Kinds.FromBody(body.OptionalText("type")).OrThrow();
        var moved = await garden.Catalog.MoveRepositoryAsync(
            new() { Name = body.Text("fromRepo"), NewName = body.Text("toRepo"), Kind = kind }, cancellationToken: request.Cancel);
        await request.Http.WriteJsonAsync(new JsonObject { ["url"] = $"{request.Address}{RepositoryPaths.PageOf(kind, moved.Name)}", ["name"] = moved.Name });
    }
}
