namespace ModelGarden.Search.Documents;

/// <summary>
/// Cuts text into words: runs of letters and digits, in lower case. Characters of scripts that write no spaces are words each. In a document,
/// a word written with humps is found by its parts too: TinyLlama is tinyllama, tiny and llama.
/// </summary>
internal static class Words
{
    /// <summary>The different words of a text, in their order; no more than so many.</summary>
    public static IReadOnlyList<string> OfQuery(string text, int most) => Read(text, most, new HashSet<string>(StringComparer.Ordinal).Add);

    /// <summary>All words of a text, in their order, doubles included; no more than so many.</summary>
    public static List<string> InOrder(string text, int most = int.MaxValue) => Read(text, most, _ => true);

    /// <summary>How many words a text has, parts not counted.</summary>
    public static int Count(string text)
    {
        var count = 0;
        for (var reader = new WordReader(text, withParts: false); reader.MoveNext();)
        {
            count++;
        }

        return count;
    }

    /// <summary>Of a long text no more is read than is wanted.</summary>
    private static List<string> Read(string text, int most, Predicate<string> isWanted)
    {
        var words = new List<string>();
        for (var reader = new WordReader(text, withParts: false); words.Count < most && reader.MoveNext();)
        {
            var word = reader.Current.ToString().ToLowerInvariant();
            if (isWanted(word))
            {
                words.Add(word);
            }
        }

        return words;
    }
}

/// <summary>Goes from word to word, in the text's own case; with parts, the humps of a word come after it.</summary>
internal ref struct WordReader(ReadOnlySpan<char> text, bool withParts)
{
    private const int LongestWord = 64;
    private readonly ReadOnlySpan<char> _text = text;
    private ReadOnlySpan<char> _run;
    private int _runStart;
    private int _next;
    private int _part = -1;

    public ReadOnlySpan<char> Current { get; private set; }

    /// <summary>Where in the text the current word begins.</summary>
    public int Start { get; private set; }

    /// <summary>The current word is a hump of the one before it.</summary>
    public bool IsPart { get; private set; }

    public bool MoveNext() => _part >= 0 ? NextPart() : NextRun();

    private bool NextRun()
    {
        while (_next < _text.Length)
        {
            var (start, end) = (_next, _next);
            while (end < _text.Length && IsWord(_text[end]) && !IsAlone(_text[end]))
            {
                end++;
            }

            end = end == start && IsAlone(_text[start]) ? start + 1 : end;
            _next = Math.Max(end, start + 1);
            if (end > start)
            {
                Current = _run = _text[start..Math.Min(end, start + LongestWord)];
                (Start, _runStart, IsPart) = (start, start, false);
                _part = withParts && HumpAfter(0) < _run.Length ? 0 : -1;
                return true;
            }
        }

        return false;
    }

    private bool NextPart()
    {
        var end = HumpAfter(_part);
        Current = _run[_part..end];
        (Start, IsPart) = (_runStart + _part, true);
        _part = end < _run.Length ? end : -1;
        return true;
    }

    /// <summary>Where the hump that begins here ends.</summary>
    private readonly int HumpAfter(int start)
    {
        for (var i = start + 1; i < _run.Length; i++)
        {
            if (char.IsUpper(_run[i]) && char.IsLower(_run[i - 1]))
            {
                return i;
            }
        }

        return _run.Length;
    }

    private static bool IsWord(char c) => char.IsAscii(c) ? char.IsAsciiLetterOrDigit(c)
        : char.IsLetterOrDigit(c) || char.IsSurrogate(c) || char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.SpacingCombiningMark;

    // Kana and the ideographs of the first plane.
    private static bool IsAlone(char c) => c is (>= '\u3040' and <= '\u30FF') or (>= '\u3400' and <= '\u9FFF');
}
