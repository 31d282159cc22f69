using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Files;
using ModelGarden.Hub.Popularity;
using ModelGarden.Hub.Routing;
using ModelGarden.Hub.Wire;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Uploads;

/// <summary>Answers where each file of a batch is fetched from, if it is one of the revision and the caller may have it.</summary>
internal sealed class LfsDownload(Garden garden, Gate gate, DownloadLedger ledger, HubRequest request)
{
    private const int LinkLifetimeSeconds = 3600;

    public async Task<JsonObject> AnswerAsync(List<LfsObject> objects, string revision)
    {
        var found = await ResolveAsync(revision);
        await gate.PassAsync(request, Resource.Of(found));
        ledger.Note(request, found.Repository.Id);
        // git-lfs names the branch that it is on, and may be after a file of any commit in it.
        var present = (await garden.Catalog.FindLargeFilesAsync(
            new() { Name = request.Repository, Kind = request.Kind, Sha256 = { objects.Select(one => one.Oid) } }, cancellationToken: request.Cancel)).Sha256.ToHashSet();
        var answers = new JsonArray();
        foreach (var one in objects)
        {
            answers.Add(present.Contains(one.Oid)
                ? await LinkAsync(one, found.Repository.Name)
                : one.Refused(404, $"file {one.Oid} is in no revision of {found.Repository.Name} that you may see"));
        }

        return new() { ["transfer"] = "basic", ["hash_algo"] = "sha256", ["objects"] = answers };
    }

    // A branch that only the client has is as good as none.
    private async Task<ResolveRevisionResponse> ResolveAsync(string revision)
    {
        var wanted = new ResolveRevisionRequest { Name = request.Repository, Kind = request.Kind, Revision = revision };
        try
        {
            return await garden.Catalog.ResolveRevisionAsync(wanted, cancellationToken: request.Cancel);
        }
        catch (ErrorException exception) when (exception.Error.Reason is "REVISION_NOT_FOUND" && revision.Length > 0)
        {
            wanted.Revision = "";
            return await garden.Catalog.ResolveRevisionAsync(wanted, cancellationToken: request.Cancel);
        }
    }

    private async Task<JsonObject> LinkAsync(LfsObject one, string repository)
    {
        try
        {
            var signed = await garden.ArtifactsAsHub.SignDownloadAsync(SignedFor(one, repository), cancellationToken: request.Cancel);
            return one.With(new() { ["download"] = new JsonObject { ["href"] = request.Address + signed.Url } });
        }
        catch (ErrorException exception) when (exception.Error.Code is ErrorCode.NotFound or ErrorCode.PermissionDenied)
        {
            return one.Refused(Refusal.From(exception.Error, false).Status, exception.Error.Message);
        }
    }

    private SignDownloadRequest SignedFor(LfsObject one, string repository) => new()
    {
        Sha256 = one.Oid,
        Tenant = request.Caller.Principal.Tenant,
        LifetimeSeconds = LinkLifetimeSeconds,
        AllowUnclean = Downloads.MayReadUnclean(request.Caller, repository),
    };
}
