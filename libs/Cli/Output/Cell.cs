namespace ModelGarden.Cli.Output;

/// <summary>What a text means, shown as a colour where there is colour.</summary>
internal enum Tone
{
    Plain,
    Good,
    Bad,
    Careful,
    Dim,
}

/// <summary>A text in a table.</summary>
internal readonly record struct Cell(string Text, Tone Tone = Tone.Plain)
{
    public static implicit operator Cell(string text) => new(text);

    public static Cell FromString(string text) => new(text);
}
