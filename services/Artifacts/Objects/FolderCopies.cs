namespace ModelGarden.Artifacts.Objects;

/// <summary>Objects as files below one folder that belongs to something else: read, and never written, locked or made. It may be away for a time, as a mount is.</summary>
internal sealed class FolderCopies(string root) : IObjectCopies
{
    public bool IsThere => Directory.Exists(root);

    public ValueTask<IObjectReader?> OpenAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        try
        {
            return new(new FolderObjectReader(Path.Combine(root, key.Value)));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return IsThere ? new((IObjectReader?)null) : throw new ObjectStoreException(StoreFault.NoBucket, Missing, exception);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new ObjectStoreException(StoreFault.Denied, $"object {key} in folder '{root}' cannot be read: allow it to the user that this service runs as", exception);
        }
    }

    private string Missing => $"folder '{root}' is not there: mount it, or set {ArtifactsOptions.Section}:Replica:Path to where it is";
}
