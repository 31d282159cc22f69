using ModelGarden.Kernel;

namespace ModelGarden.Identity.Trust;

/// <summary>What a claim has to be: text, in which <c>*</c> stands for any characters, none of them too. Case counts.</summary>
internal static class ClaimPattern
{
    private const int Longest = 300;

    // So much of it has to be said that it is not everybody's.
    private const int LeastSaid = 4;
    private const int MostStars = 5;

    public static Error? Refusal(string name, string pattern) => Text.Refusal("a claim's name", name, 1, 100) ?? Text.Refusal($"claim {Text.Shorten(name)}", pattern, 1, Longest)
        ?? (pattern.Count(c => c is '*') <= MostStars ? null : Error.Invalid("BAD_CONDITION", $"claim {Text.Shorten(name)} has more than {MostStars} stars"));

    /// <summary>It tells someone from others: a mere star, or hardly more, does not.</summary>
    public static bool IsTelling(string pattern) => !pattern.Contains('*', StringComparison.Ordinal) || pattern.Count(c => c is not '*') >= LeastSaid;

    public static bool Fits(string pattern, string value)
    {
        var parts = pattern.Split('*');
        if (parts.Length is 1)
        {
            return value == pattern;
        }

        if (value.Length < parts[0].Length + parts[^1].Length || !value.StartsWith(parts[0], StringComparison.Ordinal) || !value.EndsWith(parts[^1], StringComparison.Ordinal))
        {
            return false;
        }

        // The first place where each part fits leaves the most for those behind.
        var (at, end) = (parts[0].Length, value.Length - parts[^1].Length);
        foreach (var part in parts[1..^1])
        {
            var found = value.AsSpan(at, end - at).IndexOf(part, StringComparison.Ordinal);
            if (found < 0)
            {
                return false;
            }

            at += found + part.Length;
        }

        return true;
    }
}
