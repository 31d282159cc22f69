namespace ModelGarden.Cli.Output;

/// <summary>Colour without Spectre, for a word here and there.</summary>
internal static class Ansi
{
    public const string EraseLine = "\r\u001b[K";

    public static string Paint(string text, Tone tone, bool colour) => colour && tone is not Tone.Plain ? $"\u001b[{Code(tone)}m{text}\u001b[0m" : text;

    private static int Code(Tone tone) => tone switch
    {
        Tone.Good => 32,
        Tone.Bad => 31,
        Tone.Careful => 33,
        _ => 2,
    };
}
