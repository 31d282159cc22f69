using Grpc.Core.Interceptors;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Calls;
using ModelGarden.Hub.Remembering;
using ModelGarden.Hub.Routing;

namespace ModelGarden.Hub;

/// <summary>The services behind the door, called as the caller unless said otherwise.</summary>
internal sealed class Garden(Peers peers, MovedRepositories moved, OwnChanges own)
{
    public Catalog.CatalogClient Catalog => new(peers.AsCaller(ServiceNames.Catalog).Intercept(moved).Intercept(own));

    public Search.SearchClient Search => new(peers.AsCaller(ServiceNames.Search));

    public Entitlement.EntitlementClient Entitlement => new(peers.AsCaller(ServiceNames.Entitlement));

    public Identity.IdentityClient Identity => new(peers.AsCaller(ServiceNames.Identity));

    public Artifacts.ArtifactsClient Artifacts => new(peers.AsCaller(ServiceNames.Artifacts));

    /// <summary>In the Hub's own name, for what nobody asks for.</summary>
    public Catalog.CatalogClient CatalogAsHub => new(peers.AsService(ServiceNames.Catalog));

    /// <summary>In the Hub's own name, for what a person is called whom he who asks may not look up himself.</summary>
    public Identity.IdentityClient IdentityAsHub => new(peers.AsService(ServiceNames.Identity));

    /// <summary>In the Hub's own name, for what it has decided for the caller.</summary>
    public Artifacts.ArtifactsClient ArtifactsAsHub => new(peers.AsService(ServiceNames.Artifacts));
}
