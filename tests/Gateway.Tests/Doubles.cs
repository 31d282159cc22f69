using System.Collections.Concurrent;
using System.Threading.Channels;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Kernel;
using ModelGarden.Testing;

namespace ModelGarden.Gateway.Tests;

/// <summary>Identity as the Gateway sees it: knows the tokens and sessions that a test names; its pages and endpoints answer what they were asked.</summary>
internal sealed class IdentityDouble
{
    public ConcurrentDictionary<string, Principal> Tokens { get; } = new() { [""] = People.Anonymous, ["hf_ann"] = People.Engineer() };

    /// <summary>By the value of their cookie.</summary>
    public ConcurrentDictionary<string, Principal> Sessions { get; } = new();

    public int Asked;

    public int AskedForSessions;

    public FeedDouble Feed { get; } = new(start: 0);

    public ServiceDefinition Definition => new(
        ServiceNames.Identity,
        builder => builder.Services.AddSingleton(this).AddSingleton(Feed),
        app =>
        {
            app.MapGarden<Calls>(Identity.Descriptor);
            app.MapGarden<FeedDouble>(ChangeFeed.Descriptor);
            app.Map("/account/{**rest}", Echoes.EchoAsync);
            app.Map("/oauth/{**rest}", Echoes.EchoAsync);
            app.Map("/.well-known/{document}", Echoes.EchoAsync);
        });

    private sealed class Calls(IdentityDouble identity) : Identity.IdentityBase
    {
        public override Task<AuthenticateResponse> Authenticate(AuthenticateRequest request, ServerCallContext context)
        {
            var bySession = request.Session.Length > 0;
            Interlocked.Increment(ref bySession ? ref identity.AskedForSessions : ref identity.Asked);
            return bySession ? Answer(identity.Sessions, request.Session) : Answer(identity.Tokens, request.Credential);
        }

        private static Task<AuthenticateResponse> Answer(ConcurrentDictionary<string, Principal> known, string credential) =>
            known.TryGetValue(credential, out var principal)
                ? Task.FromResult(new AuthenticateResponse { InternalToken = TestGarden.TokenOf(principal), Principal = principal })
                : throw new ErrorException(Error.Unauthenticated("BAD_TOKEN", "the token is not known"));

        public override Task<Principal> WhoAmI(WhoAmIRequest request, ServerCallContext context) =>
            Task.FromResult(Hosting.Access.CallerExtensions.GetCaller(context).Principal);
    }
}

/// <summary>Entitlement as the Gateway sees it: a feed.</summary>
internal sealed class EntitlementDouble
{
    public FeedDouble Feed { get; } = new(start: 0);

    public ServiceDefinition Definition => new(
        ServiceNames.Entitlement,
        builder => builder.Services.AddSingleton(Feed),
        app => app.MapGarden<FeedDouble>(ChangeFeed.Descriptor));
}

/// <summary>Waiting for what the Gateway hears.</summary>
internal static class Following
{
    /// <summary>Returns when the handler has applied the first change of its feed.</summary>
    public static async Task FollowedAsync<THandler>(this TestGarden garden)
        where THandler : class, Hosting.Feeds.IFeedHandler
    {
        var handler = (THandler)garden.PartsOf(ServiceNames.Gateway).GetService(typeof(THandler))!;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Patience.Cancel);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (handler.Position <= 0)
        {
            await Task.Yield();
            patience.Token.ThrowIfCancellationRequested();
        }
    }
}

/// <summary>A service behind the Gateway that answers what it was asked.</summary>
internal static class Echoes
{
    public static ServiceDefinition Hub { get; } = new(ServiceNames.Hub, _ => { }, app => app.Run(EchoAsync));

    /// <summary>Artifacts' plain HTTP.</summary>
    public static ServiceDefinition Files { get; } = new(ServiceNames.Artifacts, _ => { }, app => app.Run(EchoAsync));

    public static ServiceDefinition Deployment { get; } = new(
        ServiceNames.Deployment, _ => { }, app => app.MapGarden<DeploymentCalls>(Contracts.V1.Deployment.Descriptor));

    public static ServiceDefinition Search { get; } = new(
        ServiceNames.Search, _ => { }, app => app.MapGarden<SearchCalls>(Contracts.V1.Search.Descriptor));

    public static ServiceDefinition Catalog { get; } = new(
        ServiceNames.Catalog, _ => { }, app => app.MapGarden<CatalogCalls>(Contracts.V1.Catalog.Descriptor));

    public static ServiceDefinition Artifacts { get; } = new(
        ServiceNames.Artifacts, _ => { }, app => app.MapGarden<ArtifactsCalls>(Contracts.V1.Artifacts.Descriptor));

