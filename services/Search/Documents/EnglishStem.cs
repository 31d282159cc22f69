using System.Buffers;
using System.Text;

namespace ModelGarden.Search.Documents;

/// <summary>
/// The stems of English words, by which their forms are known as one: quantized, quantizes and quantization are quantiz. Of words in small letters from a to z; others, words of two letters and
/// numbers are their own stems. Apostrophes, which the algorithm knows, are in no word here.
/// </summary>
/// <seealso href="https://snowballstem.org/algorithms/english/stemmer.html">The English (Porter2) stemming algorithm, of Snowball 3.1</seealso>
internal ref struct EnglishStem
{
    private const int Shortest = 3;
    public const int Longest = 64;
    private const byte Consonant = (byte)'Y';
    private static readonly SearchValues<byte> Vowels = SearchValues.Create("aeiouy"u8);

    /// <summary>Words that the rules get wrong.</summary>
    private static readonly (byte[] Word, byte[] Stem)[] Exceptions = Changes(
        ("skis", "ski"), ("skies", "sky"), ("idly", "idl"), ("gently", "gentl"), ("ugly", "ugli"), ("early", "earli"), ("only", "onli"), ("singly", "singl"),
        ("sky", "sky"), ("news", "news"), ("howe", "howe"), ("atlas", "atlas"), ("cosmos", "cosmos"), ("bias", "bias"), ("andes", "andes"));

    /// <summary>Beginnings after which the first region begins, wherever the vowels are.</summary>
    private static readonly byte[][] Beginnings = Texts("gener", "commun", "arsen", "past", "univers", "later", "emerg", "organ", "inter");

    // The longest ones first: of all endings that a word has, the longest one counts.
    private static readonly byte[][] Doubles = Texts("bb", "dd", "ff", "gg", "mm", "nn", "pp", "rr", "tt");
    private static readonly byte[][] BeforeAnE = Texts("at", "bl", "iz");
    private static readonly byte[][] KeepEed = Texts("proc", "exc", "succ");
    private static readonly byte[][] KeepIng = Texts("inn", "out", "cann", "herr", "earr", "even");
    private static readonly byte[][] OfVerbs = Texts("ingly", "edly", "ing", "ed");

    private static readonly (byte[] Ending, byte[] By)[] Second = Changes(
        ("ization", "ize"), ("ational", "ate"), ("fulness", "ful"), ("ousness", "ous"), ("iveness", "ive"), ("tional", "tion"), ("biliti", "ble"), ("lessli", "less"), ("entli", "ent"), ("ation", "ate"),
        ("alism", "al"), ("aliti", "al"), ("ousli", "ous"), ("iviti", "ive"), ("fulli", "ful"), ("ogist", "og"), ("enci", "ence"), ("anci", "ance"), ("abli", "able"), ("izer", "ize"), ("ator", "ate"),
        ("alli", "al"), ("bli", "ble"), ("ogi", "og"), ("li", ""));

    private static readonly (byte[] Ending, byte[] By)[] Third = Changes(
        ("ational", "ate"), ("tional", "tion"), ("alize", "al"), ("icate", "ic"), ("iciti", "ic"), ("ative", ""), ("ical", "ic"), ("ness", ""), ("ful", ""));

    private static readonly byte[][] Fourth = Texts(
        "ement", "ance", "ence", "able", "ible", "ment", "ant", "ent", "ism", "ate", "iti", "ous", "ive", "ize", "ion", "al", "er", "ic");

    private readonly Span<byte> _letters;
    private int _length;
    private int _first;
    private int _second;

    private EnglishStem(Span<byte> letters)
    {
        _letters = letters;
        _length = letters.Length;
        MarkConsonants();
        MarkRegions();
    }

    private readonly ReadOnlySpan<byte> Word => _letters[.._length];

    /// <param name="word">In small letters.</param>
    public static string Of(string word)
    {
        Span<byte> letters = stackalloc byte[Longest];
        return word.Length is >= Shortest and <= Longest && Encoding.UTF8.TryGetBytes(word, letters, out var length) && HasStem(letters[..length])
            ? Encoding.UTF8.GetString(letters[..Reduce(letters[..length])])
            : word;
    }

    /// <summary>It is of English letters alone, so that it may have another stem than itself.</summary>
    public static bool HasStem(ReadOnlySpan<byte> word) => word.Length is >= Shortest and <= Longest && !word.ContainsAnyExceptInRange((byte)'a', (byte)'z');

    /// <summary>Makes a word that <see cref="HasStem"/> its stem, and says how long that is: no longer than the word.</summary>
    public static int Reduce(Span<byte> word)
    {
        foreach (var (known, itsStem) in Exceptions)
        {
            if (word.SequenceEqual(known))
            {
                itsStem.CopyTo(word);
                return itsStem.Length;
            }
        }

        var stem = new EnglishStem(word);
        stem.CutPlural();
        stem.CutVerb();
        stem.ChangeY();
        stem.Change(Second);
        stem.Change(Third);
        stem.CutFourth();
        stem.CutLast();
        word[..stem._length].Replace(Consonant, (byte)'y');
        return stem._length;
    }

    private static byte[][] Texts(params string[] texts) => [.. texts.Select(Encoding.UTF8.GetBytes)];

    private static (byte[] Ending, byte[] By)[] Changes(params (string Ending, string By)[] changes) =>
        [.. changes.Select(change => (Encoding.UTF8.GetBytes(change.Ending), Encoding.UTF8.GetBytes(change.By)))];

    private static bool IsVowel(byte letter) => Vowels.Contains(letter);

    /// <summary>A y at the beginning or behind a vowel is a consonant.</summary>
    private readonly void MarkConsonants()
    {
        for (var i = 0; i < _length; i++)
        {
            if (_letters[i] is (byte)'y' && (i is 0 || IsVowel(_letters[i - 1])))
            {
                _letters[i] = Consonant;
            }
        }
    }

    private void MarkRegions()
    {
        _first = RegionAfter(0);
        foreach (var beginning in Beginnings)
        {
            _first = Word.StartsWith(beginning) ? beginning.Length : _first;
        }

        _second = RegionAfter(_first);
    }

    /// <summary>Behind the first consonant after a vowel from here on; the word's end, if there is none.</summary>
    private readonly int RegionAfter(int start)
    {
        for (var i = start + 1; i < _length; i++)
        {
            if (!IsVowel(_letters[i]) && IsVowel(_letters[i - 1]))
            {
                return i + 1;
            }
        }

        return _length;
    }

    private readonly bool EndsWith(ReadOnlySpan<byte> ending) => Word.EndsWith(ending);

    /// <summary>The first of some endings that the word has; null: none.</summary>
    private readonly byte[]? EndingOf(byte[][] endings)
    {
        foreach (var ending in endings)
        {
            if (EndsWith(ending))
            {
                return ending;
            }
        }

        return null;
    }

    private readonly bool Is(byte[][] words, int length)
    {
        foreach (var word in words)
        {
            if (_letters[..length].SequenceEqual(word))
            {
                return true;
            }
        }

        return false;
    }

    private void Replace(int ending, ReadOnlySpan<byte> by)
    {
        by.CopyTo(_letters[(_length - ending)..]);
        _length += by.Length - ending;
    }

    private readonly bool HasVowel(int end) => _letters[..end].ContainsAny(Vowels);

    /// <summary>A consonant but w, x and y, behind a vowel behind a consonant, or behind a vowel that begins the word, or past.</summary>
    private readonly bool EndsShort(int end) => end switch
    {
        _ when _letters[..end].EndsWith("past"u8) => true,
        > 2 => !IsVowel(_letters[end - 1]) && _letters[end - 1] is not ((byte)'w' or (byte)'x' or Consonant) && IsVowel(_letters[end - 2]) && !IsVowel(_letters[end - 3]),
        2 => !IsVowel(_letters[1]) && IsVowel(_letters[0]),
        _ => false,
    };

    private void CutPlural()
    {
        if (EndsWith("sses"u8))
        {
            _length -= 2;
        }
        else if (EndsWith("ied"u8) || EndsWith("ies"u8))
        {
            _length -= _length > 4 ? 2 : 1;
        }
        else if (EndsWith("s"u8) && !EndsWith("us"u8) && !EndsWith("ss"u8) && HasVowel(_length - 2))
        {
            _length--;
        }
    }

    private void CutVerb()
    {
        var eed = EndsWith("eedly"u8) ? 5 : EndsWith("eed"u8) ? 3 : 0;
        if (eed > 0)
        {
            if (_length - eed >= _first && !Is(KeepEed, _length - eed))
            {
                Replace(eed, "ee"u8);
            }
        }
        else if (EndsWith("ying"u8) && _length is 5 && !IsVowel(_letters[0]))
        {
            Replace(4, "ie"u8);
        }
        else if (!(EndsWith("ing"u8) && Is(KeepIng, _length - 3)) && EndingOf(OfVerbs) is { } ending && HasVowel(_length - ending.Length))
        {
            _length -= ending.Length;
            EndVerb();
        }
    }

    private void EndVerb()
    {
        if (EndingOf(BeforeAnE) is not null)
        {
            Replace(0, "e"u8);
        }
        else if (EndingOf(Doubles) is not null)
        {
            _length -= _length is 3 && _letters[0] is (byte)'a' or (byte)'e' or (byte)'o' ? 0 : 1;
        }
        else if (_length == _first && EndsShort(_length))
        {
            Replace(0, "e"u8);
        }
    }

    private readonly void ChangeY()
    {
        if (_length > 2 && _letters[_length - 1] is (byte)'y' or Consonant && !IsVowel(_letters[_length - 2]))
        {
            _letters[_length - 1] = (byte)'i';
        }
    }

    private void Change((byte[] Ending, byte[] By)[] changes)
    {
        foreach (var (ending, by) in changes)
        {
            if (EndsWith(ending))
            {
                if (_length - ending.Length >= _first && MayChange(ending))
                {
                    Replace(ending.Length, by);
                }

                return;
            }
        }
    }

    private readonly bool MayChange(ReadOnlySpan<byte> ending)
    {
        var before = _length - ending.Length;
        return !(ending.SequenceEqual("ogi"u8) && _letters[before - 1] is not (byte)'l')
            && !(ending.SequenceEqual("li"u8) && !"cdeghkmnrt"u8.Contains(_letters[before - 1]))
            && !(ending.SequenceEqual("ative"u8) && before < _second);
    }

    private void CutFourth()
    {
        if (EndingOf(Fourth) is not { } ending || _length - ending.Length < _second)
        {
            return;
        }

        var before = _letters[_length - ending.Length - 1];
        _length -= ending.AsSpan().SequenceEqual("ion"u8) && before is not ((byte)'s' or (byte)'t') ? 0 : ending.Length;
    }

    private void CutLast()
    {
        var before = _length - 1;
        if (EndsWith("e"u8) && (before >= _second || (before >= _first && !EndsShort(before))))
        {
            _length--;
        }
        else if (EndsWith("ll"u8) && before >= _second)
        {
            _length--;
        }
    }
}
