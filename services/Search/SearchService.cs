using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;
using ModelGarden.Search.Feeds;
using ModelGarden.Search.Queries;
using ModelGarden.Search.Similarity;
using Contract = ModelGarden.Contracts.V1.Search;

namespace ModelGarden.Search;

/// <summary>The gRPC side.</summary>
internal sealed class SearchService(CatalogFollower follower, SearchMetrics metrics, TimeProvider clock) : Contract.SearchBase
{
    public override async Task<QueryResponse> Query(QueryRequest request, ServerCallContext context)
    {
        var start = clock.GetTimestamp();
        var query = QueryReader.Read(request).OrThrow();
        var result = await follower.SearchAsync(query, Viewer.Of(context.GetCaller()), context.CancellationToken) ?? throw new ErrorException(SearchErrors.IndexBuilding);
        Highlight(query, result.Hits);
        metrics.Answered(clock.GetElapsedTime(start));
        return new()
        {
            Hits = { result.Hits },
            NextPageToken = result.Next is { } next ? PageToken.Write(next, query) : "",
            Total = result.Total,
            Facets = { result.Facets },
            DidYouMean = result.DidYouMean,
        };
    }

    public override async Task<CompleteResponse> Complete(CompleteRequest request, ServerCallContext context)
    {
        var limit = CompletionReader.Read(request).OrThrow();
        var names = await follower.CompleteAsync(request.Beginning, Viewer.Of(context.GetCaller()), limit, context.CancellationToken) ?? throw new ErrorException(SearchErrors.IndexBuilding);
        return new() { Names = { names } };
    }

    public override async Task<SimilarResponse> Similar(SimilarRequest request, ServerCallContext context)
    {
        var limit = SimilarReader.Read(request).OrThrow();
        var viewer = Viewer.Of(context.GetCaller());
        var similar = new SimilarModels(async query => await follower.SearchAsync(query, viewer, context.CancellationToken) ?? throw new ErrorException(SearchErrors.IndexBuilding));
        var model = await similar.FindAsync(request.Name, request.Kind) ?? throw new ErrorException(SearchErrors.RepositoryNotFound(request.Name));
        return new() { Hits = { await similar.LikeAsync(model, limit) } };
    }

    private static void Highlight(SearchQuery query, IReadOnlyList<Hit> hits)
    {
        var highlighter = query.HasHighlights ? new Highlighter(query) : null;
        foreach (var hit in hits)
        {
            hit.Highlights.Add(highlighter?.Of(hit.Repository) ?? []);
        }
    }
}
