using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Kernel;

namespace ModelGarden.Deployment.Tests.Doubles;

/// <summary>The three peers that Deployment asks, small and over the wire.</summary>
internal static class PeerDoubles
{
    public static ServiceDefinition[] Over(ModelShelf shelf) =>
    [
        Define(ServiceNames.Catalog, shelf, app => app.MapGarden<CatalogDouble>(Catalog.Descriptor)),
        Define(ServiceNames.Entitlement, shelf, MapEntitlement),
        Define(ServiceNames.Artifacts, shelf, MapArtifacts),
    ];

    private static ServiceDefinition Define(string name, ModelShelf shelf, Action<WebApplication> map) =>
        new(name, builder => builder.Services.AddSingleton(shelf), map);

    private static void MapEntitlement(WebApplication app)
    {
        app.MapGarden<EntitlementDouble>(Entitlement.Descriptor);
        app.MapGarden<LicenseFeedDouble>(ChangeFeed.Descriptor);
    }

    private static void MapArtifacts(WebApplication app)
    {
        app.MapGarden<ArtifactsDouble>(Artifacts.Descriptor);
        app.MapGet("/bytes/{sha256}", (string sha256, ModelShelf shelf, HttpContext context) =>
        {
            var start = context.Request.GetTypedHeaders().Range?.Ranges.Single().From ?? 0;
            shelf.Downloads.Enqueue(start);
            var bytes = shelf.Bytes[sha256];
            return shelf.Tamper is { } tamper ? Results.Bytes(tamper(bytes, start)) : Results.Bytes(bytes, enableRangeProcessing: true);
        });
    }

    private sealed class CatalogDouble(ModelShelf shelf) : Catalog.CatalogBase
    {
        public override Task<ResolveRevisionResponse> ResolveRevision(ResolveRevisionRequest request, ServerCallContext context)
        {
            var (commit, _) = Find(request.Name, request.Revision);
            return Task.FromResult(new ResolveRevisionResponse
            {
                Repository = new() { Name = request.Name, Id = "repo-1", Gate = shelf.Gate },
                Commit = commit,
                Record = new() { Revision = commit, Declared = new() { Licenses = { shelf.Licenses } } },
            });
        }

        public override Task<ListTreeResponse> ListTree(ListTreeRequest request, ServerCallContext context) =>
            Task.FromResult(new ListTreeResponse { Entries = { Find(request.Name, request.Revision).Entries }, Commit = request.Revision });

        private (string Commit, IReadOnlyList<TreeEntry> Entries) Find(string repository, string revision) =>
            shelf.Find(repository, revision) ?? throw new ErrorException(Error.NotFound("REVISION_NOT_FOUND", $"{repository} has no revision '{revision}'"));
    }

    private sealed class EntitlementDouble(ModelShelf shelf) : Entitlement.EntitlementBase
    {
        public override Task<Decision> Decide(DecideRequest request, ServerCallContext context)
        {
            shelf.Asked = request.Resource;
            return Task.FromResult(shelf.Decision);
        }
    }

    private sealed class LicenseFeedDouble(ModelShelf shelf) : ChangeFeed.ChangeFeedBase
    {
        public override async Task Watch(WatchRequest request, IServerStreamWriter<FeedEvent> responseStream, ServerCallContext context)
        {
            await responseStream.WriteAsync(new() { SnapshotBegin = new() });
            foreach (var state in shelf.LicenseStates.Values)
            {
                await responseStream.WriteAsync(new() { Change = state });
            }

            await responseStream.WriteAsync(new() { CaughtUp = new() });
            await foreach (var change in shelf.LicenseChanges.Reader.ReadAllAsync(context.CancellationToken))
            {
                await responseStream.WriteAsync(new() { Change = change }, context.CancellationToken);
            }
        }
    }

    private sealed class ArtifactsDouble(ModelShelf shelf) : Artifacts.ArtifactsBase
    {
        public override Task<GetFilesResponse> GetFiles(GetFilesRequest request, ServerCallContext context) =>
            Task.FromResult(new GetFilesResponse { Files = { request.Sha256.Where(shelf.Files.ContainsKey).Select(sha256 => shelf.Files[sha256]) } });

        public override Task<SignDownloadResponse> SignDownload(SignDownloadRequest request, ServerCallContext context) =>
            Task.FromResult(new SignDownloadResponse { Url = $"/bytes/{request.Sha256}?signed=1" });
    }
}
