using System.Text;
using System.Text.RegularExpressions;

namespace ModelGarden.Cli.Transfers;

/// <summary>A pattern of paths: <c>*</c> and <c>?</c> within a segment, <c>**</c> across them; without a slash it is about file names in any folder.</summary>
internal sealed class GlobPattern
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private readonly Regex _regex;

    // The engine without backtracking: no pattern takes long.
    public GlobPattern(string pattern) => _regex = new(ToRegex(pattern), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, Patience);

    public bool Matches(string path) => _regex.IsMatch(path);

    private static string ToRegex(string pattern)
    {
        var regex = new StringBuilder(pattern.Contains('/', StringComparison.Ordinal) ? @"\A" : @"\A(?:.*/)?");
        for (var i = 0; i < pattern.Length; i++)
        {
            var rest = pattern.AsSpan(i);
            if (rest.StartsWith("**/"))
            {
                regex.Append("(?:.*/)?");
                i += 2;
            }
            else if (rest.StartsWith("**"))
            {
                regex.Append(".*");
                i++;
            }
            else
            {
                regex.Append(pattern[i] switch { '*' => "[^/]*", '?' => "[^/]", var c => Regex.Escape(c.ToString()) });
            }
        }

        return regex.Append(@"\z").ToString();
    }
}
