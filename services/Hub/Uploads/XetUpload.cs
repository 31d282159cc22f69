using System.Text.Json.Nodes;
using ModelGarden.Hub.Repositories;
using ModelGarden.Hub.Routing;
using ModelGarden.Hub.Xet;

namespace ModelGarden.Hub.Uploads;

/// <summary>Answers a batch of files with the way into the Xet protocol, or that a file is there already.</summary>
internal sealed class XetUpload(Garden garden, HubRequest request, XetLinks links)
{
    public async Task<JsonObject> AnswerAsync(List<LfsObject> objects)
    {
        var repository = await garden.Catalog.GetRepositoryAsync(new() { Name = request.Repository, Kind = request.Kind }, cancellationToken: request.Cancel);
        Ownership.Check(request, repository.Name);
        var held = (await garden.Artifacts.GetFilesAsync(new() { Sha256 = { objects.Select(one => one.Oid).Distinct() } }, cancellationToken: request.Cancel))
            .Files.ToDictionary(file => file.Sha256, file => file.Size);
        var token = await links.SignAsync(request, repository.Name, repository.Head, write: true);
        var answers = objects.Select(one => held.TryGetValue(one.Oid, out var size) ? Held(one, size) : one.With(Upload(repository.Name, token)));
        return new() { ["transfer"] = "xet", ["hash_algo"] = "sha256", ["objects"] = new JsonArray([.. answers]) };
    }

    private static JsonObject Held(LfsObject one, long size) => one.Size == size
        ? one.ToJson()
        : one.Refused(StatusCodes.Status422UnprocessableEntity, $"file {one.Oid} has {size} bytes here, not {one.Size}");

    private JsonObject Upload(string repository, XetToken token) => new()
    {
        ["upload"] = new JsonObject
        {
            ["href"] = XetLinks.WriteTokenUrl(request, repository),
            ["header"] = new JsonObject(token.ToHeaders().Select(header => KeyValuePair.Create(header.Key, (JsonNode?)header.Value))),
        },
    };
}
