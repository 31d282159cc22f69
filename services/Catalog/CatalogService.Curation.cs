using Grpc.Core;
using ModelGarden.Catalog.Families;
using ModelGarden.Catalog.Lifecycles;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Hosting.Access;

namespace ModelGarden.Catalog;

/// <summary>The way of repositories to publication and beyond, and what was made of what.</summary>
internal sealed partial class CatalogService
{
    public override async Task<Repository> ChangeLifecycle(ChangeLifecycleRequest request, ServerCallContext context)
    {
        await using var database = await OpenAsync(context);
        var repository = await FindAsync(database, request.Name, request.Kind, context);
        var owner = RepositoryFinder.OwnerOf(repository.Row);
        return LifecycleDesk.Denial(request.Action, owner, context.GetCaller()) is { } denial
            ? throw new ErrorException(denial)
            : (await desk.ChangeAsync(repository, request, context.GetCaller(), context.CancellationToken)).OrThrow();
    }

    public override async Task<ListLifecycleResponse> ListLifecycle(ListLifecycleRequest request, ServerCallContext context)
    {
        await using var database = await OpenAsync(context);
        var repository = await FindInsideAsync(database, request.Name, request.Kind, context);
        return (await StepHistory.ListAsync(database, repository, request, context.CancellationToken)).OrThrow();
    }

    public override async Task<VerifyLifecycleResponse> VerifyLifecycle(VerifyLifecycleRequest request, ServerCallContext context)
    {
        await using var database = await OpenAsync(context);
        var repository = await FindInsideAsync(database, request.Name, request.Kind, context);
        return await StepHistory.VerifyAsync(database, repository, context.CancellationToken);
    }

    public override async Task<ListChecksResponse> ListChecks(ListChecksRequest request, ServerCallContext context)
    {
        await using var database = await OpenAsync(context);
        var repository = await FindInsideAsync(database, request.Name, request.Kind, context);
        return (await checks.ListAsync(database, repository, request.Revision, context.CancellationToken)).OrThrow();
    }

    public override async Task<ListFamilyResponse> ListFamily(ListFamilyRequest request, ServerCallContext context)
    {
        await using var database = await OpenAsync(context);
        var repository = await FindAsync(database, request.Name, RepositoryKind.Model, context);
        return (await FamilyReading.ListAsync(database, repository, request, context.GetCaller(), context.CancellationToken)).OrThrow();
    }

    public override async Task<ListVariationsResponse> ListVariations(ListVariationsRequest request, ServerCallContext context)
    {
        await using var database = await OpenAsync(context);
        var repository = await FindAsync(database, request.Name, RepositoryKind.Model, context);
        return (await variations.ListAsync(database, repository, request, context.GetCaller(), context.CancellationToken)).OrThrow();
    }

    private static async Task<SeenRepository> FindInsideAsync(CatalogDbContext database, string name, RepositoryKind kind, ServerCallContext context)
    {
        var repository = await FindAsync(database, name, kind, context);
        return repository.SeesAll
            ? repository
            : throw new ErrorException(Error.Denied("OWNER_ONLY", "what a repository's review comes to is for its owner and for curators"));
    }
}
