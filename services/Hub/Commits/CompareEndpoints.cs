using System.Text;
using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Files;
using ModelGarden.Hub.Routing;
using ModelGarden.Hub.Wire;

namespace ModelGarden.Hub.Commits;

/// <summary>Says what differs between two revisions: line by line as git prints it, in the lines of the protocol's raw form, or as pages of JSON.</summary>
internal sealed class CompareEndpoints(Garden garden, LineDiffs diffs) : IEndpoints
{
    private const int PageSize = 1000;
    private const int RawPageSize = 5000;
    private const int LinesPageSize = 300;

    public IEnumerable<HubRoute> Routes =>
    [
        // Revisions may come with their slashes as they are: what is left of the path is both.
        new("GET HEAD", "/api/{kind}/{ns}/{name}/compare/{*compare}", request => request.QueryFlag("raw") ? RawAsync(request) : request.QueryFlag("json") ? ListAsync(request) : LinesAsync(request)),
    ];

    private async Task ListAsync(HubRequest request)
    {
        var page = await CompareAsync(request, request.Limit(PageSize, RawPageSize), request.QueryText(Paging.Cursor) ?? "");
        request.LinkNext(page.NextPageToken);
        request.Http.Response.Headers[Headers.RepoCommit] = page.Commit;
        request.Http.Response.Headers[Headers.TotalCount] = $"{page.Total}";
        await request.Http.WriteJsonAsync(new JsonArray([.. page.Changes.Select(ToJson)]));
    }

    private async Task LinesAsync(HubRequest request)
    {
        var wanted = new DiffRevisionsRequest { Name = request.Repository, Kind = request.Kind, PageSize = LinesPageSize };
        (wanted.Base, wanted.Revision, wanted.FromCommonAncestor) = Split(request.Value("compare"));
        var page = await diffs.FirstAsync(request, wanted);
        var response = Begin(request, page.Commit);
        while (!request.IsHead)
        {
            foreach (var file in page.Files)
            {
                await response.Body.WriteAsync(file.Patch.Memory, request.Cancel);
            }

            if (page.NextPageToken.Length is 0)
            {
                return;
            }

            page = await garden.Catalog.DiffRevisionsAsync(new(wanted) { PageToken = page.NextPageToken }, cancellationToken: request.Cancel);
        }
    }

    private async Task RawAsync(HubRequest request)
    {
        var page = await CompareAsync(request, RawPageSize, "");
        var response = Begin(request, page.Commit);
        while (!request.IsHead)
        {
            await response.Body.WriteAsync(Encoding.UTF8.GetBytes(string.Concat(page.Changes.Select(RawDiff.LineOf))), request.Cancel);
            if (page.NextPageToken.Length is 0)
            {
                return;
            }

            page = await CompareAsync(request, RawPageSize, page.NextPageToken);
        }
    }

    private static HttpResponse Begin(HubRequest request, string commit)
    {
        var response = request.Http.Response;
        response.Headers[Headers.RepoCommit] = commit;
        response.ContentType = "text/plain; charset=utf-8";
        response.Headers.XContentTypeOptions = "nosniff";
        return response;
    }

    private async Task<CompareRevisionsResponse> CompareAsync(HubRequest request, int size, string token)
    {
        var wanted = new CompareRevisionsRequest { Name = request.Repository, Kind = request.Kind, PageSize = size, PageToken = token };
        (wanted.Base, wanted.Revision, wanted.FromCommonAncestor) = Split(request.Value("compare"));
        return await garden.Catalog.CompareRevisionsAsync(wanted, cancellationToken: request.Cancel);
    }

    /// <summary>As git has it: <c>a..b</c> is both, <c>a...b</c> what came to b since they parted; a revision alone is compared with its parent. No name of a revision has two dots.</summary>
    private static (string From, string To, bool SinceParting) Split(string compare)
    {
        var dots = compare.IndexOf("..", StringComparison.Ordinal);
        if (dots < 0)
        {
            return ("", compare, false);
        }

        var to = compare[(dots + 2)..];
        return (dots is 0 ? "HEAD" : compare[..dots], to.StartsWith('.') ? to[1..] : to, to.StartsWith('.'));
    }

    private static JsonObject ToJson(FileChange change)
    {
        var json = new JsonObject { ["status"] = change.Kind.ToString().ToLowerInvariant(), ["path"] = (change.After ?? change.Before).Path, ["binary"] = change.Binary };
        if (change.Before is { } before)
        {
            json["before"] = EntryJson.Of(before, null, isDetailed: false);
        }

        if (change.After is { } after)
        {
            json["after"] = EntryJson.Of(after, null, isDetailed: false);
        }

        return json;
    }
}
