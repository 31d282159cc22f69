using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Accounts;
using ModelGarden.Hub.Routing;
using ModelGarden.Hub.Wire;

namespace ModelGarden.Hub.Popularity;

/// <summary>Takes likes, and lists who likes what.</summary>
internal sealed class LikeEndpoints(Garden garden) : IEndpoints
{
    private const int UsualPage = 100;
    private const int MaximumPage = 1000;

    public IEnumerable<HubRoute> Routes =>
    [
        new("POST", "/api/{kind}/{ns}/{name}/like", request => SetAsync(request, liked: true)),
        new("DELETE", "/api/{kind}/{ns}/{name}/like", request => SetAsync(request, liked: false)),
        new("GET", "/api/{kind}/{ns}/{name}/likers", ListLikersAsync),
        new("GET", "/api/users/{user}/likes", ListLikesAsync),
    ];

    private async Task SetAsync(HubRequest request, bool liked)
    {
        var repository = await garden.Catalog.SetLikeAsync(new() { Name = request.Repository, Kind = request.Kind, Liked = liked }, cancellationToken: request.Cancel);
        await request.Http.WriteJsonAsync(new JsonObject { ["success"] = true, ["likes"] = repository.Likes });
    }

    private async Task ListLikersAsync(HubRequest request)
    {
        var found = await garden.Catalog.ListLikersAsync(
            new() { Name = request.Repository, Kind = request.Kind, PageSize = request.Limit(UsualPage, MaximumPage), PageToken = request.QueryText(Paging.Cursor) ?? "" },
            cancellationToken: request.Cancel);
        request.LinkNext(found.NextPageToken);
        await request.Http.WriteJsonAsync(new JsonArray([.. found.Likes.Select(like => ProfileJson.Person(like.Account))]));
    }

    private async Task ListLikesAsync(HubRequest request)
    {
        var found = await garden.Catalog.ListLikesAsync(
            new() { Account = request.Value("user"), PageSize = request.Limit(UsualPage, MaximumPage), PageToken = request.QueryText(Paging.Cursor) ?? "" }, cancellationToken: request.Cancel);
        request.LinkNext(found.NextPageToken);
        await request.Http.WriteJsonAsync(new JsonArray([.. found.Likes.Select(like => new JsonObject
        {
            ["createdAt"] = like.At.ToWire(),
            ["repo"] = new JsonObject { ["name"] = like.Repository.Name, ["type"] = Kinds.ToBody(like.Repository.Kind) },
        })]));
    }
}
