using System.Text;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Cards;
using ModelGarden.Catalog.Facts;
using ModelGarden.Catalog.Objects;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Catalog.Revisions;

namespace ModelGarden.Catalog.Commits;

/// <summary>Applies a plan's operations, in their order, to the tree of a branch's head, and gathers the objects that come of it.</summary>
internal sealed class PlanApplier(
    CatalogDbContext context, SeenRepository repository, TreeReader trees, ObjectId head, IReadOnlyDictionary<string, StoredFile> held, SmallFileScan scan)
{
    private static readonly FilePath Card = FilePath.Create(CardReading.FileName).Value;
    private static readonly FilePath Attributes = FilePath.Create(GitAttributes.FileName).Value;
    private readonly TreeEditor _editor = new(trees, head);
    private readonly Dictionary<FilePath, TreeItem> _put = [];

    public NewObjects Objects { get; } = new() { Scan = scan };

    /// <summary>The tree that comes of the plan.</summary>
    public async Task<Result<FileTree>> ApplyAsync(CommitPlan plan, CancellationToken cancellationToken)
    {
        foreach (var operation in plan.Operations)
        {
            if (await ApplyAsync(operation, cancellationToken) is { } error)
            {
                return error;
            }
        }

        var before = await trees.ReadAsync(head, cancellationToken);
        if (await FinishAsync(cancellationToken) is { } fault)
        {
            return fault;
        }

        var tree = _editor.Write(before, Objects.Trees);
        foreach (var made in Objects.Trees.Values)
        {
            trees.Add(made);
        }

        return tree;
    }

    private async Task<Error?> ApplyAsync(PlannedOperation operation, CancellationToken cancellationToken)
    {
        switch (operation)
        {
            case PutSmall small:
                return await PutSmallAsync(small.Path, small.Content, cancellationToken);
            case PutLarge large:
                var pointer = new LargeFilePointer(large.Sha256, held[large.Sha256.Hex].Size);
                Objects.LargeFiles[pointer.Oid] = pointer;
                return await PutAsync(large.Path, TreeItem.Large(large.Path.FileName, pointer), cancellationToken);
            case Delete delete:
                return await _editor.DeleteAsync(delete.Path, delete.IsRecursive, cancellationToken);
            case Copy copy:
                return await CopyAsync(copy, cancellationToken);
            default:
                throw new ArgumentException($"unknown operation {operation.GetType().Name}", nameof(operation));
        }
    }

    private async Task<Error?> PutSmallAsync(FilePath path, byte[] content, CancellationToken cancellationToken)
    {
        var oid = ObjectId.Of("blob", content);
        Objects.Blobs[oid] = content;
        return await PutAsync(path, TreeItem.Small(path.FileName, oid, content.Length), cancellationToken);
    }

    private async Task<Error?> PutAsync(FilePath path, TreeItem item, CancellationToken cancellationToken)
    {
        _put[path] = item;
        return await _editor.PutAsync(path, item, cancellationToken);
    }

    private async Task<Error?> CopyAsync(Copy copy, CancellationToken cancellationToken)
    {
        var root = await SourceAsync(copy.Revision, cancellationToken);
        if (root.Error is { } error)
        {
            return error;
        }

        return await trees.FindAsync(root.Value, copy.From.Value, cancellationToken) is { IsFolder: false } source
            ? await PutAsync(copy.Path, source with { Name = copy.Path.FileName }, cancellationToken)
            : Error.NotFound("PATH_NOT_FOUND", $"there is no file '{copy.From}' to copy in {(copy.Revision.Length > 0 ? copy.Revision : "the branch's head")}");
    }

    private async Task<Result<ObjectId>> SourceAsync(string revision, CancellationToken cancellationToken)
    {
        if (revision.Length is 0)
        {
            return head;
        }

        var resolved = await RevisionResolver.ResolveAsync(context, repository, revision, cancellationToken);
        if (resolved.Error is { } error)
        {
            return error;
        }

        var commit = resolved.Value;
        var tree = await context.Commits.Where(row => row.RepositoryId == repository.Id && row.Oid == commit).Select(row => row.Tree).SingleOrDefaultAsync(cancellationToken);
        return tree is null ? FileTree.Empty.Oid : ObjectId.Create(tree).Value;
    }

    /// <summary>What the operations bring that was not at those paths before: attributes for large files, a look into small ones, and at the card.</summary>
    private async Task<Error?> FinishAsync(CancellationToken cancellationToken)
    {
        var changed = new List<KeyValuePair<FilePath, TreeItem>>();
        foreach (var put in _put)
        {
            // An operation further on may have taken it away again.
            if (await _editor.FindAsync(put.Key, cancellationToken) == put.Value && await trees.FindAsync(head, put.Key.Value, cancellationToken) is var old && (old?.Oid != put.Value.Oid))
            {
                changed.Add(put);
            }
        }

        var large = changed.Where(put => put.Value.Sha256 is not null).Select(put => put.Key).ToList();
        foreach (var (path, item) in changed.Where(put => put.Value.Sha256 is null))
        {
            var content = await ReadAsync(item.Oid, cancellationToken);
            if (path == Card && CardReading.Fault(content) is { } fault)
            {
                return fault;
            }

            await Objects.ExamineAsync(repository.Id, item.Oid, SmallFiles.NameClass(path.Value), content, cancellationToken);
        }

        return await CoverAsync(large, cancellationToken);
    }

    private async Task<Error?> CoverAsync(List<FilePath> large, CancellationToken cancellationToken)
    {
        if (large.Exists(path => path == Card || path == Attributes))
        {
            return Error.Invalid("BAD_PATH", $"{CardReading.FileName} and {GitAttributes.FileName} must be small files: a large one was copied there");
        }

        var existing = await _editor.FindAsync(Attributes, cancellationToken) is { } file ? await ReadAsync(file.Oid, cancellationToken) : [];
        var attributes = new GitAttributes(Encoding.UTF8.GetString(existing));
        if (large.FindAll(attributes.Cover) is [])
        {
            return null;
        }

        var content = Encoding.UTF8.GetBytes(attributes.ToString());
        if (content.Length > CommitPlan.MaximumSmallFile)
        {
            return Error.Invalid("INLINE_TOO_LARGE", $"{GitAttributes.FileName} would be larger than {CommitPlan.MaximumSmallFile} bytes with a line for each large file: add patterns such as '*.bin filter=lfs diff=lfs merge=lfs -text' to it");
        }

        await Objects.ExamineAsync(repository.Id, ObjectId.Of("blob", content), SmallFiles.NameClass(GitAttributes.FileName), content, cancellationToken);
        return await PutSmallAsync(Attributes, content, cancellationToken);
    }

    private async Task<byte[]> ReadAsync(ObjectId oid, CancellationToken cancellationToken) =>
        Objects.Blobs.GetValueOrDefault(oid)
        ?? await context.ReadBlobAsync(repository.Id, oid, cancellationToken);
}
