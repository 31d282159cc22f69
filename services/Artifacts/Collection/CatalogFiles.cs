using ModelGarden.Artifacts.Files;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Calls;

namespace ModelGarden.Artifacts.Collection;

/// <summary>Which files repositories have, as Catalog knows.</summary>
internal sealed class CatalogFiles(Peers peers)
{
    /// <summary>Those of these files that some revision of a repository has.</summary>
    /// <exception cref="Kernel.ErrorException">Catalog cannot say.</exception>
    public async Task<IReadOnlySet<string>> UsedAsync(IReadOnlyCollection<string> digests, CancellationToken cancellationToken)
    {
        var catalog = new Catalog.CatalogClient(peers.AsService(ServiceNames.Catalog));
        var used = await catalog.FilterUsedFilesAsync(new() { Sha256 = { digests } }, cancellationToken: cancellationToken);
        return used.Sha256.ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Those of these files of tenants that some revision of a repository of the tenant's own has.</summary>
    /// <exception cref="Kernel.ErrorException">Catalog cannot say.</exception>
    public async Task<IReadOnlySet<(string Tenant, string Sha256)>> UsedAsync(IReadOnlyCollection<TenantFile> held, CancellationToken cancellationToken)
    {
        var catalog = new Catalog.CatalogClient(peers.AsService(ServiceNames.Catalog));
        var request = new FilterUsedHoldsRequest { Holds = { held.Select(one => new FileHold { Sha256 = one.Sha256, Tenant = one.Tenant }) } };
        var used = await catalog.FilterUsedHoldsAsync(request, cancellationToken: cancellationToken);
        return used.Holds.Select(hold => (hold.Tenant, hold.Sha256)).ToHashSet();
    }
}
