using System.Collections.Frozen;

namespace ModelGarden.Markdown;

/// <summary>
/// The elements that are open, outermost first. Keeps what is written balanced and in its place, much as a browser would put it, but in one pass over the tags and with nothing opened again: what a
/// stranger leaves open or crosses costs him no more than he wrote.
/// </summary>
internal sealed class OpenElements(Action<string> write)
{
    /// <summary>How deep elements may lie in one another.</summary>
    public const int MaximumDepth = 64;

    private static readonly FrozenSet<string> OfTables = new[] { "table", "thead", "tbody", "tfoot", "tr", "td", "th", "caption", "colgroup" }.ToFrozenSet(StringComparer.Ordinal);
    private static readonly FrozenSet<string> OfLists = new[] { "li", "dt", "dd" }.ToFrozenSet(StringComparer.Ordinal);
    private static readonly FrozenSet<string> Itself = new[] { "a" }.ToFrozenSet(StringComparer.Ordinal);
    private static readonly FrozenSet<string> Paragraph = new[] { "p" }.ToFrozenSet(StringComparer.Ordinal);
    private readonly List<string> _names = [];

    public bool IsDeep => _names.Count >= MaximumDepth;

    /// <summary>Ends what cannot go on when an element begins; false: it does not belong here.</summary>
    public bool MakeRoom(string name)
    {
        if (AllowedHtml.Blocks.Contains(name))
        {
            EndAnyOf(Paragraph);
        }

        if (AllowedHtml.Ended.GetValueOrDefault(name) is { } ended)
        {
            EndAnyOf(ended);
        }

        if (name is "a")
        {
            EndAnyOf(Itself);
        }

        if (AllowedHtml.Places.GetValueOrDefault(name) is not { } places)
        {
            return true;
        }

        var fence = _names.FindLastIndex(AllowedHtml.Fences.Contains);
        if (fence < 0 || !places.Contains(_names[fence]))
        {
            return false;
        }

        EndFrom(fence + 1);
        return true;
    }

    public void Begin(string name) => _names.Add(name);

    /// <summary>Ends an element with what is open in it; nothing where none of that name can be ended from here.</summary>
    public void End(string name)
    {
        var at = _names.FindLastIndex(open => open == name || IsWall(open, name));
        if (at >= 0 && _names[at] == name)
        {
            EndFrom(at);
        }
    }

    public void EndAll() => EndFrom(0);

    private static bool IsWall(string open, string ended) =>
        OfTables.Contains(ended) ? open is "table" : OfLists.Contains(ended) ? AllowedHtml.Fences.Contains(open) : OfTables.Contains(open);

    /// <summary>Ends the outermost of these on this side of the nearest fence.</summary>
    private void EndAnyOf(IReadOnlyCollection<string> names)
    {
        var outermost = -1;
        for (var at = _names.Count - 1; at >= 0 && (names.Contains(_names[at]) || !AllowedHtml.Fences.Contains(_names[at])); at--)
        {
            outermost = names.Contains(_names[at]) ? at : outermost;
        }

        if (outermost >= 0)
        {
            EndFrom(outermost);
        }
    }

    private void EndFrom(int from)
    {
        for (var at = _names.Count - 1; at >= from; at--)
        {
            write($"</{_names[at]}>");
        }

        _names.RemoveRange(from, _names.Count - from);
    }
}
