using System.Text;

namespace ModelGarden.Catalog.Commits;

/// <summary>
/// The <c>.gitattributes</c> that tell git and git-lfs which files are large. Knows the two kinds of pattern that clients write: a path, and
/// <c>*</c> with an ending; a line that says less or more than that is left alone.
/// </summary>
internal sealed class GitAttributes
{
    public const string FileName = ".gitattributes";
    private const string Attributes = "filter=lfs diff=lfs merge=lfs -text";
    private readonly HashSet<string> _paths = new(StringComparer.Ordinal);
    private readonly HashSet<string> _rooted = new(StringComparer.Ordinal);
    private readonly HashSet<string> _endings = new(StringComparer.Ordinal);
    private readonly StringBuilder _text;

    public GitAttributes(string text)
    {
        _text = new(text);
        foreach (var line in text.Split('\n'))
        {
            var words = line.Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 1 && words.Skip(1).Contains("filter=lfs"))
            {
                Remember(words[0]);
            }
        }
    }

    public override string ToString() => _text.ToString();

    /// <summary>Adds a line for a large file that none covers yet; true: it did.</summary>
    public bool Cover(FilePath path)
    {
        var pattern = PatternOf(path.Value);
        if (_paths.Contains(pattern) || _rooted.Contains(pattern) || _paths.Contains(PatternOf(path.FileName)) || IsEndingCovered(path.FileName))
        {
            return false;
        }

        if (_text.Length > 0 && _text[^1] is not '\n')
        {
            _text.Append('\n');
        }

        _text.Append(pattern).Append(' ').Append(Attributes).Append('\n');
        _paths.Add(pattern);
        return true;
    }

    private void Remember(string pattern)
    {
        if (pattern is ['*', .. var ending] && ending.AsSpan().IndexOfAny("*?[\\/") < 0)
        {
            _endings.Add(ending);
        }
        else
        {
            // Without a slash it matches in every folder, with one from the root on.
            (pattern.StartsWith('/') ? _rooted : _paths).Add(pattern.TrimStart('/'));
        }
    }

    // "*" covers everything, "*.gz" the endings of the name from each of its dots on.
    private bool IsEndingCovered(string name)
    {
        if (_endings.Contains(""))
        {
            return true;
        }

        for (var dot = name.IndexOf('.', StringComparison.Ordinal); dot >= 0; dot = name.IndexOf('.', dot + 1))
        {
            if (_endings.Contains(name[dot..]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A path as a pattern that matches it alone; blanks the way git-lfs writes them.</summary>
    private static string PatternOf(string path)
    {
        var pattern = new StringBuilder(path.Length);
        foreach (var (i, c) in path.Index())
        {
            pattern.Append(c switch
            {
                ' ' => "[[:space:]]",
                '*' or '?' or '[' => $"[{c}]",
                '#' or '"' when i is 0 => $"[{c}]",
                '!' when i is 0 => "\\!",
                _ => c.ToString(),
            });
        }

        return pattern.ToString();
    }
}
