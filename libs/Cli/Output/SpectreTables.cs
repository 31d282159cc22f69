using Spectre.Console;

namespace ModelGarden.Cli.Output;

/// <summary>Tables for terminals. Apart from the rest so that Spectre is loaded only where something is drawn.</summary>
internal static class SpectreTables
{
    public static void Write(Terminal terminal, IReadOnlyList<string> headings, IReadOnlyList<IReadOnlyList<Cell>> rows)
    {
        var table = new Table().Border(TableBorder.Rounded).BorderColor(Color.Grey);
        foreach (var heading in headings)
        {
            table.AddColumn(new TableColumn(new Spectre.Console.Text(heading, new Style(decoration: Decoration.Bold))));
        }

        foreach (var row in rows)
        {
            table.AddRow(row.Select(cell => new Spectre.Console.Text(Plain.Clean(cell.Text), StyleOf(cell.Tone))));
        }

        Console(terminal, terminal.Out).Write(table);
    }

    public static IAnsiConsole Console(Terminal terminal, TextWriter writer)
    {
        var console = AnsiConsole.Create(new()
        {
            Ansi = terminal.Variable("TERM") is "dumb" ? AnsiSupport.No : AnsiSupport.Yes,
            ColorSystem = terminal.IsColourful ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.Yes,
            Out = new AnsiConsoleOutput(writer),
        });
        console.Profile.Width = terminal.Width();
        return console;
    }

    private static Style StyleOf(Tone tone) => tone switch
    {
        Tone.Good => new(Color.Green),
        Tone.Bad => new(Color.Red),
        Tone.Careful => new(Color.Yellow),
        Tone.Dim => new(Color.Grey),
        _ => Style.Plain,
    };
}
