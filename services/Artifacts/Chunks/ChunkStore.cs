using ModelGarden.Kernel;

namespace ModelGarden.Artifacts.Chunks;

/// <summary>Files in and out: the one door to the chunk store.</summary>
internal sealed class ChunkStore(Xorbs xorbs, XorbWriters writers, FileLayouts layouts, OpenXorbs open, ChunkChecks checks, TimeProvider clock)
{
    /// <summary>To store a file whose bytes count for this tenant.</summary>
    public FileWriter Write(string tenant) => new(xorbs, writers, tenant, clock);

    /// <summary>Null: there is no such file.</summary>
    public async ValueTask<FileReader?> OpenAsync(Sha256Digest digest, CancellationToken cancellationToken) =>
        await layouts.FindAsync(digest, cancellationToken) is { } layout
            ? new(layout, xorbs, open, checks, cancel => layouts.ReloadAsync(digest, cancel))
            : null;

    /// <summary>To be told of a file whose layout was written.</summary>
    public void Forget(Sha256Digest digest) => layouts.Forget(digest);

    /// <summary>A file that is not acknowledged yet.</summary>
    public FileReader Open(FileLayout layout) => new(layout, xorbs, open, checks, null);
}
