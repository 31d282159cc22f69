namespace ModelGarden.Search.Tests.Engines;

/// <summary>How far two words are apart, written as plainly as can be.</summary>
internal static class SlowSpelling
{
    private const int Most = 2;
    private const int Far = 1000;

    public static bool IsNear(string word, string other) => Distance(word, other) <= (word.Length > 5 ? 2 : word.Length > 2 ? 1 : 0);

    /// <summary>Optimal string alignment; digits are never changed. More than two are far.</summary>
    public static int Distance(string word, string other) => Distance(word, other, Most);

    private static int Distance(string word, string other, int left) => (word, other) switch
    {
        _ when left < 0 => Far,
        ("", "") => 0,
        ("", _) => Step(Cost(other[0]), "", other[1..], left),
        (_, "") => Step(Cost(word[0]), word[1..], "", left),
        _ => new[]
        {
            Step(word[0] == other[0] ? 0 : Math.Max(Cost(word[0]), Cost(other[0])), word[1..], other[1..], left),
            Step(Cost(word[0]), word[1..], other, left),
            Step(Cost(other[0]), word, other[1..], left),
            word.Length > 1 && other.Length > 1 && word[0] == other[1] && word[1] == other[0] ? Step(Math.Max(Cost(word[0]), Cost(word[1])), word[2..], other[2..], left) : Far,
        }.Min(),
    };

    private static int Step(int cost, string word, string other, int left) => cost + Distance(word, other, left - cost);

    private static int Cost(char letter) => char.IsDigit(letter) ? Far : 1;
}
