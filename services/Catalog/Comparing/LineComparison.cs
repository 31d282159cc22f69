using Google.Protobuf;
using ModelGarden.Catalog.Facts;
using ModelGarden.Catalog.Objects;
using ModelGarden.Catalog.Repositories;

namespace ModelGarden.Catalog.Comparing;

/// <summary>Compares two revisions line by line, page by page.</summary>
internal sealed class LineComparison(RevisionComparison comparison)
{
    private const int NormalPage = 100;
    private const int MaximumPage = 300;
    private const int MaximumLines = 20_000;

    // A page is cut short before it gets too large for one message, or takes too long.
    private const int PageBytes = 4 << 20;

    public async Task<Result<DiffRevisionsResponse>> DiffAsync(CatalogDbContext context, SeenRepository repository, DiffRevisionsRequest request, CancellationToken cancellationToken)
    {
        var wanted = new CompareRevisionsRequest { Base = request.Base, Revision = request.Revision, FromCommonAncestor = request.FromCommonAncestor, PageToken = request.PageToken };
        var (size, found) = (PageToken.Size(request.PageSize, NormalPage, MaximumPage), await comparison.FindAsync(context, repository, wanted, cancellationToken));
        if ((size.Error ?? found.Error) is { } error)
        {
            return error;
        }

        var page = found.Value.Left.Take(size.Value).ToList();
        var known = await KnowledgeAsync(context, repository, page, cancellationToken);
        var response = new DiffRevisionsResponse { Base = found.Value.Base, Commit = found.Value.Commit, Total = found.Value.Total };
        foreach (var (difference, change) in page.Zip(await RevisionComparison.DescribeAsync(context, repository.Id, page, cancellationToken)).TakeWhile(_ => response.CalculateSize() < PageBytes))
        {
            response.Files.Add(await DiffAsync(context, repository, difference, change, known, cancellationToken));
        }

        response.NextPageToken = found.Value.TokenBehind(response.Files.Count);
        return response;
    }

    private static Task<FileKnowledge> KnowledgeAsync(CatalogDbContext context, SeenRepository repository, List<FileDifference> page, CancellationToken cancellationToken) =>
        FileKnowledge.OfAsync(context, repository.Row, [.. page.SelectMany(difference => new[] { difference.Before, difference.After }).OfType<PlacedFile>().Select(file => file.Item)], cancellationToken);

    private static async Task<FileDiff> DiffAsync(
        CatalogDbContext context, SeenRepository repository, FileDifference difference, FileChange change, FileKnowledge known, CancellationToken cancellationToken)
    {
        if (difference.Before?.Item.Oid == difference.After?.Item.Oid)
        {
            return new() { Change = change, Patch = ByteString.CopyFrom(UnifiedDiff.Write(change, default, default, cancellationToken)) };
        }

        var refusal = new[] { difference.Before, difference.After }.OfType<PlacedFile>().Where(file => file.Item.Sha256 is null)
            .Select(file => known.Of(file.Path, file.Item).Refusal(repository)).FirstOrDefault(refusal => refusal is not null);
        if (refusal is not null)
        {
            return Without(change, $"{refusal.Reason}: {refusal.Message}", "its lines are not shown: ");
        }

        var (before, after) = (await ReadAsync(context, repository.Id, difference.Before?.Item, cancellationToken), await ReadAsync(context, repository.Id, difference.After?.Item, cancellationToken));
        if (IsBinary(before) || IsBinary(after))
        {
            change.Binary = true;
            return new() { Change = change, Omitted = "it is not text", Patch = ByteString.CopyFrom(UnifiedDiff.WriteWithout(change, UnifiedDiff.Binary(change))) };
        }

        return Math.Max(LinesOf(before), LinesOf(after)) > MaximumLines
            ? Without(change, $"it has more than {MaximumLines} lines", "its lines are not compared: ")
            : new() { Change = change, Patch = UnsafeByteOperations.UnsafeWrap(UnifiedDiff.Write(change, before, after, cancellationToken)) };
    }

    private static FileDiff Without(FileChange change, string why, string lead) => new() { Change = change, Omitted = why, Patch = ByteString.CopyFrom(UnifiedDiff.WriteWithout(change, lead + why)) };

    /// <summary>Of a file that is not there nothing.</summary>
    private static async Task<byte[]> ReadAsync(CatalogDbContext context, string repositoryId, TreeItem? file, CancellationToken cancellationToken) =>
        file is null ? [] : await context.ReadFileAsync(repositoryId, file, cancellationToken);

    private static bool IsBinary(byte[] content) => content.AsSpan(0, Math.Min(content.Length, RevisionComparison.ExaminedBytes)).Contains((byte)0);

    private static int LinesOf(byte[] content) => content.AsSpan().Count((byte)'\n');
}
