using System.Collections.Frozen;
using System.Globalization;
using System.Text.RegularExpressions;
using AngleSharp.Html.Parser.Tokens;

namespace ModelGarden.Markdown;

/// <summary>Which attributes of an element are let through, and with which values: each is read, and written anew.</summary>
internal sealed partial class AttributeSieve(RepositoryLinks links)
{
    /// <summary>What stands before names that strangers give, so that none is one of the page's own.</summary>
    public const string Prefix = "user-content-";

    private const string Relation = "nofollow noopener noreferrer ugc";
    private const int LongestName = 200;
    private const int LongestWords = 1000;
    private const int MostCells = 1000;
    private const int MostPixels = 10_000;

    /// <summary>Those that are looked at.</summary>
    public static readonly FrozenSet<string> Names = "id name class title dir lang align style href src alt width height colspan rowspan valign span start reversed type value open checked".Split(' ').ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The attributes of an allowed element in the order in which they are written; null: without those that it has not, it is nothing.</summary>
    public IReadOnlyList<(string Name, string Value)>? Of(HtmlTagToken tag)
    {
        var kept = new List<(string, string)>();
        string? Given(string name) => tag.Attributes.Find(one => one.Name == name) is { Name.Length: > 0 } found ? found.Value ?? "" : null;
        void Keep(string name, string? value)
        {
            if (value is not null)
            {
                kept.Add((name, value));
            }
        }

        Keep("id", NameOf(Given("id") ?? (tag.Name is "a" ? Given("name") : null)));
        Keep("class", ClassesOf(tag.Name, Given("class")));
        Keep("title", Words(Given("title")));
        Keep("dir", OneOf(Given("dir"), "ltr", "rtl", "auto"));
        Keep("lang", Language().IsMatch(Given("lang") ?? "") ? Given("lang") : null);
        Keep("align", OneOf(Given("align"), "left", "center", "right", "justify") ?? OneOf(Alignment().Match(Given("style") ?? "").Groups[1].Value, "left", "center", "right", "justify"));
        switch (tag.Name)
        {
            case "a":
                Link(Given("href") ?? "", Keep);
                break;
            case "img" when links.Image(Given("src") ?? "") is { } source:
                Keep("src", source);
                Keep("alt", Words(Given("alt")));
                Keep("width", Size(Given("width")));
                Keep("height", Size(Given("height")));
                Keep("loading", "lazy");
                Keep("referrerpolicy", "no-referrer");
                break;
            case "input" when OneOf(Given("type"), "checkbox") is { } type:
                Keep("type", type);
                Keep("disabled", "");
                Keep("checked", Given("checked") is null ? null : "");
                break;
            case "img" or "input":
                return null;
            case "td" or "th":
                Keep("colspan", Number(Given("colspan"), 1, MostCells));
                Keep("rowspan", Number(Given("rowspan"), 1, MostCells));
                Keep("valign", OneOf(Given("valign"), "top", "middle", "bottom", "baseline"));
                Keep("width", Size(Given("width")));
                break;
            case "col" or "colgroup":
                Keep("span", Number(Given("span"), 1, MostCells));
                break;
            case "ol":
                Keep("start", Number(Given("start"), int.MinValue, int.MaxValue));
                Keep("type", Given("type") is "1" or "a" or "A" or "i" or "I" ? Given("type") : null);
                Keep("reversed", Given("reversed") is null ? null : "");
                break;
            case "li":
                Keep("value", Number(Given("value"), int.MinValue, int.MaxValue));
                break;
            case "details":
                Keep("open", Given("open") is null ? null : "");
                break;
        }

        return kept;
    }

    private void Link(string target, Action<string, string?> keep)
    {
        var clean = RepositoryLinks.Clean(target);
        if (clean is ['#', ..])
        {
            // A place of this very text, whose names have the prefix too.
            keep("href", Prefixed(clean[1..]) is { } name ? $"#{name}" : null);
        }
        else if (links.Link(clean) is { } address)
        {
            keep("href", address);
            keep("rel", Relation);
        }
    }

    private static string? NameOf(string? name) => name is null || name.Any(character => char.IsWhiteSpace(character) || char.IsControl(character)) ? null : Prefixed(name);

    private static string? Prefixed(string name)
    {
        var own = name.StartsWith(Prefix, StringComparison.Ordinal) ? name[Prefix.Length..] : name;
        return own.Length is 0 or > LongestName ? null : Prefix + own;
    }

    private static string? ClassesOf(string element, string? given)
    {
        var kept = (given ?? "").Split([' ', '\t', '\n', '\f'], StringSplitOptions.RemoveEmptyEntries).Where(name => AllowedHtml.Classes.Contains(name) || (element is "code" && CodeLanguage().IsMatch(name))).Distinct();
        return string.Join(' ', kept) is { Length: > 0 } classes ? classes : null;
    }

    private static string? Words(string? text) => text is null || text.Length > LongestWords ? null : text;

    private static string? OneOf(string? value, params string[] allowed) => value?.Trim().ToLowerInvariant() is { } word && allowed.Contains(word) ? word : null;

    private static string? Number(string? value, int minimum, int maximum) =>
        int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= minimum && number <= maximum ? number.ToString(CultureInfo.InvariantCulture) : null;

    private static string? Size(string? value)
    {
        var text = (value ?? "").Trim();
        var isShare = text.EndsWith('%');
        var digits = isShare ? text[..^1] : text.EndsWith("px", StringComparison.OrdinalIgnoreCase) ? text[..^2] : text;
        return Number(digits, 0, isShare ? 100 : MostPixels) is { } number ? isShare ? $"{number}%" : number : null;
    }

    [GeneratedRegex(@"^language-[A-Za-z0-9_+#.-]{1,40}\z", RegexOptions.CultureInvariant)]
    private static partial Regex CodeLanguage();

    [GeneratedRegex(@"^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8}){0,4}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Language();

    // The one thing that is read out of a style: it has an attribute that says the same.
    [GeneratedRegex(@"(?:^|;)\s{0,9}text-align\s{0,9}:\s{0,9}([a-z]{4,7})\s{0,9}(?:;|\z)", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Alignment();
}
