using System.Runtime.CompilerServices;
using Google.Protobuf;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Objects;
using ModelGarden.Catalog.Repositories;

namespace ModelGarden.Catalog.Packs;

/// <summary>The objects of a pack, whose ids are known: their contents are read in batches while they are sent.</summary>
internal sealed class FoundPack(CatalogDbContext context, SeenRepository repository, PackPlan plan, PackTrees trees, IReadOnlyList<string> tags)
{
    private const int BatchSize = 500;
    private const long BatchBytes = 1 << 20;

    public required IReadOnlyList<PackRevision> Revisions { get; init; }

    public PackStart Start => new()
    {
        Objects = plan.Send.Count + (long)tags.Count + trees.Trees.Count + trees.Files.Count,
        Shallow = { plan.Shallow.Select(id => id.Hex) },
        Unshallow = { plan.Unshallow.Select(id => id.Hex) },
        Revisions = { Revisions },
        Repository = repository.Row.Name,
        Described = repository.Describe(null),
    };

    public async IAsyncEnumerable<GitObjects> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var ids in plan.Send.Chunk(BatchSize))
        {
            yield return Whole(await CommitsAsync([.. ids.Select(id => id.Hex)], cancellationToken), ids.Length);
        }

        foreach (var ids in tags.Chunk(BatchSize))
        {
            yield return Whole(await TagsAsync(ids, cancellationToken), ids.Length);
        }

        await foreach (var objects in TreesAsync(cancellationToken))
        {
            yield return objects;
        }

        var large = trees.Files.Where(file => file.Sha256 is not null)
            .Select(file => One(GitObjectType.Blob, new LargeFilePointer(file.Sha256!.Value, file.Size).Content));
        foreach (var objects in large.Chunk(BatchSize))
        {
            yield return new() { Objects = { objects } };
        }

        foreach (var ids in Batches(trees.Files.Where(file => file.Sha256 is null)))
        {
            yield return Whole(await BlobsAsync(ids, cancellationToken), ids.Count);
        }
    }

    public static GitObject One(GitObjectType type, byte[] content) => new() { Type = type, Content = UnsafeByteOperations.UnsafeWrap(content) };

    private async IAsyncEnumerable<GitObjects> TreesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var empty = PackedId.Of(FileTree.Empty.Oid);
        var objects = new GitObjects();
        var bytes = 0L;
        foreach (var ids in trees.Trees.Chunk(BatchSize))
        {
            var unkept = ids.Where(id => id != empty && trees.Kept(id) is null).Select(id => id.Hex).ToList();
            var read = unkept.Count is 0 ? [] : await context.Trees.Where(row => row.RepositoryId == repository.Id && unkept.Contains(row.Oid))
                .Select(row => new { row.Oid, row.Content }).ToDictionaryAsync(row => PackedId.Of(row.Oid), row => row.Content, cancellationToken);
            foreach (var id in ids)
            {
                var content = id == empty ? [] : trees.Kept(id) ?? read[id];
                objects.Objects.Add(One(GitObjectType.Tree, content));
                bytes += content.Length;
                if (bytes >= BatchBytes || objects.Objects.Count >= BatchSize)
                {
                    yield return objects;
                    (objects, bytes) = (new(), 0);
                }
            }
        }

        if (objects.Objects.Count > 0)
        {
            yield return objects;
        }
    }

    private static IEnumerable<List<string>> Batches(IEnumerable<PackedFile> files)
    {
        var (batch, bytes) = (new List<string>(), 0L);
        foreach (var file in files)
        {
            batch.Add(file.Id.Hex);
            bytes += file.Size;
            if (bytes >= BatchBytes || batch.Count >= BatchSize)
            {
                yield return batch;
                (batch, bytes) = ([], 0);
            }
        }

        if (batch.Count > 0)
        {
            yield return batch;
        }
    }

    private async Task<IEnumerable<GitObject>> CommitsAsync(string[] ids, CancellationToken cancellationToken) => As(
        GitObjectType.Commit,
        await context.Commits.Where(row => row.RepositoryId == repository.Id && ids.Contains(row.Oid)).Select(row => row.Content).ToListAsync(cancellationToken));

    private async Task<IEnumerable<GitObject>> TagsAsync(string[] ids, CancellationToken cancellationToken) => As(
        GitObjectType.Tag,
        await context.Tags.Where(row => row.RepositoryId == repository.Id && ids.Contains(row.Oid)).Select(row => row.Content).ToListAsync(cancellationToken));

    private async Task<IEnumerable<GitObject>> BlobsAsync(List<string> ids, CancellationToken cancellationToken) => As(
        GitObjectType.Blob,
        await context.Blobs.Where(row => row.RepositoryId == repository.Id && ids.Contains(row.Oid)).Select(row => row.Content).ToListAsync(cancellationToken));

    private static IEnumerable<GitObject> As(GitObjectType type, List<byte[]> contents) => contents.Select(content => One(type, content));

    private GitObjects Whole(IEnumerable<GitObject> objects, int expected)
    {
        var whole = new GitObjects { Objects = { objects } };
        return whole.Objects.Count == expected ? whole
            : throw new InvalidDataException($"{expected - whole.Objects.Count} objects of repository {repository.Id} are missing, or it was deleted meanwhile");
    }
}
