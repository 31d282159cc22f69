namespace ModelGarden.Formats.Cards;

/// <summary>One field of the form that a gated model asks a person to fill in.</summary>
/// <param name="Name">The label, which is also the key of the answer.</param>
/// <param name="Type"><c>text</c>, <c>checkbox</c>, <c>date_picker</c>, <c>country</c>, <c>ip_location</c> or <c>select</c>.</param>
/// <param name="Options">The choices of a <c>select</c>.</param>
public sealed record AccessField(string Name, string Type, IReadOnlyList<AccessOption> Options);

/// <summary>One choice of a <c>select</c>.</summary>
public sealed record AccessOption(string Label, string Value);

/// <summary>What a card's <c>extra_gated_…</c> fields ask for.</summary>
public sealed record AccessForm
{
    public string? Heading { get; init; }

    public string? Prompt { get; init; }

    public string? Description { get; init; }

    public string? ButtonContent { get; init; }

    public bool EuDisallowed { get; init; }

    public IReadOnlyList<AccessField> Fields { get; init; } = [];
}
