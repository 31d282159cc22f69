using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Kernel;
using RepositoryKind = ModelGarden.Contracts.V1.RepositoryKind;

namespace ModelGarden.Entitlement.Tests;

/// <summary>Catalog as explanations ask it: one model, of pickles, with a gate; nobody sees another one.</summary>
internal sealed class CatalogDouble : Catalog.CatalogBase
{
    public const string Model = "meta/llama";

    public static readonly string Commit = new('a', 40);

    public static ServiceDefinition Definition { get; } = new(ServiceNames.Catalog, _ => { }, app => app.MapGarden<CatalogDouble>(Catalog.Descriptor));

    /// <summary>What the model is, by a gate and licences.</summary>
    public static ResolveRevisionResponse Describe(AccessGate gate, params string[] licenses) => new()
    {
        Repository = new() { Id = "repo-1", Name = Model, Kind = RepositoryKind.Model, Gate = gate, Source = new() { Kind = SourceKind.Mirrored, Origin = "https://hub.example.com/meta/llama" } },
        Commit = Commit,
        Record = new()
        {
            Declared = new() { Licenses = { licenses }, Task = "text-generation" },
            Measured = new() { Formats = { "torch" }, Verdict = Verdict.Clean, Size = 2000 },
        },
    };

    public override Task<ResolveRevisionResponse> ResolveRevision(ResolveRevisionRequest request, ServerCallContext context) => request.Name is Model
        ? Task.FromResult(Describe(AccessGate.Manual, "apache-2.0"))
        : throw new ErrorException(Error.NotFound("REPOSITORY_NOT_FOUND", $"no repository '{request.Name}'"));
}

/// <summary>Deployment with one endpoint, which runs that model.</summary>
internal sealed class DeploymentDouble : Deployment.DeploymentBase
{
    public static ServiceDefinition Definition { get; } = new(ServiceNames.Deployment, _ => { }, app => app.MapGarden<DeploymentDouble>(Deployment.Descriptor));

    public override Task<Endpoint> GetEndpoint(GetEndpointRequest request, ServerCallContext context) => Task.FromResult(new Endpoint
    {
        Name = request.Name,
        Tenant = "acme",
        Repository = CatalogDouble.Model,
        RepositoryId = "repo-1",
        Revision = CatalogDouble.Commit,
        Gate = AccessGate.Manual,
        PinnedBy = "bob",
        Licenses = { "mit" },
        Facts = new() { Formats = { "gguf" }, Verdict = Verdict.Clean, Size = 7 },
    });
}
