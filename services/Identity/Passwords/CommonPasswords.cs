using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace ModelGarden.Identity.Passwords;

/// <summary>
/// The passwords that are tried first. Few of those that people use most are as long as ours have to be; what they make of them when they must be longer is known too: the same with
/// digits and signs around it, signs for letters, or the same again. So a list of words is held against what is left without all that.
/// </summary>
internal static class CommonPasswords
{
    // Words shorter than this stand in so many good passwords' ends that nothing follows from them.
    private const int ShortestWord = 3;
    private const int WordsOfAPhrase = 3;
    private const int ShortestRow = 6;
    private const string Keyboard = "qwertyuiop asdfghjkl zxcvbnm qwertzuiop yxcvbnm azertyuiop qsdfghjklm wxcvbn 1qaz2wsx3edc4rfv5tgb6yhn7ujm 1q2w3e4r5t6y7u8i9o0p abcdefghijklmnopqrstuvwxyz 01234567890123456789 98765432109876543210";
    private static readonly string[] Rows = Keyboard.Split(' ');
    private static readonly FrozenSet<string> Listed = Read().ToFrozenSet(StringComparer.Ordinal);

    /// <param name="password">As it was typed.</param>
    /// <param name="own">Words that are common to this person.</param>
    public static bool Contains(string password, IEnumerable<string> own)
    {
        var folded = Fold(password);
        var words = own.Select(Fold).Where(word => word.Length >= ShortestWord).ToHashSet(StringComparer.Ordinal);
        return IsRepeated(folded)
            || new[] { folded, Letters(folded), Trim(folded), Letters(Trim(folded)), Trim(Letters(folded)) }.Any(rest => IsMadeOf(rest, words) || (rest.Length >= ShortestRow && IsRow(rest)));
    }

    /// <summary>One to a line of <c>CommonPasswords.txt</c>, in lower case.</summary>
    private static IEnumerable<string> Read()
    {
        using var stream = typeof(CommonPasswords).Assembly.GetManifestResourceStream("CommonPasswords.txt") ?? throw new InvalidOperationException("CommonPasswords.txt is not embedded");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0)
            {
                yield return line;
            }
        }
    }

    /// <summary>One common word, or two: more of them in a row are a phrase.</summary>
    private static bool IsMadeOf(string text, HashSet<string> own)
    {
        // Of how few words each beginning of the text is made.
        var fewest = new int[text.Length + 1];
        for (var end = 1; end <= text.Length; end++)
        {
            fewest[end] = Enumerable.Range(0, end).Where(start => fewest[start] <= WordsOfAPhrase && end - start >= ShortestWord && IsWord(text[start..end], own))
                .Select(start => fewest[start] + 1).DefaultIfEmpty(int.MaxValue).Min();
        }

        return text.Length > 0 && fewest[text.Length] < WordsOfAPhrase;
    }

    private static bool IsWord(string text, HashSet<string> own) => Listed.Contains(text) || own.Contains(text);

    /// <summary>Less than a password over and over.</summary>
    private static bool IsRepeated(string text) =>
        Enumerable.Range(1, Math.Min(PasswordRule.Shortest - 1, text.Length / 2)).Any(length => text.Index().All(c => c.Item == text[c.Index % length]));

    /// <summary>Neighbours on a keyboard or in the alphabet, or two such rows.</summary>
    private static bool IsRow(string text) => Rows.Any(row => row.Contains(text, StringComparison.Ordinal))
        || Enumerable.Range(4, Math.Max(0, text.Length - 7)).Any(cut => Rows.Any(row => row.Contains(text[..cut], StringComparison.Ordinal)) && Rows.Any(row => row.Contains(text[cut..], StringComparison.Ordinal)));

    /// <summary>Without digits and signs before and behind, and without blanks and dashes between.</summary>
    private static string Trim(string text) => string.Concat(text.SkipWhile(c => !char.IsLetter(c)).Reverse().SkipWhile(c => !char.IsLetter(c)).Reverse().Where(c => c is not (' ' or '-' or '_' or '.')));

    /// <summary>With the letters that digits and signs stand for.</summary>
    private static string Letters(string text) => string.Concat(text.Select(c => c switch
    {
        '0' => 'o',
        '1' or '!' or '|' => 'i',
        '3' => 'e',
        '4' or '@' => 'a',
        '5' or '$' => 's',
        '7' => 't',
        _ => c,
    }));

    [SuppressMessage("Globalization", "CA1308", Justification = "the list is in lower case")]
    private static string Fold(string text) => text.ToLowerInvariant();
}
