namespace ModelGarden.Hub.Uploads;

/// <summary>The rules of a <c>.gitignore</c>.</summary>
internal sealed class GitIgnore
{
    private const int MaximumRules = 1000;
    private readonly List<Rule> _rules = [];

    public static GitIgnore Parse(string text)
    {
        var ignore = new GitIgnore();
        foreach (var line in text.Split('\n').Select(line => line.TrimEnd('\r', ' ', '\t')).Where(line => line.Length > 0 && line[0] is not '#').Take(MaximumRules))
        {
            var isException = line[0] is '!';
            var pattern = isException ? line[1..] : line;
            if (pattern.Trim('/').Length > 0)
            {
                ignore._rules.Add(new(GitPattern.Parse(pattern), isException, pattern[^1] is '/'));
            }
        }

        return ignore;
    }

    /// <summary>The file, or a folder above it, is ignored; what is in an ignored folder cannot be taken back.</summary>
    public bool Ignores(string path)
    {
        if (_rules.Count is 0)
        {
            return false;
        }

        for (var slash = path.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = path.IndexOf('/', slash + 1))
        {
            if (Verdict(path[..slash], isFolder: true))
            {
                return true;
            }
        }

        return Verdict(path, isFolder: false);
    }

    private bool Verdict(string path, bool isFolder) =>
        _rules.FindLast(rule => (isFolder || !rule.FoldersOnly) && rule.Pattern.Matches(path)) is { IsException: false };

    private sealed record Rule(GitPattern Pattern, bool IsException, bool FoldersOnly);
}
