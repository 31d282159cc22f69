using System.Collections.Frozen;

namespace ModelGarden.Markdown;

/// <summary>Which elements are let through, and where they may stand; what is not named here is taken out and its content stays.</summary>
internal static class AllowedHtml
{
    /// <summary>Without content, and without an end tag.</summary>
    public static readonly FrozenSet<string> Empty = Set("br hr img input wbr col");

    /// <summary>All of them.</summary>
    public static readonly FrozenSet<string> Elements = Set(
        "a abbr b blockquote caption center cite code colgroup dd del details dfn div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 i ins kbd li mark ol p pre q rp rt ruby s samp "
        + "small span strike strong sub summary sup table tbody td tfoot th thead tr tt u ul var br hr img input wbr col");

    /// <summary>What goes with all that is in it: it is no text, or a text of another language.</summary>
    public static readonly FrozenSet<string> Foreign = Set("script style title textarea xmp iframe noembed noframes noscript template svg math object applet select datalist audio video canvas");

    /// <summary>Before these an open paragraph ends.</summary>
    public static readonly FrozenSet<string> Blocks = Set("blockquote center details div dl dd dt figcaption figure h1 h2 h3 h4 h5 h6 hr li ol p pre summary table ul");

    /// <summary>Where an element belongs, if not everywhere: the nearest of <see cref="Fences"/> around it is one of these.</summary>
    public static readonly FrozenDictionary<string, string[]> Places = new Dictionary<string, string[]>
    {
        ["li"] = ["ul", "ol"],
        ["dt"] = ["dl"],
        ["dd"] = ["dl"],
        ["tr"] = ["table", "thead", "tbody", "tfoot"],
        ["td"] = ["tr"],
        ["th"] = ["tr"],
        ["thead"] = ["table"],
        ["tbody"] = ["table"],
        ["tfoot"] = ["table"],
        ["caption"] = ["table"],
        ["colgroup"] = ["table"],
        ["col"] = ["colgroup"],
    }.ToFrozenDictionary();

    /// <summary>What an element ends that is open, when it begins itself: an author may leave these without an end.</summary>
    public static readonly FrozenDictionary<string, string[]> Ended = new Dictionary<string, string[]>
    {
        ["li"] = ["li"],
        ["dt"] = ["dt", "dd"],
        ["dd"] = ["dt", "dd"],
        ["td"] = ["td", "th", "caption", "colgroup"],
        ["th"] = ["td", "th", "caption", "colgroup"],
        ["tr"] = ["tr", "td", "th", "caption", "colgroup"],
        ["thead"] = ["thead", "tbody", "tfoot", "tr", "td", "th", "caption", "colgroup"],
        ["tbody"] = ["thead", "tbody", "tfoot", "tr", "td", "th", "caption", "colgroup"],
        ["tfoot"] = ["thead", "tbody", "tfoot", "tr", "td", "th", "caption", "colgroup"],
        ["caption"] = ["caption", "colgroup"],
        ["colgroup"] = ["caption", "colgroup"],
    }.ToFrozenDictionary();

    /// <summary>Elements that nothing inside them ends from within, but what belongs to them.</summary>
    public static readonly FrozenSet<string> Fences = Set("table thead tbody tfoot tr td th caption colgroup ul ol dl");

    /// <summary>Classes that the renderer gives and a page may have a style for; beside them <c>language-…</c> of code.</summary>
    public static readonly FrozenSet<string> Classes = Set("contains-task-list task-list-item footnotes footnote-ref footnote-back-ref");

    private static FrozenSet<string> Set(string names) => names.Split(' ').ToFrozenSet(StringComparer.Ordinal);
}
