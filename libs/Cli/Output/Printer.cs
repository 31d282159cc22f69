using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;

namespace ModelGarden.Cli.Output;

/// <summary>What a command says: results on the output, all else beside it. In JSON a result is one document, a stream one object a line.</summary>
internal sealed class Printer(Terminal terminal, bool json)
{
    private static readonly JsonFormatter Compact = new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true));
    private static readonly JsonFormatter Indented = new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true).WithIndentation());
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public bool IsJson => json;

    private bool IsColourful => terminal.IsOutputTerminal && terminal.IsColourful;

    public static JsonNode ToNode(IMessage message) => JsonNode.Parse(Compact.Format(message))!;

    public void Json(IMessage message) => terminal.Out.WriteLine(Indented.Format(message));

    public void Json(JsonNode node) => terminal.Out.WriteLine(node.ToJsonString(Readable));

    public void JsonLine(IMessage message) => terminal.Out.WriteLine(Compact.Format(message));

    public void JsonLine(string line) => terminal.Out.WriteLine(line);

    /// <summary>A result's line.</summary>
    public void Line(string text = "") => terminal.Out.WriteLine(Shown(text));

    /// <summary>A result's piece, as it comes.</summary>
    public void Piece(string text)
    {
        terminal.Out.Write(Shown(text));
        terminal.Out.Flush();
    }

    public void Table(IReadOnlyList<string> headings, IReadOnlyList<IReadOnlyList<Cell>> rows)
    {
        if (terminal.IsOutputTerminal)
        {
            SpectreTables.Write(terminal, headings, rows);
        }
        else
        {
            TextTables.Write(terminal.Out, headings, rows);
        }
    }

    /// <summary>Names and values; what is empty is left out.</summary>
    public void Facts(params IReadOnlyList<(string Name, Cell Value)> facts)
    {
        var shown = facts.Where(fact => fact.Value.Text.Length > 0).ToList();
        var width = shown.Count > 0 ? shown.Max(fact => fact.Name.Length) + 2 : 0;
        foreach (var (name, value) in shown)
        {
            terminal.Out.WriteLine($"{Ansi.Paint(name.PadRight(width), Tone.Dim, IsColourful)}{Ansi.Paint(Plain.Clean(value.Text), value.Tone, IsColourful)}");
        }
    }

    /// <summary>Beside the result, for people.</summary>
    public void Note(string text)
    {
        if (!json)
        {
            terminal.Err.WriteLine(Plain.Clean(text));
        }
    }

    /// <summary>Beside the result, what somebody has to do before there is one: said in JSON too, to whoever reads that for him.</summary>
    public void Ask(string text, JsonObject asked) => terminal.Err.WriteLine(json ? asked.ToJsonString() : Plain.Clean(text));

    /// <summary>Beside a list that was cut, how to see the rest.</summary>
    public void NoteMore(string nextPageToken)
    {
        if (nextPageToken.Length > 0)
        {
            Note("there are more: see them with --limit");
        }
    }

    public void Fail(Error error, NextStep? next)
    {
        if (json)
        {
            var body = new JsonObject { ["error"] = new JsonObject { ["reason"] = error.Reason, ["message"] = error.Message } };
            if (error.Why.Length > 0)
            {
                body["error"]!["why"] = error.Why;
            }

            if (next is not null)
            {
                body["error"]!["next"] = next.ToString();
            }

            terminal.Err.WriteLine(body.ToJsonString());
            return;
        }

        var colour = terminal.IsErrorTerminal && terminal.IsColourful;
        terminal.Err.WriteLine($"{Ansi.Paint("error:", Tone.Bad, colour)} {Plain.Clean(error.Message)} ({Plain.Clean(error.Reason)})");
        if (error.Why.Length > 0)
        {
            terminal.Err.WriteLine($"{Ansi.Paint("why:", Tone.Dim, colour)} {Plain.Clean(error.Why)}");
        }

        // The garden's own words may have said it already.
        if (next is not null && !error.Message.Contains(next.Command, StringComparison.Ordinal))
        {
            terminal.Err.WriteLine($"{Ansi.Paint("next:", Tone.Good, colour)} {Plain.Clean(next.ToString())}");
        }
    }

    // A file gets what the garden said; a terminal does not obey it.
    private string Shown(string text) => terminal.IsOutputTerminal ? Plain.Clean(text) : text;
}
