using System.Globalization;
using System.Text;

namespace ModelGarden.Catalog.Tests;

/// <summary>The history of a <see cref="RandomHistory"/> in a repository that the real git makes of the same files.</summary>
internal sealed class GitHistory(Git git)
{
    private const string Absent = "0000000000000000000000000000000000000000";

    /// <summary>Has git make every commit of it; answers the ids that git gives them, in the same order.</summary>
    public async Task<IReadOnlyList<string>> ImportAsync(RandomHistory history)
    {
        using var stream = new MemoryStream();
        var marks = new Dictionary<string, int>();
        foreach (var commit in history.Commits)
        {
            marks[commit.Id] = marks.Count + 1;
            WriteCommit(stream, commit, marks);
        }

        foreach (var (name, target) in history.Refs)
        {
            Write(stream, $"reset {name}\nfrom :{marks[target]}\n\n");
        }

        var file = Path.Combine(git.Folder, "marks");
        await git.RunAsync(["fast-import", "--quiet", "--force", $"--export-marks={file}"], stream.ToArray());
        var lines = await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken);
        return [.. lines.Select(line => line.Split(' ')).OrderBy(words => int.Parse(words[0][1..], CultureInfo.InvariantCulture)).Select(words => words[1])];
    }

    /// <summary>Commit, tree and parents of everything that refs reach and these commits.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(IEnumerable<string> commits) =>
        (await git.RunAsync(["log", "--no-walk=unsorted", "--stdin", "--format=%H %T %P"], Encoding.ASCII.GetBytes(string.Join('\n', commits) + "\n")))
        .Split('\n').Select(line => line.TrimEnd()).ToList();

    /// <summary>The commit that a path is as it is since, with its title.</summary>
    public Task<string> LastAsync(string commit, string path) => git.RunAsync(["log", "-1", "--format=%H %s", commit, "--", path]);

    public async Task<IReadOnlyList<string>> RefsAsync() => (await git.RunAsync(["for-each-ref", "--format=%(refname) %(objectname)", "refs/heads", "refs/tags"])).Split('\n');

    /// <summary>What git says differs: status, ids before and after, and the paths.</summary>
    public async Task<IReadOnlyList<string>> DiffAsync(string from, string to)
    {
        var fields = (await git.RunAsync(["diff-tree", "-r", "-z", "--raw", "--no-abbrev", "-M100%", from, to])).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        var changes = new List<string>();
        for (var i = 0; i < fields.Length; i += 2)
        {
            // :100644 100644 before after R100
            var words = fields[i].Split(' ');
            var paths = words[4][0] is 'R' ? $"{fields[i + 1]} → {fields[++i + 1]}" : fields[i + 1];
            changes.Add($"{words[4][0]} {words[0][1..]} {words[1]} {words[2]} {words[3]} {paths}");
        }

        return changes;
    }

    /// <summary>The nearest common ancestor, of several the first by id; null: there is none.</summary>
    public async Task<string?> AncestorAsync(string one, string other)
    {
        try
        {
            return (await git.RunAsync(["merge-base", "--all", one, other])).Split('\n').Order(StringComparer.Ordinal).First();
        }
        catch (InvalidOperationException)
        {
            // That is how git says it.
            return null;
        }
    }

    private static void WriteCommit(MemoryStream stream, ModelCommit commit, Dictionary<string, int> marks)
    {
        var person = $"{commit.Author} <{commit.Author}@garden> {commit.Seconds} +0000";
        Write(stream, $"commit refs/made/{marks[commit.Id]}\nmark :{marks[commit.Id]}\nauthor {person}\ncommitter {person}\n");
        WriteData(stream, Encoding.UTF8.GetBytes(commit.Message));
        foreach (var (i, parent) in commit.Parents.Index())
        {
            Write(stream, $"{(i is 0 ? "from" : "merge")} :{marks[parent]}\n");
        }

        Write(stream, "deleteall\n");
        foreach (var (path, content) in commit.Files)
        {
            Write(stream, $"M 100644 inline \"{path.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"\n");
            WriteData(stream, content);
        }

        Write(stream, "\n");
    }

    private static void WriteData(MemoryStream stream, byte[] content)
    {
        Write(stream, $"data {content.Length}\n");
        stream.Write(content);
        Write(stream, "\n");
    }

    private static void Write(MemoryStream stream, string text) => stream.Write(Encoding.UTF8.GetBytes(text));

    /// <summary>The same words for what Catalog says.</summary>
    public static string Said(Contracts.V1.FileChange change)
    {
        var letter = change.Kind.ToString()[..1];
        var paths = letter is "R" ? $"{change.Before.Path} → {change.After.Path}" : (change.After ?? change.Before).Path;
        return $"{letter} {change.ModeBefore} {change.ModeAfter} {change.Before?.Oid ?? Absent} {change.After?.Oid ?? Absent} {paths}";
    }
}
