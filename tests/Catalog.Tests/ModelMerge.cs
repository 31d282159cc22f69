using System.Text;

namespace ModelGarden.Catalog.Tests;

/// <summary>Merging in its plainest words: sets of commits, and three dictionaries.</summary>
internal sealed class ModelMerge(IEnumerable<ModelCommit> commits)
{
    private const string Attributes = ".gitattributes";
    private readonly Dictionary<string, ModelCommit> _commits = commits.ToDictionary(commit => commit.Id);

    /// <summary>What both have and what nothing else that both have has behind it.</summary>
    public IReadOnlyList<string> BasesOf(string one, string other)
    {
        var common = With(one).Intersect(With(other)).ToList();
        return [.. common.Where(commit => !common.Exists(newer => newer != commit && With(newer).Contains(commit))).Order(StringComparer.Ordinal)];
    }

    /// <summary>The files that come of it, null where there is a conflict; and the paths that three different things were made of.</summary>
    public static (Dictionary<string, byte[]>? Files, HashSet<string> Conflicts) Merge(IReadOnlyList<Dictionary<string, byte[]>> bases, Dictionary<string, byte[]> ours, Dictionary<string, byte[]> theirs)
    {
        var all = bases.Select(one => Merge(one, ours, theirs)).ToList();
        var conflicts = all.SelectMany(one => one.Conflicts).ToHashSet();
        var isSame = all.TrueForAll(one => one.Files.Count == all[0].Files.Count && one.Files.All(file => Same(file.Value, all[0].Files.GetValueOrDefault(file.Key))));
        return (conflicts.Count is 0 && isSame && !Clashes(all[0].Files.Keys) ? all[0].Files : null, conflicts);
    }

    private static (Dictionary<string, byte[]> Files, HashSet<string> Conflicts) Merge(Dictionary<string, byte[]> from, Dictionary<string, byte[]> ours, Dictionary<string, byte[]> theirs)
    {
        var (files, conflicts) = (new Dictionary<string, byte[]>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        foreach (var path in from.Keys.Union(ours.Keys).Union(theirs.Keys))
        {
            var (old, mine, other) = (from.GetValueOrDefault(path), ours.GetValueOrDefault(path), theirs.GetValueOrDefault(path));
            var united = path is Attributes && mine is not null && other is not null ? Unite(old ?? [], mine, other) : null;
            var made = Same(mine, other) || Same(old, other) ? mine : Same(old, mine) ? other : united;
            if (made is not null)
            {
                files[path] = made;
            }
            else if (mine is not null || other is not null)
            {
                if (!Same(mine, other) && !Same(old, mine) && !Same(old, other))
                {
                    conflicts.Add(path);
                }
            }
        }

        return (files, conflicts);
    }

    private static byte[]? Unite(byte[] old, byte[] mine, byte[] other)
    {
        var (before, ours, theirs) = (Lines(old), Lines(mine), Lines(other));
        return before.TrueForAll(line => ours.Contains(line) && theirs.Contains(line))
            ? Encoding.UTF8.GetBytes(string.Concat(ours.Concat(theirs.Where(line => !ours.Contains(line))).Select(line => line + "\n")))
            : null;

        static List<string> Lines(byte[] content) => [.. Encoding.UTF8.GetString(content).Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    private static bool Clashes(IReadOnlyCollection<string> paths) => paths.Any(path => paths.Any(other => other.StartsWith(path + "/", StringComparison.Ordinal)));

    private static bool Same(byte[]? one, byte[]? other) => one is null ? other is null : other is not null && one.AsSpan().SequenceEqual(other);

    private HashSet<string> With(string commit)
    {
        var (all, left) = (new HashSet<string>(), new Stack<string>([commit]));
        while (left.TryPop(out var next))
        {
            if (all.Add(next))
            {
                _commits[next].Parents.ToList().ForEach(left.Push);
            }
        }

        return all;
    }
}
