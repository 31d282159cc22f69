using System.Text;

namespace ModelGarden.Cli.Output;

/// <summary>Tables for pipes: columns apart by blanks, nothing cut, nothing drawn.</summary>
internal static class TextTables
{
    public static void Write(TextWriter writer, IReadOnlyList<string> headings, IReadOnlyList<IReadOnlyList<Cell>> rows)
    {
        var lines = rows.Select(row => row.Select(cell => Flat(cell.Text)).ToArray()).Prepend([.. headings.Select(heading => heading.ToUpperInvariant())]).ToList();
        var widths = headings.Select((_, i) => lines.Max(line => line[i].Length)).ToArray();
        foreach (var line in lines)
        {
            var text = new StringBuilder();
            for (var i = 0; i < line.Length; i++)
            {
                text.Append(line[i].PadRight(widths[i] + 2));
            }

            writer.WriteLine(text.ToString().TrimEnd());
        }
    }

    // A cell is one line, or the columns no longer tell which is which.
    private static string Flat(string text) => Plain.Clean(text).Replace('\n', ' ').Replace('\t', ' ');
}
