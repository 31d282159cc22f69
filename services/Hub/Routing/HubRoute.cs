namespace ModelGarden.Hub.Routing;

/// <summary>One operation of the protocol.</summary>
/// <param name="Methods">Verbs, separated by spaces.</param>
/// <param name="Pattern">
/// Segments: literal text; <c>{name}</c> one segment; <c>{name}.git</c> one with that ending; <c>{kind}</c> and <c>{prefix}</c> the kinds of
/// repository as the API and as file URLs write them; <c>{*name}</c> all that is left, slashes included.
/// </param>
/// <param name="Handle">Answers, or throws an <see cref="Kernel.ErrorException"/> that the router answers in the protocol's words.</param>
internal sealed record HubRoute(string Methods, string Pattern, Func<HubRequest, Task> Handle)
{
    private readonly string[] _segments = Pattern.TrimStart('/').Split('/');
    private readonly HashSet<string> _methods = [.. Methods.Split(' ')];

    /// <summary>How many segments are literal: of two patterns that fit, the more literal one is meant.</summary>
    public int Weight { get; } = Pattern.Split('/').Count(segment => segment.Length > 0 && segment[0] is not '{');

    public IReadOnlySet<string> Verbs => _methods;

    /// <summary>The path names a repository whole.</summary>
    public bool NamesRepository { get; } = Pattern.Contains("/{ns}/{name}", StringComparison.Ordinal);

    /// <summary>The same raw path with another repository in it.</summary>
    public string PathOf(IReadOnlyList<string> rawPath, string ns, string name) => string.Join('/', rawPath.Select((segment, i) =>
        i >= _segments.Length ? segment
        : _segments[i] is "{ns}" ? ns
        : _segments[i].StartsWith("{name}", StringComparison.Ordinal) ? name + _segments[i]["{name}".Length..]
        : segment));

    /// <summary>The values of the pattern's names, or null if the path is not of this pattern.</summary>
    public Dictionary<string, string>? Match(IReadOnlyList<string> path)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < _segments.Length; i++)
        {
            if (_segments[i].StartsWith("{*", StringComparison.Ordinal))
            {
                return TakeRest(path, i, values);
            }

            if (i >= path.Count || !Take(_segments[i], path[i], values))
            {
                return null;
            }
        }

        return path.Count == _segments.Length ? values : null;
    }

    private Dictionary<string, string>? TakeRest(IReadOnlyList<string> path, int from, Dictionary<string, string> values)
    {
        var rest = string.Join('/', path.Skip(from));
        values[_segments[from][2..^1]] = rest;
        return rest.Length > 0 ? values : null;
    }

    private static bool Take(string pattern, string segment, Dictionary<string, string> values)
    {
        if (pattern.Length is 0 || pattern[0] is not '{')
        {
            return pattern == segment;
        }

        var close = pattern.IndexOf('}', StringComparison.Ordinal);
        var (name, ending) = (pattern[1..close], pattern[(close + 1)..]);
        if (segment.Length <= ending.Length || !segment.EndsWith(ending, StringComparison.Ordinal))
        {
            return false;
        }

        values[name] = segment[..^ending.Length];
        return name is not "kind" || Kinds.FromApi(segment) is not null;
    }
}
