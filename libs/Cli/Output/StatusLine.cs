namespace ModelGarden.Cli.Output;

/// <summary>What is going on, beside the result: one line that changes on a terminal, a line for each change elsewhere, nothing in JSON.</summary>
internal sealed class StatusLine(Terminal terminal, bool silent) : IDisposable
{
    private string _shown = "";

    public void Show(string text)
    {
        var line = Plain.Clean(text).Replace('\n', ' ').Replace('\t', ' ');
        if (silent || line == _shown)
        {
            return;
        }

        _shown = line;
        if (terminal.IsErrorTerminal)
        {
            var width = terminal.Width() - 1;
            terminal.Err.Write(Ansi.EraseLine + (line.Length > width ? line[..width] : line));
            terminal.Err.Flush();
        }
        else
        {
            terminal.Err.WriteLine(line);
        }
    }

    /// <summary>Takes the line away; what came meanwhile is said by the result.</summary>
    public void Dispose()
    {
        if (!silent && terminal.IsErrorTerminal && _shown.Length > 0)
        {
            terminal.Err.Write(Ansi.EraseLine);
            terminal.Err.Flush();
        }

        _shown = "";
    }
}
