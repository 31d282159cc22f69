using Google.Protobuf;
using Microsoft.Extensions.Options;
using ModelGarden.Contracts.V1;
using ModelGarden.Deployment.Engines;
using ModelGarden.Deployment.Planner;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Calls;
using ModelGarden.Kernel;
using RepositoryKind = ModelGarden.Contracts.V1.RepositoryKind;

namespace ModelGarden.Deployment.Endpoints;

/// <summary>What somebody asks for, before it is pinned.</summary>
/// <param name="Repository">By any name that it has or had.</param>
/// <param name="Revision">Of it.</param>
/// <param name="File">Empty: the planner chooses.</param>
/// <param name="Scaling">How many.</param>
/// <param name="By">The account that asks.</param>
internal sealed record WishRequest(RepositoryName Repository, string Revision, string File, Scaling Scaling, string By);

/// <summary>
/// Pins a wish: asks Catalog what the revision is, Entitlement whether the caller may deploy it, Artifacts what the files are, and the
/// planner what to run. All but the last in the caller's own name, so that he gets no further than he could by himself.
/// </summary>
internal sealed class WishResolver(Peers peers, EngineManifest manifest, IOptions<DeploymentOptions> options)
{
    private const int MostFiles = 10_000;
    private const int FilesAtOnce = 500;

    /// <summary>Who is refused gets Entitlement's rule and what would change it.</summary>
    /// <param name="request">The wish.</param>
    /// <param name="kept">Bytes of this machine's memory that other endpoints never give back.</param>
    /// <param name="cancellationToken">Nobody waits any more.</param>
    public async Task<Result<Wish>> ResolveAsync(WishRequest request, long kept, CancellationToken cancellationToken)
    {
        var catalog = new Catalog.CatalogClient(peers.AsCaller(ServiceNames.Catalog));
        var resolved = await catalog.ResolveRevisionAsync(
            new() { Name = request.Repository.Value, Revision = request.Revision, Kind = RepositoryKind.Model }, cancellationToken: cancellationToken);
        if (resolved.Commit.Length is 0)
        {
            return DeploymentErrors.NoCommit(request.Repository.Value);
        }

        var resource = Resource.Of(resolved);
        if (await RefusalAsync(resource, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var files = await FilesAsync(catalog, resolved, cancellationToken);
        var plan = files.Error is { } error ? error : EndpointPlanner.Choose(new(files.Value, request.File, Offers(), Memory())
        {
            Task = resolved.Record?.Declared?.Task ?? "",
            Kept = kept,
            Replicas = Math.Max(1, request.Scaling.Minimum),
        });
        return plan.Error is { } none ? none : new Wish
        {
            Repository = resolved.Repository.Name,
            RequestedRevision = request.Revision,
            RequestedFile = request.File,
            Scaling = request.Scaling,
            Target = ToTarget(plan.Value.Choice, resource, request.By),
        };
    }

    private async Task<Error?> RefusalAsync(Resource resource, CancellationToken cancellationToken)
    {
        var decision = await new Entitlement.EntitlementClient(peers.AsCaller(ServiceNames.Entitlement))
            .DecideAsync(new() { Action = Contracts.V1.Action.Deploy, Resource = resource }, cancellationToken: cancellationToken);
        // Entitlement's own words name the missing step and who can take it.
        return decision.Allowed ? null : Error.Denied(decision.Rule, decision.Message) with { Why = decision.Why };
    }

    private async Task<Result<IReadOnlyList<ModelFile>>> FilesAsync(Catalog.CatalogClient catalog, ResolveRevisionResponse resolved, CancellationToken cancellationToken)
    {
        List<TreeEntry> entries = [];
        var request = new ListTreeRequest { Name = resolved.Repository.Name, Revision = resolved.Commit, Recursive = true, Kind = RepositoryKind.Model };
        do
        {
            var page = await catalog.ListTreeAsync(request, cancellationToken: cancellationToken);
            entries.AddRange(page.Entries.Where(entry => !entry.Folder));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0 && entries.Count <= MostFiles);
        if (entries.Count > MostFiles)
        {
            return DeploymentErrors.TooManyFiles(resolved.Repository.Name, MostFiles);
        }

        var stored = await StoredAsync([.. entries.Select(entry => entry.Sha256).Where(sha256 => sha256.Length > 0).Distinct()], cancellationToken);
        return entries.Select(entry => new ModelFile(entry.Path, entry.Size, entry.Sha256, stored.GetValueOrDefault(entry.Sha256))).ToList();
    }

    private async Task<Dictionary<string, StoredFile>> StoredAsync(IReadOnlyList<string> digests, CancellationToken cancellationToken)
    {
        var artifacts = new Artifacts.ArtifactsClient(peers.AsService(ServiceNames.Artifacts));
        var stored = new Dictionary<string, StoredFile>(StringComparer.Ordinal);
        foreach (var some in digests.Chunk(FilesAtOnce))
        {
            var answer = await artifacts.GetFilesAsync(new() { Sha256 = { some } }, cancellationToken: cancellationToken);
            foreach (var file in answer.Files)
            {
                stored[file.Sha256] = file;
            }
        }

        return stored;
    }

    private IReadOnlyList<EngineOffer> Offers() => [.. manifest.Offered.Select(engine => new EngineOffer(engine, Missing(engine)))];

    private static string? Missing(Engine engine) =>
        Programs.Find(engine.Executable) is null ? $"{engine} needs '{engine.Executable}' on the PATH" : null;

    private long Memory() => options.Value.Memory is > 0 and var set ? set : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    private static Target ToTarget(Candidate choice, Resource resource, string by) => new()
    {
        Revision = resource.Revision,
        File = choice.File.Path,
        Files = [.. choice.Needed.Select(file => new TargetFile(file.Path, file.Sha256, file.Size))],
        Runtime = choice.Engine.Id,
        Protocol = choice.Engine.Api,
        MemoryEstimate = choice.MemoryEstimate,
        Embedding = choice.Embedding,
        Licenses = [.. resource.Licenses],
        RepositoryId = resource.RepositoryId,
        Gate = resource.Gate,
        PinnedBy = by,
        Facts = resource.Facts.ToByteArray(),
    };
}
