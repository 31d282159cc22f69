namespace ModelGarden.Markdown;

/// <summary>A text of strangers as HTML that can stand in a page of the garden's own.</summary>
/// <param name="Html">Nothing but elements, attributes and addresses that are allowed, balanced. What was left out for its length or depth is said at its end.</param>
/// <param name="Omitted">The same, in people's words; empty: all is there.</param>
public sealed record RenderedMarkdown(string Html, IReadOnlyList<string> Omitted);
