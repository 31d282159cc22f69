using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Routing;
using ModelGarden.Hub.Wire;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Files;

/// <summary>Lists files and folders.</summary>
internal sealed class TreeEndpoints(Garden garden) : IEndpoints
{
    private const int PageSize = 1000;
    private const int MaximumPaths = 10_000;

    public IEnumerable<HubRoute> Routes =>
    [
        new("GET", "/api/{kind}/{ns}/{name}/tree/{rev}", TreeAsync),
        new("GET", "/api/{kind}/{ns}/{name}/tree/{rev}/{*path}", TreeAsync),
        new("GET", "/api/{kind}/{ns}/{name}/tree/refs/{space}/{ref}", RefTreeAsync),
        new("GET", "/api/{kind}/{ns}/{name}/tree/refs/{space}/{ref}/{*path}", RefTreeAsync),
        new("POST", "/api/{kind}/{ns}/{name}/paths-info/{rev}", PathsInfoAsync),
    ];

    private Task TreeAsync(HubRequest request) => TreeAsync(request, request.Value("rev"));

    // The JavaScript client does not encode the revision here.
    private Task RefTreeAsync(HubRequest request) => TreeAsync(request, $"refs/{request.Value("space")}/{request.Value("ref")}");

    private async Task TreeAsync(HubRequest request, string revision)
    {
        var tree = await garden.Catalog.ListTreeAsync(
            new()
            {
                Name = request.Repository,
                Kind = request.Kind,
                Revision = revision,
                Path = (request.OptionalValue("path") ?? "").TrimEnd('/'),
                Recursive = request.QueryFlag("recursive"),
                PageSize = request.Limit(PageSize, PageSize),
                PageToken = request.QueryText(Paging.Cursor) ?? "",
                Detailed = request.QueryFlag("expand"),
            },
            cancellationToken: request.Cancel);
        request.LinkNext(tree.NextPageToken);
        SetCommit(request, tree.Commit);
        await request.Http.WriteJsonAsync(new JsonArray([.. await DescribeAsync(request, tree.Entries, request.QueryFlag("expand"))]));
    }

    private async Task PathsInfoAsync(HubRequest request)
    {
        var (paths, isDetailed) = await ReadPathsAsync(request.Http);
        var (revision, entries) = (request.Value("rev"), new JsonArray());
        foreach (var chunk in paths.Chunk(PageSize).DefaultIfEmpty([]))
        {
            var found = await garden.Catalog.GetEntriesAsync(
                new() { Name = request.Repository, Kind = request.Kind, Revision = revision, Paths = { chunk }, Detailed = isDetailed }, cancellationToken: request.Cancel);
            (await DescribeAsync(request, found.Entries, isDetailed)).ForEach(entries.Add);
            SetCommit(request, found.Commit);
            revision = found.Commit.Length > 0 ? found.Commit : revision;
        }

        await request.Http.WriteJsonAsync(entries);
    }

    private async Task<List<JsonNode>> DescribeAsync(HubRequest request, IReadOnlyCollection<TreeEntry> entries, bool isDetailed)
    {
        var large = entries.Where(entry => entry.Sha256.Length > 0).Select(entry => entry.Sha256).Distinct().ToList();
        var hashes = large.Count > 0 ? (await garden.ArtifactsAsHub.GetFilesAsync(new() { Sha256 = { large } }, cancellationToken: request.Cancel)).XetHashes : null;
        return [.. entries.Select(entry => EntryJson.Of(entry, hashes?.GetValueOrDefault(entry.Sha256), isDetailed))];
    }

    private static async Task<(List<string> Paths, bool IsDetailed)> ReadPathsAsync(HttpContext http)
    {
        var (paths, isDetailed) = http.Request.ContentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) is true
            ? OfForm(await http.ReadBytesAsync())
            : OfJson(await http.ReadJsonAsync());
        return paths.Count <= MaximumPaths
            ? ([.. paths.Select(path => path.TrimEnd('/')).Where(path => FilePath.Create(path).Error is null).Distinct()], isDetailed)
            : throw new ErrorException(Error.Invalid("TOO_MANY_PATHS", $"{paths.Count} paths were asked for: at most {MaximumPaths} at once"));
    }

    private static (List<string> Paths, bool IsDetailed) OfForm(byte[] body)
    {
        var form = QueryHelpers.ParseQuery(System.Text.Encoding.UTF8.GetString(body));
        var paths = form.Where(pair => pair.Key is "paths" or "paths[]").SelectMany(pair => pair.Value.OfType<string>());
        return ([.. paths], string.Equals(form.GetValueOrDefault("expand").ToString(), "true", StringComparison.OrdinalIgnoreCase));
    }

    private static (List<string> Paths, bool IsDetailed) OfJson(JsonFields body) => ([.. body.Texts("paths")], body.OptionalFlag("expand") is true);

    private static void SetCommit(HubRequest request, string commit)
    {
        if (commit.Length > 0)
        {
            request.Http.Response.Headers[Headers.RepoCommit] = commit;
        }
    }
}
