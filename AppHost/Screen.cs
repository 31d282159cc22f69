namespace ModelGarden.AppHost;

/// <summary>The few lines that a garden prints of itself: coloured on a terminal, plain elsewhere and where NO_COLOR is set.</summary>
internal sealed class Screen
{
    private readonly TextWriter _out = Console.Out;
    private readonly bool _colour = !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    public void Title(string text) => Write(_out, "1;32", text);

    public void Line(string text = "") => _out.WriteLine(text);

    public void Fact(string name, string value) => _out.WriteLine($"  {Paint("2", name.PadRight(10))} {value}");

    public void Command(string text) => _out.WriteLine($"  {Paint("36", text)}");

    public void Warning(string text) => Write(_out, "33", text);

    public void Failure(string text) => Write(Console.Error, "31", text);

    private void Write(TextWriter to, string style, string text) => to.WriteLine(Paint(style, text));

    private string Paint(string style, string text) => _colour ? $"\e[{style}m{text}\e[0m" : text;
}