    public static Task EchoAsync(HttpContext context) => context.Response.WriteAsJsonAsync(new
    {
        Target = context.Features.Get<IHttpRequestFeature>()!.RawTarget,
        Headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString()),
    });

    private sealed class DeploymentCalls : Contracts.V1.Deployment.DeploymentBase
    {
        public override Task<Contracts.V1.Endpoint> UpdateEndpoint(UpdateEndpointRequest request, ServerCallContext context) =>
            Task.FromResult(new Contracts.V1.Endpoint { Name = request.Name, Revision = request.Revision, Scaling = request.Scaling });

        public override async Task ReadLogs(ReadLogsRequest request, IServerStreamWriter<LogLine> responseStream, ServerCallContext context)
        {
            await responseStream.WriteAsync(new() { Text = $"tail {request.Tail}" });
            await responseStream.WriteAsync(new() { Text = "and so on" });
            if (request.Follow)
            {
                throw new ErrorException(Error.Unavailable("BROKEN", "the engine is gone"));
            }
        }
    }

    private sealed class ArtifactsCalls : Contracts.V1.Artifacts.ArtifactsBase
    {
        public override Task<GetConversionResponse> GetConversion(GetConversionRequest request, ServerCallContext context) =>
            Task.FromResult(new GetConversionResponse { State = ConversionState.Done, Sha256 = request.Sha256, Statement = Google.Protobuf.ByteString.CopyFromUtf8("{}") });

        public override Task<StorageUsage> GetStorageUsage(GetStorageUsageRequest request, ServerCallContext context) =>
            Task.FromResult(new StorageUsage { Tenant = request.Tenant, Files = 3, StoredBytes = 9_000_000_000 });

        public override Task<StorageUsage> SetStorageQuota(SetStorageQuotaRequest request, ServerCallContext context) =>
            Task.FromResult(new StorageUsage { Tenant = request.Tenant, LogicalLimit = request.HasLogicalBytes ? request.LogicalBytes : -1, StoredLimit = request.HasStoredBytes ? request.StoredBytes : -1 });
    }

    private sealed class SearchCalls : Contracts.V1.Search.SearchBase
    {
        public override Task<QueryResponse> Query(QueryRequest request, ServerCallContext context) => Task.FromResult(new QueryResponse
        {
            Total = request.MinimumParameters,
            NextPageToken = $"{request.Text} {string.Join('+', request.Tasks)} {request.Kind} {request.PageSize}",
        });
    }

    private sealed class CatalogCalls : Contracts.V1.Catalog.CatalogBase
    {
        public override Task<Repository> GetRepository(GetRepositoryRequest request, ServerCallContext context) => request.Name is "acme/there"
            ? Task.FromResult(new Repository { Name = request.Name })
            : throw new ErrorException(Error.NotFound("REPOSITORY_NOT_FOUND", $"there is no {request.Name}"));

        public override Task<ReadCardResponse> ReadCard(ReadCardRequest request, ServerCallContext context) => request.Revision is "v1"
            ? Task.FromResult(new ReadCardResponse { Commit = request.Name, Html = "<p>a</p>" })
            : throw new ErrorException(Error.NotFound("CARD_NOT_FOUND", "there is no card"));

        public override Task<ReportRepositoryResponse> ReportRepository(ReportRepositoryRequest request, ServerCallContext context) =>
            Task.FromResult(new ReportRepositoryResponse { Report = new() { Repository = new() { Name = request.Name }, Category = request.Category, Text = request.Text } });

        public override Task<ListReportsResponse> ListReports(ListReportsRequest request, ServerCallContext context) =>
            Task.FromResult(new ListReportsResponse { NextPageToken = $"{string.Join('+', request.States)} {request.Name} {request.Unassigned}" });

        public override Task<Report> ResolveReport(ResolveReportRequest request, ServerCallContext context) =>
            Task.FromResult(new Report { Id = request.Id, State = request.State, Note = request.Note });

        public override Task<Repository> RateRepository(RateRepositoryRequest request, ServerCallContext context) =>
            Task.FromResult(new Repository { Name = request.Name, AttestedRating = request.Rating });

        public override Task<Repository> SetLike(SetLikeRequest request, ServerCallContext context) => Task.FromResult(new Repository { Name = request.Name, Likes = request.Liked ? 1 : 0 });

        public override Task<ListCollectionsResponse> ListCollections(ListCollectionsRequest request, ServerCallContext context) =>
            Task.FromResult(new ListCollectionsResponse { NextPageToken = $"{string.Join('+', request.Owners)} {request.Featured}" });

        public override Task<Collection> UpdateCollectionItem(UpdateCollectionItemRequest request, ServerCallContext context) =>
            Task.FromResult(new Collection { Slug = request.Slug, Items = { new CollectionItem { Id = request.ItemId, Note = request.HasNote ? request.Note : "as it was", Position = request.HasPosition ? request.Position : -1 } } });

        public override Task<Collection> RemoveCollectionItem(RemoveCollectionItemRequest request, ServerCallContext context) =>
            Task.FromResult(new Collection { Slug = request.Slug, Title = request.ItemId });
    }
}
