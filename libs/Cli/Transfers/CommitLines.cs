using System.Text;
using System.Text.Json.Nodes;

namespace ModelGarden.Cli.Transfers;

/// <summary>A file as a commit takes it.</summary>
/// <param name="File">On this machine.</param>
/// <param name="Sha256">Of a large one, which has been sent; null: its content goes into the commit.</param>
/// <param name="Oid">git's id of a small one.</param>
internal sealed record CommitFile(LocalFile File, string? Sha256, string? Oid)
{
    public long Weight => Sha256 is null ? File.Size : 0;
}

/// <summary>Makes the lines of a commit, and cuts what one commit cannot hold into several.</summary>
internal static class CommitLines
{
    /// <summary>In bytes, of the small files of one commit.</summary>
    public const long MaximumWeight = 20 << 20;

    private const int MostFiles = 10_000;

    public static IEnumerable<IReadOnlyList<CommitFile>> Cut(IEnumerable<CommitFile> files)
    {
        var (commit, weight) = (new List<CommitFile>(), 0L);
        foreach (var file in files)
        {
            if (commit.Count > 0 && (commit.Count == MostFiles || weight + file.Weight > MaximumWeight))
            {
                yield return commit;
                (commit, weight) = ([], 0);
            }

            commit.Add(file);
            weight += file.Weight;
        }

        yield return commit;
    }

    public static async Task<byte[]> WriteAsync(string summary, string parent, IReadOnlyList<CommitFile> files, CancellationToken cancellationToken)
    {
        using var lines = new MemoryStream();
        var header = new JsonObject { ["summary"] = summary };
        if (parent.Length > 0)
        {
            header["parentCommit"] = parent;
        }

        Add(lines, "header", header);
        foreach (var file in files)
        {
            if (file.Sha256 is { } sha256)
            {
                Add(lines, "lfsFile", new() { ["path"] = file.File.Path, ["algo"] = "sha256", ["oid"] = sha256, ["size"] = file.File.Size });
            }
            else
            {
                Add(lines, "file", new() { ["path"] = file.File.Path, ["encoding"] = "base64", ["content"] = Convert.ToBase64String(await ReadAsync(file.File, cancellationToken)) });
            }
        }

        return lines.ToArray();
    }

    private static void Add(MemoryStream lines, string key, JsonObject value)
    {
        lines.Write(Encoding.UTF8.GetBytes(new JsonObject { ["key"] = key, ["value"] = value }.ToJsonString()));
        lines.WriteByte((byte)'\n');
    }

    private static async Task<byte[]> ReadAsync(LocalFile file, CancellationToken cancellationToken)
    {
        if (file.Size > MaximumWeight)
        {
            throw new ErrorException(Error.Exhausted("FILE_TOO_LARGE", $"{file.Path} has {file.Size} bytes, and the garden wants it inside the commit, where at most {MaximumWeight} fit"));
        }

        await using var stream = file.Open();
        var content = new byte[file.Size];
        await stream.ReadExactlyAsync(content, cancellationToken);
        return content;
    }
}
