using ModelGarden.Artifacts.Urls;

namespace ModelGarden.Artifacts.Cas;

/// <summary>The paths of the Xet protocol, those of older clients too (xet.md 5).</summary>
internal static class CasRoutes
{
    private static readonly string[] Head = [HttpMethods.Head];

    public static void MapCas(this WebApplication app, Func<RequestDelegate, RequestDelegate> refusing)
    {
        var parts = app.Services;
        var files = parts.GetRequiredService<ReconstructionEndpoints>();
        var xorbs = parts.GetRequiredService<XorbEndpoints>();
        var shards = parts.GetRequiredService<ShardEndpoints>();
        var cas = app.MapGroup(Routes.Cas);
        cas.MapGet("/v2/reconstructions/{hash}", refusing(files.GetV2Async));
        cas.MapGet("/v1/reconstructions", refusing(files.GetManyAsync));
        cas.MapPost("/v1/reconstructions", refusing(files.PostManyAsync));
        cas.MapMethods("/v1/files/{hash}", Head, refusing(files.HeadFileAsync));
        cas.MapGet("/xorbs/{hash}/{ranges}", refusing(xorbs.GetRangesAsync));
        foreach (var path in new[] { "/v1/reconstructions/{hash}", "/reconstructions/{hash}", "/reconstruction/{hash}" })
        {
            cas.MapGet(path, refusing(files.GetV1Async));
        }

        foreach (var path in new[] { "/v1/xorbs/default/{hash}", "/xorbs/default/{hash}", "/xorb/default/{hash}" })
        {
            cas.MapPost(path, refusing(xorbs.PostAsync));
            cas.MapMethods(path, Head, refusing(xorbs.HeadAsync));
        }

        foreach (var path in new[] { "/v1/shards", "/shards", "/shard/default/{hash}" })
        {
            cas.MapMethods(path, [HttpMethods.Post, HttpMethods.Put], refusing(shards.PostAsync));
        }

        foreach (var path in new[] { "/v1/chunks/{prefix}/{hash}", "/chunks/{prefix}/{hash}", "/chunk/{prefix}/{hash}" })
        {
            cas.MapGet(path, refusing(shards.GetChunkAsync));
        }
    }
}
