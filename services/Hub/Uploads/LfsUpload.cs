using System.Globalization;
using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Repositories;
using ModelGarden.Hub.Routing;
using ModelGarden.Hub.Wire;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Uploads;

/// <summary>Answers where each file of a batch is sent to, whole or in parts, or that it is there already.</summary>
internal sealed class LfsUpload(Garden garden, HubRequest request)
{
    public async Task<JsonObject> AnswerAsync(List<LfsObject> objects, bool multipart)
    {
        var repository = await garden.Catalog.GetRepositoryAsync(new() { Name = request.Repository, Kind = request.Kind }, cancellationToken: request.Cancel);
        Ownership.Check(request, repository.Name);
        var answers = new JsonArray();
        var inParts = false;
        foreach (var one in objects)
        {
            var (answer, hasParts) = await PrepareAsync(one, multipart);
            answers.Add(answer);
            inParts |= hasParts;
        }

        return new() { ["transfer"] = inParts ? "multipart" : "basic", ["hash_algo"] = "sha256", ["objects"] = answers };
    }

    private async Task<(JsonObject Answer, bool HasParts)> PrepareAsync(LfsObject one, bool multipart)
    {
        try
        {
            var prepared = await garden.Artifacts.PrepareUploadAsync(
                new() { Sha256 = one.Oid, Size = one.Size, Multipart = multipart }, cancellationToken: request.Cancel);
            // git-lfs sends no token along with what is said to be authenticated, and the last step needs one.
            return prepared.Stored ? (one.ToJson(), false) : (one.With(Actions(prepared), signed: false), prepared.PartUrls.Count > 0);
        }
        catch (ErrorException exception) when (exception.Error.Code is not (ErrorCode.Unavailable or ErrorCode.Unauthenticated))
        {
            return (one.Refused(Refusal.From(exception.Error, false).Status, exception.Error.Message), false);
        }
    }

    private JsonObject Actions(PrepareUploadResponse prepared) => new()
    {
        ["upload"] = prepared.PartUrls.Count > 0 ? InParts(prepared) : WithExpiry(new() { ["href"] = request.Address + prepared.Url }, prepared),
        ["verify"] = new JsonObject { ["href"] = $"{request.PageOf(request.Repository)}.git/info/lfs/objects/verify" },
    };

    // Clients take the parts' addresses out of what is called a header.
    private JsonObject InParts(PrepareUploadResponse prepared)
    {
        var header = new JsonObject { ["chunk_size"] = prepared.PartSize.ToString(CultureInfo.InvariantCulture) };
        for (var i = 0; i < prepared.PartUrls.Count; i++)
        {
            header[(i + 1).ToString("D5", CultureInfo.InvariantCulture)] = request.Address + prepared.PartUrls[i];
        }

        return WithExpiry(new() { ["href"] = request.Address + prepared.CompletionUrl, ["header"] = header }, prepared);
    }

    private static JsonObject WithExpiry(JsonObject action, PrepareUploadResponse prepared)
    {
        if (prepared.ExpiresAt.ToWire() is { } expiresAt)
        {
            action["expires_at"] = expiresAt;
        }

        return action;
    }
}
