namespace ModelGarden.Hub.Uploads;

/// <summary>
/// A pattern as git writes it in <c>.gitattributes</c> and <c>.gitignore</c>: with a slash it is bound to the root, without one it means a name at
/// any depth; <c>*</c>, <c>?</c> and <c>[…]</c> stay within a segment, <c>**</c> is any number of segments.
/// </summary>
internal sealed class GitPattern
{
    /// <summary>Longer patterns are no honest ones: they match nothing.</summary>
    private const int MaximumSegments = 32;

    private const string AnyDepth = "**";
    private readonly string[] _segments;

    private GitPattern(string[] segments) => _segments = segments;

    public static GitPattern Parse(string pattern)
    {
        var segments = pattern.TrimStart('/').TrimEnd('/').Split('/');
        var isBound = pattern.TrimEnd('/').Contains('/', StringComparison.Ordinal);
        return new(isBound ? segments : [AnyDepth, .. segments]);
    }

    public bool Matches(string path)
    {
        if (_segments.Length > MaximumSegments)
        {
            return false;
        }

        var names = path.Split('/');

        // reach[i]: the segments so far can stand for the first i names.
        var reach = new bool[names.Length + 1];
        reach[0] = true;
        for (var s = 0; s < _segments.Length && Array.IndexOf(reach, true) >= 0; s++)
        {
            reach = Step(_segments[s], names, reach, isLast: s == _segments.Length - 1);
        }

        return reach[^1];
    }

    private static bool[] Step(string segment, string[] names, bool[] reach, bool isLast)
    {
        var next = new bool[reach.Length];
        for (var i = 0; i < reach.Length; i++)
        {
            if (segment is AnyDepth)
            {
                // At the end "**" means everything inside, so at least one name.
                next[i] = (i > 0 && next[i - 1]) || (isLast ? i > 0 && reach[i - 1] : reach[i]);
            }
            else
            {
                next[i] = i > 0 && reach[i - 1] && MatchesName(segment, names[i - 1]);
            }
        }

        return next;
    }

    // The usual two-pointer walk: on a mismatch the last star takes one character more.
    private static bool MatchesName(string pattern, string name)
    {
        var (p, n, star, mark) = (0, 0, -1, 0);
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] is '*')
            {
                (star, mark) = (p++, n);
            }
            else if (p < pattern.Length && MatchesOne(pattern, p, name[n], out var width))
            {
                (p, n) = (p + width, n + 1);
            }
            else if (star >= 0)
            {
                (p, n) = (star + 1, ++mark);
            }
            else
            {
                return false;
            }
        }

        return pattern.AsSpan(p).Trim('*').IsEmpty;
    }

    private static bool MatchesOne(string pattern, int at, char c, out int width)
    {
        width = 1;
        switch (pattern[at])
        {
            case '?':
                return true;
            case '\\' when at + 1 < pattern.Length:
                width = 2;
                return pattern[at + 1] == c;
            case '[' when BracketLength(pattern, at) is var length and > 0:
                width = length;
                return MatchesBracket(pattern.AsSpan(at + 1, length - 2), c);
            default:
                return pattern[at] == c;
        }
    }

    private static int BracketLength(string pattern, int at)
    {
        var from = at + 1 < pattern.Length && pattern[at + 1] is '!' or '^' ? at + 2 : at + 1;
        for (var i = from; i < pattern.Length; i++)
        {
            if (pattern[i] is '[' && pattern.IndexOf(":]", i, StringComparison.Ordinal) is var end and > 0 && i + 1 < pattern.Length && pattern[i + 1] is ':')
            {
                i = end + 1;
            }
            else if (pattern[i] is ']' && i > from)
            {
                return i - at + 1;
            }
        }

        return 0;
    }

    private static bool MatchesBracket(ReadOnlySpan<char> set, char c)
    {
        var negated = set is ['!' or '^', ..];
        set = negated ? set[1..] : set;
        var found = false;
        for (var i = 0; i < set.Length && !found; i++)
        {
            if (set[i..].StartsWith("[:", StringComparison.Ordinal) && set[i..].IndexOf(":]") is var end and > 0)
            {
                found = IsOfClass(set.Slice(i + 2, end - 2), c);
                i += end + 1;
            }
            else if (i + 2 < set.Length && set[i + 1] is '-')
            {
                found = c >= set[i] && c <= set[i + 2];
                i += 2;
            }
            else
            {
                found = set[i] == c;
            }
        }

        return found != negated;
    }

    private static bool IsOfClass(ReadOnlySpan<char> name, char c) => name switch
    {
        "space" => char.IsWhiteSpace(c),
        "digit" => char.IsAsciiDigit(c),
        "alpha" => char.IsAsciiLetter(c),
        "alnum" => char.IsAsciiLetterOrDigit(c),
        "upper" => char.IsAsciiLetterUpper(c),
        "lower" => char.IsAsciiLetterLower(c),
        _ => false,
    };
}
