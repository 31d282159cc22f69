using Microsoft.AspNetCore.Connections;
using ModelGarden.Artifacts.Objects;
using ModelGarden.Artifacts.Urls;
using ModelGarden.Kernel;

namespace ModelGarden.Artifacts.Cas;

/// <summary>The paths of the Xet protocol, those of older clients too (xet.md 5).</summary>
internal sealed class CasRoutes(RouteGroupBuilder cas, Func<RequestDelegate, RequestDelegate> refusing)
{
    private static readonly string[] Get = [HttpMethods.Get];
    private static readonly string[] Head = [HttpMethods.Head];
    private static readonly string[] Post = [HttpMethods.Post];
    private static readonly string[] Send = [HttpMethods.Post, HttpMethods.Put];

    public static void Map(WebApplication app, Func<RequestDelegate, RequestDelegate> refusing)
    {
        var routes = new CasRoutes(app.MapGroup(Routes.Cas), refusing);
        routes.MapFiles(app.Services.GetRequiredService<ReconstructionEndpoints>(), app.Services.GetRequiredService<SegmentEndpoints>());
        routes.MapXorbs(app.Services.GetRequiredService<XorbEndpoints>());
        routes.MapShards(app.Services.GetRequiredService<ShardEndpoints>());
        routes.Map("/{**rest}", null, _ => throw new ErrorException(CasErrors.NotServed));
    }

    private void MapFiles(ReconstructionEndpoints files, SegmentEndpoints segments)
    {
        Map("/v2/reconstructions/{hash}", Get, files.GetV2Async);
        Map("/v1/reconstructions/{hash}", Get, files.GetV1Async);
        Map("/reconstructions/{hash}", Get, files.GetV1Async);
        Map("/reconstruction/{hash}", Get, files.GetV1Async);
        Map("/v1/reconstructions", Get, files.GetManyAsync);
        Map("/v1/reconstructions", Post, files.PostManyAsync);
        Map("/v1/files/{hash}", Head, files.HeadFileAsync);
        Map("/segments/{rights}/{hash}/{start}/{range}", Get, segments.GetAsync);
    }

    private void MapXorbs(XorbEndpoints xorbs)
    {
        foreach (var path in new[] { "/v1/xorbs/default/{hash}", "/xorbs/default/{hash}", "/xorb/default/{hash}" })
        {
            Map(path, Post, xorbs.PostAsync);
            Map(path, Head, xorbs.HeadAsync);
        }
    }

    private void MapShards(ShardEndpoints shards)
    {
        Map("/v2/shards", Post, shards.PostV2Async);
        foreach (var path in new[] { "/v1/shards", "/shards", "/shard/default/{hash}" })
        {
            Map(path, Send, shards.PostV1Async);
        }

        foreach (var path in new[] { "/v1/chunks/{prefix}/{hash}", "/chunks/{prefix}/{hash}", "/chunk/{prefix}/{hash}" })
        {
            Map(path, Get, shards.GetChunkAsync);
        }
    }

    private void Map(string path, string[]? methods, RequestDelegate endpoint)
    {
        var guarded = refusing(context => GuardAsync(context, endpoint));
        _ = methods is null ? cas.Map(path, guarded) : cas.MapMethods(path, methods, guarded);
    }

    private static async Task GuardAsync(HttpContext context, RequestDelegate endpoint)
    {
        try
        {
            await endpoint(context);
        }
        catch (IOException exception) when (DiskFull.Is(exception))
        {
            throw new ErrorException(ArtifactsErrors.StorageFull, exception);
        }
        catch (ConnectionResetException)
        {
            context.Abort();
        }
    }
}
