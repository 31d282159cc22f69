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
    private const long MaximumBytes = 256 << 20;

    /// <summary>Why upstream can have said none of this; null: it can.</summary>
    public static Error? Fault(IEnumerable<OriginFile> files) => files.Select(Fault).FirstOrDefault(fault => fault is not null);

    /// <summary>What files of these paths are in a commit. Small ones are read where upstream says their SHA-256, which git does not tell.</summary>
    public static async Task<Result<NamedFiles>> ReadAsync(
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

        var small = files.Where(file => file.Sha256.Length > 0).Select(file => items.GetValueOrDefault(file.Path)).OfType<TreeItem>().Where(item => item.Sha256 is null).DistinctBy(item => item.Oid).ToList();
        return small.Sum(item => item.Size) is > MaximumBytes and var bytes
            ? Error.Exhausted("TOO_MUCH_TO_READ", $"the small files that are named with their sha256 have {bytes} bytes together, {MaximumBytes} of one call are read: name fewer at once, with 'more', or with their oid alone")
            : new NamedFiles(root.Commit, items, await DigestsAsync(context, repositoryId, small, cancellationToken));
    }

    /// <summary>The same files with what they are here; ORIGIN_DIFFERS naming the first that is otherwise.</summary>
    public static Result<List<OriginLine>> Hold(NamedFiles here, IReadOnlyCollection<OriginFile> files)
    {
        var lines = new List<OriginLine>(files.Count);
        foreach (var file in files)
        {
            var item = here.Items.GetValueOrDefault(file.Path);
            var difference = Difference(file, item, here.Digests);
            if (difference is not null && file.Path is not GitAttributes.FileName)
            {
                return Error.Conflict("ORIGIN_DIFFERS", $"'{Text.Shorten(file.Path)}' {difference}: nothing is recorded of what {here.Commit} comes from");
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
    private static string? Difference(OriginFile file, TreeItem? item, IReadOnlyDictionary<ObjectId, Sha256Digest> digests)
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

    private static async Task<Dictionary<ObjectId, Sha256Digest>> DigestsAsync(CatalogDbContext context, string repositoryId, IEnumerable<TreeItem> files, CancellationToken cancellationToken)
    {
        var digests = new Dictionary<ObjectId, Sha256Digest>();
        foreach (var some in files.Select(file => file.Oid.Hex).Chunk(FilesAtOnce))
        {
            var blobs = await context.Blobs.Where(row => row.RepositoryId == repositoryId && some.Contains(row.Oid)).ToListAsync(cancellationToken);
            blobs.ForEach(blob => digests[ObjectId.Create(blob.Oid).Value] = Sha256Digest.FromBytes(SHA256.HashData(blob.Content)));
        }

        return digests;
    }
}

/// <summary>Some files as they are in a commit.</summary>
/// <param name="Commit">Which it is.</param>
/// <param name="Items">By path; those that are not there are not here.</param>
/// <param name="Digests">The SHA-256 of small ones.</param>
internal sealed record NamedFiles(string Commit, IReadOnlyDictionary<string, TreeItem> Items, IReadOnlyDictionary<ObjectId, Sha256Digest> Digests);
