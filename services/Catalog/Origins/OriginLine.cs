using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Objects;

namespace ModelGarden.Catalog.Origins;

/// <summary>What upstream said of a file, and what that is here.</summary>
/// <param name="Upstream">As it was said.</param>
/// <param name="Kept">git's id of that file here; empty: the file here was another one from the beginning.</param>
internal sealed record OriginLine(OriginFile Upstream, string Kept)
{
    public string Path => Upstream.Path;
}

/// <summary>Lists of lines: as text, by their digest, and on disk.</summary>
internal static class OriginLines
{
    private const int LinesInRow = 1000;
    private const string Nothing = "-";

    /// <summary>SHA-256 of what upstream said of each file and what that was here, in the order of the list: as <see cref="OriginChecksums.Digest"/> has it.</summary>
    public static string DigestOf(IEnumerable<OriginLine> lines) => DigestOf(lines, TextOf);

    /// <summary>A digest is of these lines. Those of records from before 2026-11-23 leave out what the files were here.</summary>
    public static bool IsOf(string digest, IReadOnlyCollection<OriginLine> lines) => digest == DigestOf(lines) || digest == DigestOf(lines, line => TextOf(line.Upstream));

    /// <summary>In the order in which they were written.</summary>
    public static async Task<List<OriginLine>> ReadAsync(CatalogDbContext context, StoredOrigin origin, CancellationToken cancellationToken)
    {
        var rows = await RowsOf(context, origin).OrderBy(row => row.Place).Select(row => row.Content).ToListAsync(cancellationToken);
        return [.. rows.SelectMany(Read)];
    }

    /// <summary>Those of a whole list from one of its rows on, each with its row's place, one row in memory at a time.</summary>
    public static async IAsyncEnumerable<(int Place, OriginLine Line)> ReadFromAsync(
        CatalogDbContext context, StoredOrigin origin, int first, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var place = first; await RowsOf(context, origin).Where(row => row.Place == place).Select(row => row.Content).SingleOrDefaultAsync(cancellationToken) is { } content; place++)
        {
            foreach (var line in Read(content))
            {
                yield return (place, line);
            }
        }
    }

    /// <summary>Writes lines behind those that there are. Their record is saved.</summary>
    public static async Task AddAsync(CatalogDbContext context, StoredOrigin origin, IEnumerable<OriginLine> lines, CancellationToken cancellationToken)
    {
        var first = await RowsOf(context, origin).CountAsync(cancellationToken);
        await ObjectWriter.InsertAsync(
            context,
            "origin_files (repository_id, number, place, content)",
            lines.Chunk(LinesInRow).Select((some, i) => new object[] { origin.RepositoryId, origin.Number, first + i, Write(some) }),
            cancellationToken);
    }

    /// <summary>Writes lines in place of those that there are.</summary>
    public static async Task ReplaceAsync(CatalogDbContext context, StoredOrigin origin, IEnumerable<OriginLine> lines, CancellationToken cancellationToken)
    {
        await RowsOf(context, origin).ExecuteDeleteAsync(cancellationToken);
        await AddAsync(context, origin, lines, cancellationToken);
    }

    private static IQueryable<StoredOriginFiles> RowsOf(CatalogDbContext context, StoredOrigin origin) =>
        context.OriginFiles.Where(row => row.RepositoryId == origin.RepositoryId && row.Number == origin.Number);

    private static string DigestOf(IEnumerable<OriginLine> lines, Func<OriginLine, string> textOf)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var line in lines)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(textOf(line)));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string TextOf(OriginLine line) => $"{Or(line.Kept)} {TextOf(line.Upstream)}";

    // Paths have no line feeds, and stand last, for they may have spaces.
    private static string TextOf(OriginFile file) =>
        string.Create(CultureInfo.InvariantCulture, $"{Or(file.Oid)} {Or(file.Sha256)} {(file.HasSize ? file.Size.ToString(CultureInfo.InvariantCulture) : Nothing)} {file.Path}\n");

    private static byte[] Write(IEnumerable<OriginLine> lines) => Encoding.UTF8.GetBytes(string.Concat(lines.Select(TextOf)));

    private static IEnumerable<OriginLine> Read(byte[] content) => Encoding.UTF8.GetString(content).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Read);

    private static OriginLine Read(string text)
    {
        var fields = text.Split(' ', 5);
        var file = new OriginFile { Oid = Told(fields[1]), Sha256 = Told(fields[2]), Path = fields[4] };
        if (fields[3] is not Nothing)
        {
            file.Size = long.Parse(fields[3], CultureInfo.InvariantCulture);
        }

        return new(file, Told(fields[0]));
    }

    private static string Or(string text) => text.Length > 0 ? text : Nothing;

    private static string Told(string text) => text is Nothing ? "" : text;
}
