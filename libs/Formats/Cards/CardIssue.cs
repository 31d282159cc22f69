namespace ModelGarden.Formats.Cards;

public enum CardSeverity
{
    /// <summary>The field is kept as far as it can be; somebody should look at it.</summary>
    Warning,

    /// <summary>The field, or the whole front matter, cannot be used.</summary>
    Error,
}

/// <summary>Something wrong in a card.</summary>
/// <param name="Severity">Whether the value is usable.</param>
/// <param name="Line">From 1, in the whole file.</param>
/// <param name="Column">From 1.</param>
/// <param name="Field">The path of the field, such as <c>model-index[0].results</c>; empty when it is none in particular.</param>
/// <param name="Message">For people: lowercase, no full stop.</param>
public sealed record CardIssue(CardSeverity Severity, int Line, int Column, string Field, string Message);
