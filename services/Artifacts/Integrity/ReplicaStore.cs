using Microsoft.Extensions.Options;
using ModelGarden.Artifacts.Objects;

namespace ModelGarden.Artifacts.Integrity;

/// <summary>The copy of the store that damaged xorbs are repaired from, if there is one. It is only read.</summary>
internal sealed class ReplicaStore(IOptions<ArtifactsOptions> options) : IDisposable
{
    public IObjectStore? Objects { get; } = options.Value.HasReplica ? ObjectStores.Create(options.Value.Replica, options.Value.Replica.Path) : null;

    public void Dispose() => (Objects as IDisposable)?.Dispose();
}
