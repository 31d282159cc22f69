using System.Net;
using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Routing;
using ModelGarden.Hub.Wire;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Commits;

/// <summary>Lists commits, and makes many one.</summary>
internal sealed class HistoryEndpoints(Garden garden) : IEndpoints
{
    private const int PageSize = 50;
    private const int MaximumPage = 1000;

    public IEnumerable<HubRoute> Routes =>
    [
        // The JavaScript client does not encode the revision here: what is left of the path is one.
        new("GET HEAD", "/api/{kind}/{ns}/{name}/commits/{*rev}", ListAsync),
        new("POST", "/api/{kind}/{ns}/{name}/super-squash/{*rev}", SquashAsync),
    ];

    private async Task ListAsync(HubRequest request)
    {
        var commits = await garden.Catalog.ListCommitsAsync(
            new()
            {
                Name = request.Repository,
                Kind = request.Kind,
                Revision = request.Value("rev"),
                PageSize = request.Limit(PageSize, MaximumPage),
                PageToken = request.QueryText(Paging.Cursor) ?? "",
            },
            cancellationToken: request.Cancel);
        request.LinkNext(commits.NextPageToken);
        request.Http.Response.Headers[Headers.TotalCount] = $"{commits.Total}";
        var formatted = request.QueryAll("expand").Contains("formatted");
        await request.Http.WriteJsonAsync(new JsonArray([.. commits.Commits.Select(commit => ToJson(commit, formatted))]));
    }

    private async Task SquashAsync(HubRequest request)
    {
        var body = await request.Http.ReadJsonAsync();
        var branch = request.Value("rev");
        var message = (body.OptionalText("message") ?? "").Trim();
        var end = message.AsSpan().IndexOfAny('\r', '\n');
        var squashed = await garden.Catalog.SquashBranchAsync(
            new()
            {
                Name = request.Repository,
                Kind = request.Kind,
                Branch = branch,
                Summary = message.Length is 0 ? $"Super-squash branch '{Text.Shorten(branch)}'" : end < 0 ? message : message[..end],
                Description = end < 0 ? "" : message[end..].Trim(),
            },
            cancellationToken: request.Cancel);
        await request.Http.WriteJsonAsync(new JsonObject { ["commitId"] = squashed.Id });
    }

    private static JsonObject ToJson(Commit commit, bool formatted)
    {
        var json = new JsonObject
        {
            ["id"] = commit.Id,
            ["title"] = commit.Summary,
            ["message"] = commit.Description,
            ["date"] = commit.At.ToWire(),
            ["authors"] = new JsonArray(new JsonObject { ["user"] = commit.Author, ["avatar"] = "" }),
        };
        if (formatted)
        {
            json["formatted"] = new JsonObject { ["title"] = WebUtility.HtmlEncode(commit.Summary), ["message"] = WebUtility.HtmlEncode(commit.Description) };
        }

        return json;
    }
}
