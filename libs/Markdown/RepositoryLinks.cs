namespace ModelGarden.Markdown;

/// <summary>Where a text's links and images lead: relative ones into a revision of a repository and never out of it, others only to where browsers may be sent.</summary>
/// <param name="Page">The repository's page from the garden's root, such as <c>/acme/llama</c> or <c>/datasets/acme/texts</c>.</param>
/// <param name="Revision">The commit, branch or tag in which relative ones are looked up.</param>
public sealed record RepositoryLinks(string Page, string Revision)
{
    /// <summary>The longest address that is kept.</summary>
    public const int MaximumLength = 2048;

    private static readonly string[] Linked = ["http", "https", "mailto"];
    private static readonly string[] Shown = ["https"];
    private static readonly string[] Views = ["blob", "resolve", "raw"];

    /// <summary>The address of a link; null: it is none that anybody should be sent to.</summary>
    internal string? Link(string target) => Resolve(target, "blob", Linked);

    /// <summary>The address of an image; null: it is none that a page should load.</summary>
    internal string? Image(string target) => Resolve(target, "resolve", Shown);

    /// <summary>As browsers read an address: they pass over control characters and blanks around it, and some wherever they stand.</summary>
    internal static string Clean(string target) => string.Concat(target.Where(character => !char.IsControl(character))).Trim(' ');

    private string? Resolve(string target, string view, string[] schemes)
    {
        var text = Clean(target);
        if (text.Length is 0 or > MaximumLength)
        {
            return null;
        }

        // A browser takes a backslash for a slash.
        if (text is ['/' or '\\', '/' or '\\', ..])
        {
            text = $"https://{text[2..]}";
        }

        var address = SchemeOf(text) is { } scheme ? Absolute(text, scheme, schemes) : Relative(text, view);
        return address?.Length <= MaximumLength ? address : null;
    }

    // Whatever stands before a colon counts as one: a file with a colon in its name is written './a:b'.
    private static string? SchemeOf(string text) => text.IndexOfAny([':', '/', '\\', '?', '#']) is >= 0 and var end && text[end] is ':' ? text[..end].ToLowerInvariant() : null;

    private static string? Absolute(string text, string scheme, string[] schemes)
    {
        var rest = text[(scheme.Length + 1)..];
        // 'https:a' is a path of this very garden to a browser.
        var isWhole = scheme is "mailto" ? rest.Length > 0 : rest is ['/', '/', not ('/' or '\\'), ..];
        return isWhole && schemes.Contains(scheme) && Uri.TryCreate(text, UriKind.Absolute, out _) ? text : null;
    }

    private string? Relative(string text, string view)
    {
        var end = text.IndexOfAny(['?', '#']);
        var fragment = text.IndexOf('#', StringComparison.Ordinal) is >= 0 and var hash ? text[(hash + 1)..] : "";
        var path = PathOf(end < 0 ? text : text[..end]);
        return path is null or "" ? null : $"{RootOf(view)}{path}{(fragment.Length > 0 ? $"#{Escaped(fragment)}" : "")}";
    }

    private string RootOf(string view) => $"{Page}/{view}/{Uri.EscapeDataString(Revision)}/";

    /// <summary>A path of the revision, from its root; null: it leads out of it.</summary>
    private string? PathOf(string text)
    {
        // What leads here already stays as it is.
        var root = Views.Select(RootOf).FirstOrDefault(root => text.StartsWith(root, StringComparison.Ordinal)) ?? "";
        var kept = new List<string>();
        foreach (var segment in Uri.UnescapeDataString(text[root.Length..]).Replace('\\', '/').Split('/'))
        {
            switch (segment)
            {
                case "" or ".":
                    break;
                case ".." when kept.Count is 0:
                    return null;
                case "..":
                    kept.RemoveAt(kept.Count - 1);
                    break;
                default:
                    kept.Add(segment);
                    break;
            }
        }

        return kept.Exists(segment => segment.Any(char.IsControl)) ? null : string.Join('/', kept.Select(Uri.EscapeDataString));
    }

    private static string Escaped(string fragment) => Uri.EscapeDataString(Uri.UnescapeDataString(fragment));
}
