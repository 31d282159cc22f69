using System.Globalization;
using System.Text;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Repositories;

namespace ModelGarden.Catalog.Objects;

/// <summary>Writes many objects with few statements; one that is there already stays as it is, since the same id means the same content.</summary>
internal static class ObjectWriter
{
    private const int MaximumRows = 200;
    private const int MaximumBytes = 4 << 20;

    /// <param name="context">In a transaction.</param>
    /// <param name="repository">Tracked: it remembers by whom its files were examined.</param>
    /// <param name="objects">With what their examination found.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task WriteAsync(CatalogDbContext context, StoredRepository repository, NewObjects objects, CancellationToken cancellationToken)
    {
        var repositoryId = repository.Id;
        repository.Examined(objects.Scan);
        await InsertAsync(context, "blobs (repository_id, oid, content)", Sorted(objects.Blobs).Select(blob => new object[] { repositoryId, blob.Key.Hex, blob.Value }), cancellationToken);
        await InsertAsync(
            context,
            "large_files (repository_id, oid, sha256, size)",
            Sorted(objects.LargeFiles).Select(file => new object[] { repositoryId, file.Key.Hex, file.Value.Sha256.Hex, file.Value.Size }),
            cancellationToken);
        await InsertAsync(
            context,
            "trees (repository_id, oid, content, sizes)",
            Sorted(objects.Trees).Select(tree => new object[] { repositoryId, tree.Key.Hex, tree.Value.Content, tree.Value.Sizes }),
            cancellationToken);
        await InsertAsync(
            context,
            "examinations (repository_id, oid, name, state)",
            objects.Examinations.Select(examination => new object[] { repositoryId, examination.Oid, examination.Name, examination.State }),
            cancellationToken);
    }

    /// <summary>Copies rows of these objects from one repository to another that has none of them; how many there were.</summary>
    public static async Task<int> CopyAsync(
        CatalogDbContext context, string table, string columns, string from, string to, IEnumerable<ObjectId> objects, CancellationToken cancellationToken)
    {
        var copied = 0;
        foreach (var some in objects.Chunk(MaximumRows))
        {
            var sql = new StringBuilder()
                .Append(CultureInfo.InvariantCulture, $"INSERT INTO {table} (repository_id, {columns}) SELECT {{0}}, {columns} FROM {table} WHERE repository_id = {{1}} AND oid IN (")
                .AppendJoin(", ", some.Select((_, i) => $"{{{i + 2}}}")).Append(')');
            copied += await context.Database.ExecuteSqlRawAsync(sql.ToString(), [to, from, .. some.Select(oid => oid.Hex)], cancellationToken);
        }

        return copied;
    }

    // In one order everywhere, so that two writers cannot hold each other up.
    private static IEnumerable<KeyValuePair<ObjectId, T>> Sorted<T>(Dictionary<ObjectId, T> objects) => objects.OrderBy(pair => pair.Key.Hex, StringComparer.Ordinal);

    /// <summary>Inserts rows into a table's named columns, a few hundred with each statement; says what is done where a row of the same key is there.</summary>
    /// <returns>How many rows were inserted or changed.</returns>
    public static async Task<int> InsertAsync(
        CatalogDbContext context, string into, IEnumerable<object[]> rows, CancellationToken cancellationToken, string conflict = "DO NOTHING")
    {
        var batch = new List<object[]>();
        var (bytes, written) = (0, 0);
        foreach (var row in rows)
        {
            batch.Add(row);
            bytes += row.OfType<byte[]>().Sum(content => content.Length);
            if (batch.Count >= MaximumRows || bytes >= MaximumBytes)
            {
                written += await InsertBatchAsync(context, into, batch, conflict, cancellationToken);
                batch.Clear();
                bytes = 0;
            }
        }

        return batch.Count > 0 ? written + await InsertBatchAsync(context, into, batch, conflict, cancellationToken) : written;
    }

    private static Task<int> InsertBatchAsync(CatalogDbContext context, string into, List<object[]> rows, string conflict, CancellationToken cancellationToken)
    {
        var sql = new StringBuilder().Append(CultureInfo.InvariantCulture, $"INSERT INTO {into} VALUES ");
        var width = rows[0].Length;
        for (var row = 0; row < rows.Count; row++)
        {
            sql.Append(row is 0 ? "(" : ", (").AppendJoin(", ", Enumerable.Range(row * width, width).Select(i => $"{{{i}}}")).Append(')');
        }

        sql.Append(" ON CONFLICT ").Append(conflict);
        return context.Database.ExecuteSqlRawAsync(sql.ToString(), rows.SelectMany(row => row), cancellationToken);
    }
}
