using ModelGarden.Artifacts.Objects;

namespace ModelGarden.Artifacts.Tests.Crashes;

/// <summary>The folder of a store whose power is cut when its garden dies: each start finds what the cut has left.</summary>
/// <param name="keepsEntries">See <see cref="PoweredDisk.Cut"/>.</param>
internal sealed class PowerSupply(bool keepsEntries) : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("power-").FullName;
    private PoweredDisk? _disk;

    public (string Name, string Value) Setting => ("Artifacts:Store:Path", _root);

    public IObjectStore Restore(IObjectStore store, Life life)
    {
        ((FolderObjectStore)store).Dispose();
        _disk?.Cut(keepsEntries);
        _disk = new(life);
        return new FolderObjectStore(_root, _disk);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
