using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Files;
using ModelGarden.Hub.Routing;
using ModelGarden.Hub.Wire;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Uploads;

/// <summary>Answers where each file of a batch is fetched from, if it is one of the revision and the caller may have it.</summary>
internal sealed class LfsDownload(Garden garden, Gate gate, HubRequest request)
{
    // 50,000 entries of a revision are looked through.
    private const int MaximumPages = 50;
    private const int LinkLifetimeSeconds = 3600;

    public async Task<JsonObject> AnswerAsync(List<LfsObject> objects, string revision)
    {
        var found = await garden.Catalog.ResolveRevisionAsync(
            new() { Name = request.Repository, Kind = request.Kind, Revision = revision }, cancellationToken: request.Cancel);
        await gate.PassAsync(request, found.Repository.Name, found.Commit, found.Record);
        var present = await FindAsync(found.Commit, [.. objects.Select(one => one.Oid)]);
        var answers = new JsonArray();
        foreach (var one in objects)
        {
            answers.Add(present.Contains(one.Oid)
                ? await LinkAsync(one, found.Repository.Name)
                : one.Refused(404, $"file {one.Oid} is not in {found.Repository.Name} at {found.Commit}"));
        }

        return new() { ["transfer"] = "basic", ["hash_algo"] = "sha256", ["objects"] = answers };
    }

    private async Task<HashSet<string>> FindAsync(string commit, HashSet<string> wanted)
    {
        var present = new HashSet<string>();
        var tree = new ListTreeRequest { Name = request.Repository, Kind = request.Kind, Revision = commit, Recursive = true };
        for (var page = 0; commit.Length > 0 && page < MaximumPages && present.Count < wanted.Count; page++)
        {
            var answer = await garden.Catalog.ListTreeAsync(tree, cancellationToken: request.Cancel);
            present.UnionWith(answer.Entries.Select(entry => entry.Sha256).Where(wanted.Contains));
            if ((tree.PageToken = answer.NextPageToken).Length is 0)
            {
                break;
            }
        }

        return present;
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
