using System.Globalization;
using System.Text;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Merging;
using ModelGarden.Catalog.Objects;
using ModelGarden.Catalog.Reading;
using ModelGarden.Catalog.Repositories;

namespace ModelGarden.Catalog.Comparing;

/// <summary>Compares two revisions of a repository as its caller sees them, page by page.</summary>
internal sealed class RevisionComparison(FileReading reading, ComparisonCache comparisons)
{
    private const int NormalPage = 1000;
    private const int MaximumPage = 5000;
    /// <summary>By which it is seen whether a file is text.</summary>
    public const int ExaminedBytes = 8000;

    private const string Absent = "000000";

    /// <summary>How a page token says that nothing is compared with: git's name of it.</summary>
    private static readonly string Nothing = FileTree.Empty.Oid.Hex;

    public async Task<Result<CompareRevisionsResponse>> CompareAsync(
        CatalogDbContext context, SeenRepository repository, CompareRevisionsRequest request, CancellationToken cancellationToken)
    {
        var (size, found) = (PageToken.Size(request.PageSize, NormalPage, MaximumPage), await FindAsync(context, repository, request, cancellationToken));
        if ((size.Error ?? found.Error) is { } error)
        {
            return error;
        }

        var page = found.Value.Left.Take(size.Value).ToList();
        return new CompareRevisionsResponse
        {
            Changes = { await DescribeAsync(context, repository.Id, page, cancellationToken) },
            NextPageToken = found.Value.TokenBehind(page.Count),
            Base = found.Value.Base,
            Commit = found.Value.Commit,
            Total = found.Value.Total,
        };
    }

    /// <summary>What differs from where a request's page begins; its size is not looked at.</summary>
    public async Task<Result<Compared>> FindAsync(CatalogDbContext context, SeenRepository repository, CompareRevisionsRequest request, CancellationToken cancellationToken)
    {
        var token = PageToken.Read(request.PageToken, 3);
        if (token.Error is { } error)
        {
            return error;
        }

        var (from, to, last) = token.Value is [var pinnedBase, var pinned, var shown] ? (pinnedBase, pinned, shown) : (request.Base, request.Revision, "");
        var after = await reading.OpenAsync(context, repository, to, cancellationToken);
        var isFromAncestor = request.FromCommonAncestor && token.Value.Length is 0;
        var before = after.Error is { } missing ? missing : await OpenBaseAsync(context, repository, from, after.Value, isFromAncestor, cancellationToken);
        if (before.Error is { } fault)
        {
            return fault;
        }

        var all = await comparisons.CompareAsync(repository.Id, after.Value.Trees, before.Value.Tree, after.Value.Tree, cancellationToken);
        return new Compared(before.Value.Commit, after.Value.Commit, all.Count, last.Length is 0 ? all : [.. all.SkipWhile(difference => PathOrder.Bytes.Compare(difference.Path, last) <= 0)]);
    }

    /// <param name="Base">Empty: nothing.</param>
    /// <param name="Commit">Empty: there is none yet.</param>
    /// <param name="Total">How many differ in all.</param>
    /// <param name="Left">Those from where the page begins.</param>
    internal sealed record Compared(string Base, string Commit, int Total, IReadOnlyList<FileDifference> Left)
    {
        /// <summary>The token of the page behind so many; empty: there is none.</summary>
        public string TokenBehind(int count) => Left.Count > count ? PageToken.Write(Base.Length > 0 ? Base : Nothing, Commit, Left[count - 1].Path) : "";
    }

    private async Task<Result<FileReading.Root>> OpenBaseAsync(
        CatalogDbContext context, SeenRepository repository, string from, FileReading.Root after, bool isFromAncestor, CancellationToken cancellationToken)
    {
        var revision = from.Length > 0 ? from : await FirstParentAsync(context, repository, after.Commit, cancellationToken);
        var opened = revision == Nothing
            ? new FileReading.Root("", FileTree.Empty.Oid, after.Trees)
            : await reading.OpenAsync(context, repository, revision, cancellationToken);
        return opened.Error is null && isFromAncestor && opened.Value.Commit.Length > 0 && after.Commit.Length > 0
            ? await OpenAncestorAsync(context, repository, opened.Value.Commit, after.Commit, cancellationToken)
            : opened;
    }

    // Among those that the caller sees: of others nothing is told, not where they lie either.
    private async Task<Result<FileReading.Root>> OpenAncestorAsync(CatalogDbContext context, SeenRepository repository, string one, string other, CancellationToken cancellationToken)
    {
        var common = await new AncestorSearch(context, repository.Id).CommonAncestorsAsync(one, other, repository.Sees, cancellationToken);
        return common.Error is { } error ? error
            : common.Value is [var first, ..] ? await reading.OpenAsync(context, repository, first, cancellationToken)
            : Merger.NoCommonAncestor(one, other);
    }

    private static async Task<string> FirstParentAsync(CatalogDbContext context, SeenRepository repository, string commit, CancellationToken cancellationToken)
    {
        var parent = await context.Commits.Where(row => row.RepositoryId == repository.Id && row.Oid == commit).Select(row => row.FirstParent).SingleOrDefaultAsync(cancellationToken);
        return parent is { Length: > 0 } && repository.Sees(parent) ? parent : Nothing;
    }

    public static async Task<IEnumerable<FileChange>> DescribeAsync(
        CatalogDbContext context, string repositoryId, List<FileDifference> page, CancellationToken cancellationToken)
    {
        var small = page.Select(difference => (difference.After ?? difference.Before)!.Item).Where(item => item.Sha256 is null).Select(item => item.Oid.Hex).Distinct().ToList();
        var binary = await BinaryAsync(context, repositoryId, small, cancellationToken);
        return page.Select(difference => new FileChange
        {
            Kind = difference.Kind,
            Before = difference.Before?.Item.At(difference.Before.Path),
            After = difference.After?.Item.At(difference.After.Path),
            ModeBefore = difference.Before?.Item.Mode ?? Absent,
            ModeAfter = difference.After?.Item.Mode ?? Absent,
            Binary = binary.Contains((difference.After ?? difference.Before)!.Item.Oid.Hex),
        });
    }

    // As git does: by the beginning alone, so a page never reads more than a few megabytes.
    private static async Task<HashSet<string>> BinaryAsync(CatalogDbContext context, string repositoryId, List<string> oids, CancellationToken cancellationToken)
    {
        const int AtOnce = 500;
        var binary = new HashSet<string>();
        foreach (var some in oids.Chunk(AtOnce))
        {
            var sql = new StringBuilder().Append(CultureInfo.InvariantCulture, $"SELECT oid AS \"Oid\", substr(content, 1, {ExaminedBytes}) AS \"Content\" FROM blobs WHERE repository_id = {{0}} AND oid IN (")
                .AppendJoin(", ", Enumerable.Range(1, some.Length).Select(i => $"{{{i}}}")).Append(')');
            var rows = await context.Database.SqlQueryRaw<Beginning>(sql.ToString(), [repositoryId, .. some]).ToListAsync(cancellationToken);
            binary.UnionWith(rows.Where(row => row.Content.AsSpan().Contains((byte)0)).Select(row => row.Oid));
        }

        return binary;
    }

    // SQLite answers null for the beginning of nothing.
    private sealed record Beginning(string Oid, byte[]? Content);
}
