using Microsoft.EntityFrameworkCore;

namespace ModelGarden.Catalog.Revisions;

/// <summary>A commit as git has it.</summary>
internal sealed record CommitRow(string Oid, byte[] Content);

/// <summary>History along first parents, read in one statement.</summary>
internal static class FirstParents
{
    /// <summary>The commit and those before it, newest first.</summary>
    /// <param name="context">Of the catalog.</param>
    /// <param name="repositoryId">Whose history.</param>
    /// <param name="from">A commit; none is answered where it is missing.</param>
    /// <param name="count">How many at most, itself included.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static Task<List<CommitRow>> ReadAsync(CatalogDbContext context, string repositoryId, string from, int count, CancellationToken cancellationToken) =>
        context.Database.SqlQuery<CommitRow>(
            $"""
            WITH RECURSIVE walk (oid, number) AS (
                SELECT {from}, 1
                UNION ALL
                SELECT commits.first_parent, walk.number + 1 FROM walk
                JOIN commits ON commits.repository_id = {repositoryId} AND commits.oid = walk.oid
                WHERE commits.first_parent <> '' AND walk.number < {count})
            SELECT commits.oid AS "Oid", commits.content AS "Content" FROM walk
            JOIN commits ON commits.repository_id = {repositoryId} AND commits.oid = walk.oid ORDER BY walk.number
            """).ToListAsync(cancellationToken);
}
