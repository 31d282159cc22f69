using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Repositories;
using ModelGarden.Hub.Routing;
using ModelGarden.Hub.Wire;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Uploads;

/// <summary>Says of each file that is to be committed how it is sent, whether it is left out, and what is there now.</summary>
internal sealed class PreuploadEndpoints(Garden garden) : IEndpoints
{
    private const int MaximumFiles = 512;

    // What Catalog keeps itself; anything larger goes through LFS whatever the rules say.
    private const long MaximumRegular = 1 << 20;
    private const string IgnoreFile = ".gitignore";
    private const string CardFile = "README.md";

    public IEnumerable<HubRoute> Routes => [new("POST", "/api/{kind}/{ns}/{name}/preupload/{rev}", PreuploadAsync)];

    private async Task PreuploadAsync(HubRequest request)
    {
        var body = await request.Http.ReadJsonAsync();
        var files = ReadFiles(body);
        var present = await FindPresentAsync(request, files);
        Ownership.Check(request, present.Repository.Name);
        var attributes = GitAttributes.Parse(body.OptionalText("gitAttributes") ?? await ReadAsync(request, present, GitAttributes.FileName) ?? GitAttributes.Usual);
        var ignore = GitIgnore.Parse(body.OptionalText("gitIgnore") ?? await ReadAsync(request, present, IgnoreFile) ?? "");
        var oids = present.Entries.Where(entry => !entry.Folder).ToDictionary(entry => entry.Path, entry => entry.Sha256 is { Length: > 0 } sha256 ? sha256 : entry.Oid);
        await request.Http.WriteJsonAsync(new JsonObject
        {
            ["files"] = new JsonArray([.. files.Select(file => ToJson(file, attributes, ignore, oids))]),
            ["commitOid"] = present.Commit is { Length: > 0 } commit ? commit : null,
        });
    }

    private static List<Announced> ReadFiles(JsonFields body)
    {
        var files = body.Objects("files").Select(file => new Announced(
            FilePath.Create(file.Text("path")).OrThrow().Value, file.Number("size"), HasZeroByte(file))).ToList();
        return files.Count <= MaximumFiles
            ? files
            : throw new ErrorException(Error.Invalid("TOO_MANY_FILES", $"{files.Count} files were announced: at most {MaximumFiles} at once"));
    }

    // git's own sign of a file that is not text.
    private static bool HasZeroByte(JsonFields file) => file.OptionalBase64("sample")?.Contains((byte)0) is true;

    private async Task<GetEntriesResponse> FindPresentAsync(HubRequest request, List<Announced> files)
    {
        var paths = files.Select(file => file.Path).Append(GitAttributes.FileName).Append(IgnoreFile).Distinct();
        return await garden.Catalog.GetEntriesAsync(
            new() { Name = request.Repository, Kind = request.Kind, Revision = request.Value("rev"), Paths = { paths } }, cancellationToken: request.Cancel);
    }

    private async Task<string?> ReadAsync(HubRequest request, GetEntriesResponse present, string path)
    {
        if (!present.Entries.Any(entry => entry.Path == path && !entry.Folder && entry.Sha256.Length is 0))
        {
            return null;
        }

        var file = await garden.Catalog.ReadFileAsync(
            new() { Name = request.Repository, Kind = request.Kind, Revision = present.Commit, Path = path }, cancellationToken: request.Cancel);
        return file.Content.ToStringUtf8();
    }

    private static JsonObject ToJson(Announced file, GitAttributes attributes, GitIgnore ignore, Dictionary<string, string> oids)
    {
        var json = new JsonObject
        {
            ["path"] = file.Path,
            ["uploadMode"] = IsLarge(file, attributes) ? "lfs" : "regular",
            ["shouldIgnore"] = ignore.Ignores(file.Path),
        };
        if (oids.TryGetValue(file.Path, out var oid))
        {
            json["oid"] = oid;
        }

        return json;
    }

    // git and Catalog read these two themselves.
    private static bool IsLarge(Announced file, GitAttributes attributes) => file switch
    {
        { Size: 0 } or { Path: GitAttributes.FileName or CardFile } => false,
        { Size: > MaximumRegular } => true,
        _ => attributes.IsLarge(file.Path) ?? file.HasZeroByte,
    };

    private sealed record Announced(string Path, long Size, bool HasZeroByte);
}
