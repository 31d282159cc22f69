using ModelGarden.Kernel;

namespace ModelGarden.Artifacts.Objects;

/// <summary>What can be wrong with a remote store.</summary>
internal enum StoreFault
{
    /// <summary>It does not answer, or says that it is busy: later tries may succeed.</summary>
    Unreachable,

    /// <summary>It refuses the credentials, or what they want to do.</summary>
    Denied,

    /// <summary>The bucket or container is not there.</summary>
    NoBucket,

    /// <summary>It has no room left, or a quota is used up.</summary>
    Full,

    /// <summary>The object that was being read has been deleted or replaced, or the blocks that were being written are not there any more.</summary>
    Gone,

    /// <summary>It says something else; the message has its words.</summary>
    Failed,
}

/// <summary>A remote store failed. The message is the operator's: it names the store and what to do, and no secret.</summary>
internal sealed class ObjectStoreException : IOException
{
    // As Windows says it on every platform, so that whoever knows a full disk knows a full store.
    private const int DiskFull = unchecked((int)0x80070070);

    public ObjectStoreException(StoreFault fault, string message, Exception? inner = null)
        : base(message, inner)
    {
        Fault = fault;
        if (fault is StoreFault.Full)
        {
            HResult = DiskFull;
        }
    }

    public StoreFault Fault { get; }

    /// <summary>What a client is told, who is not to learn where the store is.</summary>
    public Error Error => Fault is StoreFault.Full
        ? ArtifactsErrors.StorageFull
        : Error.Unavailable("STORE_UNAVAILABLE", "the object store does not serve just now: try again; if it goes on, the operator finds the reason in the log of the artifacts service");
}
