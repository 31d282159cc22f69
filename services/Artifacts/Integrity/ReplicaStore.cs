using Microsoft.Extensions.Options;
using ModelGarden.Artifacts.Objects;

namespace ModelGarden.Artifacts.Integrity;

/// <summary>The copy of the store that damaged xorbs are repaired from, if there is one. It is only read.</summary>
internal sealed partial class ReplicaStore : IDisposable
{
    public ReplicaStore(IOptions<ArtifactsOptions> options, ILogger<ReplicaStore> logger)
    {
        Objects = options.Value.HasReplica ? Open(options.Value.Replica) : null;
        if (Objects is FolderCopies { IsThere: false })
        {
            LogMissing(logger, options.Value.Replica.Path);
        }
    }

    public IObjectCopies? Objects { get; }

    public void Dispose() => (Objects as IDisposable)?.Dispose();

    private static IObjectCopies Open(StoreOptions options) => options.Kind is StoreOptions.Folder ? new FolderCopies(options.Path) : ObjectStores.Create(options, "");

    [LoggerMessage(565, LogLevel.Warning, "the replica's folder '{Path}' is not there: nothing is repaired from it until it is")]
    private static partial void LogMissing(ILogger logger, string path);
}
