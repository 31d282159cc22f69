using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Popularity;
using ModelGarden.Hub.Repositories;
using ModelGarden.Hub.Routing;
using ModelGarden.Hub.Wire;
using ModelGarden.Hub.Xet;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Uploads;

/// <summary>git-lfs' batch protocol: where the bytes of large files are sent to and fetched from. They go to Artifacts and never pass here.</summary>
internal sealed class LfsEndpoints(Garden garden, Files.Gate gate, XetLinks links, DownloadLedger ledger) : IEndpoints
{
    private const string LfsJson = "application/vnd.git-lfs+json";
    private const int MaximumObjects = 1000;

    public IEnumerable<HubRoute> Routes =>
    [
        new("POST", "/{prefix}/{ns}/{name}.git/info/lfs/objects/batch", BatchAsync),
        new("POST", "/{prefix}/{ns}/{name}.git/info/lfs/objects/verify", VerifyAsync),
        // git-lfs asks for locks before each push, and by this answer knows that there are none.
        new("GET POST", "/{prefix}/{ns}/{name}.git/info/lfs/locks", NoLocksAsync),
        new("POST", "/{prefix}/{ns}/{name}.git/info/lfs/locks/verify", NoLocksAsync),
    ];

    private async Task BatchAsync(HubRequest request)
    {
        var body = await request.Http.ReadJsonAsync();
        CheckHash(body);
        var objects = ReadObjects(body);
        var answer = body.OptionalText("operation") switch
        {
            "upload" when body.Texts("transfers").Contains("xet") => await new XetUpload(garden, request, links).AnswerAsync(objects),
            "upload" => await new LfsUpload(garden, request).AnswerAsync(objects, body.Texts("transfers").Contains("multipart")),
            "download" => await new LfsDownload(garden, gate, ledger, request).AnswerAsync(objects, RevisionOf(body)),
            _ => throw body.Bad("operation", "is neither upload nor download"),
        };
        await request.Http.WriteJsonAsync(answer, contentType: LfsJson);
    }

    private async Task VerifyAsync(HubRequest request)
    {
        var file = ToObject(await request.Http.ReadJsonAsync());
        var repository = await garden.Catalog.GetRepositoryAsync(new() { Name = request.Repository, Kind = request.Kind }, cancellationToken: request.Cancel);
        Ownership.Check(request, repository.Name);
        var stored = await garden.Artifacts.GetFilesAsync(new() { Sha256 = { file.Oid } }, cancellationToken: request.Cancel);
        if (stored.Files.FirstOrDefault(one => one.Sha256 == file.Oid) is not { } found)
        {
            throw new RefusalException(new(404, null, $"file {file.Oid} has not arrived: send it again"));
        }

        if (found.Size != file.Size)
        {
            throw new RefusalException(new(422, null, $"file {file.Oid} has {found.Size} bytes here, not {file.Size}"));
        }

        await request.Http.WriteJsonAsync(new JsonObject { ["oid"] = found.Sha256, ["size"] = found.Size }, contentType: LfsJson);
    }

    private static Task NoLocksAsync(HubRequest request) =>
        request.Http.WriteJsonAsync(new JsonObject { ["message"] = "this garden has no locks" }, StatusCodes.Status501NotImplemented, LfsJson);

    // The JavaScript client writes "sha_256".
    private static void CheckHash(JsonFields body)
    {
        if (body.OptionalText("hash_algo") is { } algorithm and not ("sha256" or "sha_256"))
        {
            throw body.Bad("hash_algo", $"'{Text.Shorten(algorithm)}' is not known: sha256 is");
        }
    }

    // A file that stands several times in a folder is sent once.
    private static List<LfsObject> ReadObjects(JsonFields body)
    {
        var objects = body.Objects("objects").Select(ToObject).Distinct().ToList();
        return objects.Count <= MaximumObjects
            ? objects
            : throw new ErrorException(Error.Invalid("TOO_MANY_OBJECTS", $"{objects.Count} objects were asked for: at most {MaximumObjects} at once"));
    }

    private static LfsObject ToObject(JsonFields one) => Sha256Digest.Create(one.Text("oid")) is { Error: null } digest
        ? new(digest.Value.Hex, one.Number("size"))
        : throw one.Bad("oid", "is not a sha256: 64 lowercase hexadecimal digits are expected");

    private static string RevisionOf(JsonFields body) => body.Has("ref") ? body.Object("ref").Text("name") : "";
}

/// <summary>A large file by its SHA-256 and size in bytes.</summary>
internal sealed record LfsObject(string Oid, long Size)
{
    public JsonObject ToJson() => new() { ["oid"] = Oid, ["size"] = Size };

    /// <summary>What went wrong with this one; the others of the batch are not touched by it.</summary>
    public JsonObject Refused(int status, string message)
    {
        var json = ToJson();
        json["error"] = new JsonObject { ["code"] = status, ["message"] = message };
        return json;
    }

    /// <param name="actions">What to do with it.</param>
    /// <param name="signed">No address among them needs a token.</param>
    public JsonObject With(JsonObject actions, bool signed = true)
    {
        var json = ToJson();
        if (signed)
        {
            json["authenticated"] = true;
        }

        json["actions"] = actions;
        return json;
    }
}
