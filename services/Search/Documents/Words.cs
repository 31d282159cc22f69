namespace ModelGarden.Search.Documents;

/// <summary>
/// Cuts text into words: runs of letters and digits, in lower case. Characters of scripts that write no spaces are words each. In a document,
/// a word written with humps is found by its parts too: TinyLlama is tinyllama, tiny and llama.
/// </summary>
internal static class Words
{
    private const int LongestWord = 64;

    public static IReadOnlyList<string> OfQuery(string text) => [.. Runs(text).Select(run => Lower(text[run])).Distinct()];

    public static IEnumerable<string> OfDocument(string text)
    {
        foreach (var run in Runs(text))
        {
            var word = text[run];
            yield return Lower(word);
            foreach (var part in Parts(word))
            {
                yield return Lower(part);
            }
        }
    }

    private static IEnumerable<Range> Runs(string text)
    {
        for (var start = 0; start < text.Length;)
        {
            var end = start;
            while (end < text.Length && IsWord(text[end]) && !IsAlone(text[end]))
            {
                end++;
            }

            end = end == start && IsAlone(text[start]) ? start + 1 : end;
            if (end > start)
            {
                yield return start..Math.Min(end, start + LongestWord);
            }

            start = Math.Max(end, start + 1);
        }
    }

    /// <summary>The humps of a word; none when it has only one.</summary>
    private static IEnumerable<string> Parts(string word)
    {
        var start = 0;
        for (var i = 1; i < word.Length; i++)
        {
            if (char.IsUpper(word[i]) && char.IsLower(word[i - 1]))
            {
                yield return word[start..i];
                start = i;
            }
        }

        if (start > 0)
        {
            yield return word[start..];
        }
    }

    private static bool IsWord(char c) => char.IsLetterOrDigit(c) || char.IsSurrogate(c) || char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.SpacingCombiningMark;

    // Kana and the ideographs of the first plane.
    private static bool IsAlone(char c) => c is (>= '\u3040' and <= '\u30FF') or (>= '\u3400' and <= '\u9FFF');

    private static string Lower(string word) => word.ToLowerInvariant();
}
