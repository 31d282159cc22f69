namespace ModelGarden.Artifacts.Objects;

/// <summary>Objects as files below one folder that belongs to something else: read, and never written, locked or made. It may be away for a time, as a mount is.</summary>
internal sealed class FolderCopies(string root) : IObjectCopies
{
    public bool IsThere => Directory.Exists(root);

    public ValueTask<IObjectReader?> OpenAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        try
        {
            var reader = FolderObjectReader.TryOpen(Path.Combine(root, key.Value));
            return reader is not null || IsThere ? new(reader) : throw new ObjectStoreException(StoreFault.NoBucket, Missing);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new ObjectStoreException(StoreFault.Denied, $"object {key} in folder '{root}' cannot be read: allow it to the user that this service runs as", exception);
        }
    }

    private string Missing => $"folder '{root}' is not there: mount it, or set {ArtifactsOptions.Section}:Replica:Path to where it is";
}
