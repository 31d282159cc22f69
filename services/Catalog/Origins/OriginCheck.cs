using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Commits;
using ModelGarden.Catalog.Objects;
using ModelGarden.Catalog.Reading;

namespace ModelGarden.Catalog.Origins;

/// <summary>Holds what upstream says of files against the files of a commit.</summary>
internal static class OriginCheck
{
    // Of a megabyte at most.
    private const int FilesAtOnce = 20;

    /// <summary>Why upstream can have said none of this; null: it can.</summary>
    public static Error? Fault(IEnumerable<OriginFile> files) => files.Select(Fault).FirstOrDefault(fault => fault is not null);

    /// <summary>The same files with what they are here; ORIGIN_DIFFERS naming the first that is otherwise.</summary>
    public static async Task<Result<IReadOnlyList<OriginLine>>> HoldAsync(
        CatalogDbContext context, string repositoryId, FileReading.Root root, IReadOnlyCollection<OriginFile> files, CancellationToken cancellationToken)
    {
        var items = new Dictionary<string, TreeItem>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            if (await root.Trees.FindAsync(root.Tree, file.Path, cancellationToken) is { IsFolder: false } item)
            {
                items[file.Path] = item;
            }
        }

        var digests = await DigestsAsync(context, repositoryId, [.. files.Where(file => file.Sha256.Length > 0).Select(file => items.GetValueOrDefault(file.Path)).OfType<TreeItem>()], cancellationToken);
        var lines = new List<OriginLine>(files.Count);
        foreach (var file in files)
        {
            var item = items.GetValueOrDefault(file.Path);
            var difference = Difference(file, item, digests);
            if (difference is not null && file.Path is not GitAttributes.FileName)
            {
                return Error.Conflict("ORIGIN_DIFFERS", $"'{Text.Shorten(file.Path)}' {difference}: nothing is recorded of what {root.Commit} comes from");
            }

            lines.Add(new(file, difference is null ? item!.Oid.Hex : ""));
        }

        return lines;
    }

    private static Error? Fault(OriginFile file) => FilePath.Create(file.Path).Error ?? file switch
    {
        { Sha256: "", Oid: "" } => Bad(file, "has neither sha256 nor oid: upstream has to say one of them"),
        { Sha256.Length: > 0 } when Sha256Digest.Create(file.Sha256).Error is { } error => Bad(file, $"has a sha256 that is none: {error.Message}"),
        { Oid.Length: > 0 } when ObjectId.Create(file.Oid).Error is { } error => Bad(file, $"has an oid that is none: {error.Message}"),
        { Size: < 0 } => Bad(file, $"has a size of {file.Size} bytes"),
        _ => null,
    };

    private static Error Bad(OriginFile file, string what) => Error.Invalid("BAD_ORIGIN", $"'{Text.Shorten(file.Path)}' {what}");

    /// <summary>In which way a file here is not what upstream says; null: it is that.</summary>
    private static string? Difference(OriginFile file, TreeItem? item, Dictionary<ObjectId, Sha256Digest> digests)
    {
        if (item is null)
        {
            return "is among upstream's files and is not here";
        }

        if (file.HasSize && file.Size != item.Size)
        {
            return $"has {file.Size} bytes upstream and {item.Size} here";
        }

        var sha256 = item.Sha256 ?? (digests.TryGetValue(item.Oid, out var digest) ? digest : null);
        return file switch
        {
            { Sha256.Length: > 0 } => file.Sha256 == sha256?.Hex ? null : $"has the sha256 {file.Sha256} upstream and {sha256} here",
            _ when item.Sha256 is not null => $"has the oid {file.Oid} upstream, and is a large file here, which has its sha256 alone: say what upstream has of that",
            _ => file.Oid == item.Oid.Hex ? null : $"has the oid {file.Oid} upstream and {item.Oid} here",
        };
    }

    /// <summary>The SHA-256 of small files, which git does not tell.</summary>
    private static async Task<Dictionary<ObjectId, Sha256Digest>> DigestsAsync(CatalogDbContext context, string repositoryId, IEnumerable<TreeItem> files, CancellationToken cancellationToken)
    {
        var digests = new Dictionary<ObjectId, Sha256Digest>();
        foreach (var some in files.Where(file => file.Sha256 is null).Select(file => file.Oid.Hex).Distinct().Chunk(FilesAtOnce))
        {
            var blobs = await context.Blobs.Where(row => row.RepositoryId == repositoryId && some.Contains(row.Oid)).ToListAsync(cancellationToken);
            blobs.ForEach(blob => digests[ObjectId.Create(blob.Oid).Value] = Sha256Digest.FromBytes(SHA256.HashData(blob.Content)));
        }

        return digests;
    }
}
