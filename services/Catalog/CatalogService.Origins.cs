using Grpc.Core;
using ModelGarden.Catalog.Origins;
using ModelGarden.Hosting.Access;

namespace ModelGarden.Catalog;

/// <summary>What upstream said of the files that were taken from there.</summary>
internal sealed partial class CatalogService
{
    public override async Task<OriginRecord> RecordOrigin(RecordOriginRequest request, ServerCallContext context)
    {
        var repository = await FindToWriteAsync(request.Name, request.Kind, context);
        return (await origins.RecordAsync(repository, request, context.GetCaller(), context.CancellationToken)).OrThrow();
    }

    public override async Task<GetOriginResponse> GetOrigin(GetOriginRequest request, ServerCallContext context)
    {
        request.States.ToList().ForEach(Known);
        await using var database = await OpenAsync(context);
        var repository = await FindAsync(database, request.Name, request.Kind, context);
        return (await originReading.GetAsync(database, repository, request, context.CancellationToken)).OrThrow();
    }

    public override async Task<ListOriginsResponse> ListOrigins(ListOriginsRequest request, ServerCallContext context)
    {
        await using var database = await OpenAsync(context);
        var repository = await FindAsync(database, request.Name, request.Kind, context);
        return (await OriginReading.ListAsync(database, repository, request, context.CancellationToken)).OrThrow();
    }
}
