using Microsoft.EntityFrameworkCore;

namespace ModelGarden.Catalog.Objects;

/// <summary>Reads stored blobs.</summary>
internal static class BlobReading
{
    /// <summary>The bytes of a small file, which is there.</summary>
    public static Task<byte[]> ReadBlobAsync(this CatalogDbContext context, string repositoryId, ObjectId id, CancellationToken cancellationToken)
    {
        var oid = id.Hex;
        return context.Blobs.Where(blob => blob.RepositoryId == repositoryId && blob.Oid == oid).Select(blob => blob.Content).SingleAsync(cancellationToken);
    }

    /// <summary>What git has of a file: of a large one its pointer.</summary>
    public static async Task<byte[]> ReadFileAsync(this CatalogDbContext context, string repositoryId, TreeItem file, CancellationToken cancellationToken) =>
        file.Sha256 is { } sha256 ? new LargeFilePointer(sha256, file.Size).Content : await context.ReadBlobAsync(repositoryId, file.Oid, cancellationToken);
}
