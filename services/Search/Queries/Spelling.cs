using System.Buffers;
using System.Text;

namespace ModelGarden.Search.Queries;

/// <summary>
/// Tells how far words are from one, by optimal string alignment: letters added, left out, changed, or exchanged with their neighbours. Digits are never any of that: 7b is not 8b. Words that are
/// read one after the other in their order share the work on what they have in common, and of a beginning that nothing near has, it is known at once.
/// </summary>
/// <seealso href="https://doi.org/10.1145/363958.363994">Damerau, A technique for computer detection and correction of spelling errors, 1964</seealso>
internal sealed class Spelling
{
    private const int Never = 100;
    private const int LongestText = 256;
    private readonly int[] _word;
    private readonly int _edits;
    private readonly byte[] _text = new byte[LongestText];
    private readonly int[] _letters;
    private readonly int[] _ends;
    private readonly int[][] _rows;
    private int _length;
    private int _depth;
    private bool _isDead;

    public Spelling(string word)
    {
        _word = [.. word.EnumerateRunes().Select(rune => rune.Value)];
        _edits = _word.Length switch { <= 2 => 0, <= 5 => 1, _ => 2 };
        // A word that is longer by more than the edits is too far whatever it is.
        var rows = _word.Length + _edits + 2;
        (_letters, _ends) = (new int[rows], new int[rows]);
        _rows = [.. Enumerable.Range(0, rows).Select(_ => new int[_word.Length + 1])];
        for (var i = 0; i < _word.Length; i++)
        {
            _rows[0][i + 1] = _rows[0][i] + CostOf(_word[i]);
        }
    }

    /// <summary>How far the text is that was read last; meaningless if it was not near.</summary>
    public int Distance => _rows[_depth][^1];

    /// <summary>How many bytes of the text that was read last begin nothing that is near, if it was given up.</summary>
    public int DeadBytes => _ends[_depth];

    /// <summary>It was given up before its end: nothing that begins so is near.</summary>
    public bool IsDead => _isDead;

    /// <summary>Whether this text, as UTF-8, is near.</summary>
    public bool IsNear(ReadOnlySpan<byte> text)
    {
        var shared = text.CommonPrefixLength(_text.AsSpan(0, _length));
        if (_isDead && shared >= _ends[_depth])
        {
            return false;
        }

        while (_depth > 0 && _ends[_depth] > shared)
        {
            _depth--;
        }

        text[..Math.Min(text.Length, LongestText)].CopyTo(_text);
        _length = Math.Min(text.Length, LongestText);
        _isDead = false;
        return Read(text) && Distance <= _edits;
    }

    private bool Read(ReadOnlySpan<byte> text)
    {
        for (var at = _ends[_depth]; at < text.Length; at = _ends[_depth])
        {
            if (Rune.DecodeFromUtf8(text[at..], out var rune, out var bytes) is not OperationStatus.Done || _depth + 1 == _rows.Length)
            {
                _isDead = true;
                return false;
            }

            (_letters[_depth + 1], _ends[_depth + 1]) = (rune.Value, at + bytes);
            FillRow(++_depth);
            if (_rows[_depth].Min() > _edits && _rows[_depth - 1].Min() >= _edits)
            {
                _isDead = true;
                return false;
            }
        }

        return true;
    }

    private void FillRow(int depth)
    {
        var (letter, row, above) = (_letters[depth], _rows[depth], _rows[depth - 1]);
        row[0] = above[0] + CostOf(letter);
        for (var i = 0; i < _word.Length; i++)
        {
            var change = letter == _word[i] ? 0 : Math.Max(CostOf(letter), CostOf(_word[i]));
            row[i + 1] = Math.Min(above[i] + change, Math.Min(above[i + 1] + CostOf(letter), row[i] + CostOf(_word[i])));
            if (depth > 1 && i > 0 && letter == _word[i - 1] && _letters[depth - 1] == _word[i])
            {
                row[i + 1] = Math.Min(row[i + 1], _rows[depth - 2][i - 1] + Math.Max(CostOf(letter), CostOf(_word[i])));
            }
        }
    }

    private static int CostOf(int letter) => Rune.IsDigit(new(letter)) ? Never : 1;
}
