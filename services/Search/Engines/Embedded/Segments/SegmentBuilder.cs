using System.Runtime.InteropServices;
using System.Text;
using ModelGarden.Contracts.V1;
using ModelGarden.Search.Documents;
using ModelGarden.Search.Engines.Embedded.Terms;
using ModelGarden.Search.Queries;

namespace ModelGarden.Search.Engines.Embedded.Segments;

/// <summary>Gathers changed repositories until they are written as a segment; the newest state of each counts.</summary>
internal sealed class SegmentBuilder
{
    private const int WeightBits = 8;
    private const uint GreatestWeight = (1 << WeightBits) - 1;
    private const int MostTerms = 1 << (32 - WeightBits);

    /// <summary>Between the words of two texts, so that no phrase runs over an end.</summary>
    private const int EndOfText = -1;
    private static readonly Field[] Fields = Enum.GetValues<Field>();
    private readonly TermTable _terms = new();
    private readonly List<BuiltRow> _rows = [];
    private readonly Dictionary<string, IReadOnlyList<int>> _rowsOf = new(StringComparer.Ordinal);
    private readonly byte[] _word = new byte[1 + (4 * 64)];
    private readonly char[] _lower = new char[64];
    private readonly List<int> _words = [];
    private readonly List<(int Word, int NameWord, uint Weight)> _nameWords = [];
    private int[] _places = new int[1024];
    private uint[] _entries = new uint[1024];
    private int _length;
    private int _start;

    /// <summary>How many repositories it has.</summary>
    public int Count => _rowsOf.Count;

    /// <summary>About how much memory it takes.</summary>
    public long Size { get; private set; }

    /// <summary>There is room for another repository's terms.</summary>
    public bool HasRoom => _terms.Count < MostTerms / 2;

    /// <summary>Makes the rows of a state, which count when they are put.</summary>
    /// <exception cref="InvalidDataException">It has no id.</exception>
    /// <exception cref="InvalidOperationException">A time in it is none.</exception>
    public IReadOnlyList<int> Build(Repository state)
    {
        if (state.Id.Length is 0)
        {
            throw new InvalidDataException("a repository has no id");
        }

        var rows = new List<int>(2);
        foreach (var view in View.Of(state))
        {
            rows.Add(_rows.Count);
            _rows.Add(Build(view));
        }

        return rows;
    }

    /// <summary>Puts the rows that were made of a state in place of any older ones.</summary>
    public void Put(string id, IReadOnlyList<int> rows)
    {
        Remove(id);
        _rowsOf[id] = rows;
    }

    public bool Remove(string id)
    {
        if (!_rowsOf.Remove(id, out var rows))
        {
            return false;
        }

        foreach (var row in rows)
        {
            _rows[row] = null!;
        }

        return true;
    }

    /// <summary>Writes all as a segment.</summary>
    public void Write(Stream stream)
    {
        var rows = _rowsOf.Values.SelectMany(numbers => numbers).Select(number => _rows[number]).ToArray();
        Array.Sort(rows, Compare);
        var writer = new SegmentWriter(stream, rows.Length);
        foreach (var row in rows)
        {
            writer.AddRow(row.Row, row.Stored);
        }

        WriteTerms(writer, rows);
        writer.Finish();
    }

    private int Compare(BuiltRow left, BuiltRow right)
    {
        var order = right.Row.Numbers[0].CompareTo(left.Row.Numbers[0]);
        order = order is 0 && left.Name != right.Name ? _terms[left.Name].SequenceCompareTo(_terms[right.Name]) : order;
        return order is 0 ? left.Row.Readership.CompareTo(right.Row.Readership) : order;
    }

    private void WriteTerms(SegmentWriter writer, BuiltRow[] rows)
    {
        var ends = new int[_terms.Count + 1];
        foreach (var row in rows)
        {
            foreach (var entry in _entries.AsSpan(row.Start, row.Length))
            {
                ends[(entry >> WeightBits) + 1]++;
            }
        }

        for (var term = 0; term < _terms.Count; term++)
        {
            ends[term + 1] += ends[term];
        }

        var (numbers, weights, next) = (new int[ends[^1]], new byte[ends[^1]], ends.AsSpan(0, _terms.Count).ToArray());
        var positions = new WordPositions(_terms.Count, ends[^1]);
        foreach (var row in rows)
        {
            positions.Count(WordsOf(row));
        }

        positions.Begin();
        for (var number = 0; number < rows.Length; number++)
        {
            foreach (var entry in _entries.AsSpan(rows[number].Start, rows[number].Length))
            {
                ref var place = ref next[entry >> WeightBits];
                (numbers[place], weights[place]) = (number, (byte)entry);
                place++;
            }

            positions.Add(WordsOf(rows[number]), next);
        }

        foreach (var term in _terms.Sorted())
        {
            var (start, count) = (ends[term], ends[term + 1] - ends[term]);
            if (count > 0)
            {
                writer.AddTerm(_terms[term], new(numbers.AsSpan(start, count), weights.AsSpan(start, count), positions.CountsOf(term, start, count), positions.Of(term)));
            }
        }
    }

    private ReadOnlySpan<int> WordsOf(BuiltRow row) => CollectionsMarshal.AsSpan(_words).Slice(row.FirstWord, Math.Min(row.WordCount, TermRows.MostPositions));

    private BuiltRow Build(View view)
    {
        var (repository, stored) = (view.Repository, StoredRepository.Write(view.Repository));
        (_start, var firstWord) = (_length, _words.Count);
        var (name, shortName) = (repository.Name.ToLowerInvariant(), DocumentFields.ShortNameOf(repository));
        var nameTerm = AddTerm(TermKey.OfName(name, repository.Id), 1);
        AddTerm(TermKey.Of(TermSpace.ShortName, shortName.ToLowerInvariant()), 1);
        AddTerm(TermKey.Of(TermSpace.Kind, $"{(int)repository.Kind}"), 1);
        if (repository.Lifecycle is Lifecycle.TakenDown)
        {
            AddTerm(TermKey.Of(TermSpace.TakenDown, ""), 1);
        }

        if (DocumentFields.IsDerived(repository))
        {
            AddTerm(TermKey.Of(TermSpace.Derived, ""), 1);
        }

        AddText(shortName, DocumentFields.NameWeight(Words.Count(shortName)));
        AddNameWords(shortName);
        foreach (var (text, weight) in DocumentFields.TextsOf(repository))
        {
            AddText(text, weight);
        }

        MarkNameWords();
        foreach (var field in Fields)
        {
            foreach (var value in DocumentFields.ValuesOf(repository, field))
            {
                AddTerm(TermKey.OfValue(field, value), 1);
            }
        }

        Size += stored.Length + ((_length - _start + _words.Count - firstWord) * sizeof(uint) * 3);
        return new(new(view.Readership, [.. Row.Sorts.Select(sort => DocumentFields.NumberOf(repository, sort))], DocumentFields.ParametersOf(repository)), stored, nameTerm, _start, _length - _start, firstWord, _words.Count - firstWord);
    }

    /// <summary>Adds a text's words, and which come one after the other: parts of words, and the word of a text that has no other, are in no phrase.</summary>
    private void AddText(string text, int weight)
    {
        _word[0] = (byte)TermSpace.Word;
        var first = _words.Count;
        for (var reader = new WordReader(text, withParts: true); reader.MoveNext();)
        {
            var term = AddTerm(_word.AsSpan(0, 1 + Lower(reader.Current, _word.AsSpan(1))), weight);
            if (!reader.IsPart)
            {
                _words.Add(term);
            }
        }

        if (_words.Count - first is 1)
        {
            _words.RemoveAt(first);
        }
        else if (_words.Count > first)
        {
            _words.Add(EndOfText);
        }
    }

    /// <summary>Adds the words of a name whose text is added already.</summary>
    private void AddNameWords(string name)
    {
        _nameWords.Clear();
        for (var reader = new WordReader(name, withParts: true); reader.MoveNext();)
        {
            var key = _word.AsSpan(0, 1 + Lower(reader.Current, _word.AsSpan(1)));
            key[0] = (byte)TermSpace.Word;
            var word = _terms.Number(key);
            key[0] = (byte)TermSpace.NameWord;
            _nameWords.Add((word, AddTerm(key, 0), EntryOf(word) & GreatestWeight));
        }
    }

    /// <summary>All texts are added: what weighs more now than in the name alone is elsewhere too.</summary>
    private void MarkNameWords()
    {
        foreach (var (word, nameWord, weight) in _nameWords)
        {
            ref var entry = ref EntryOf(nameWord);
            entry = (EntryOf(word) & GreatestWeight) > weight ? (entry & ~GreatestWeight) | TermKey.ElsewhereToo : entry;
        }
    }

    /// <summary>Of a term that the row being built has.</summary>
    private ref uint EntryOf(int term) => ref _entries[_places[term] - 1];

    private int Lower(ReadOnlySpan<char> word, Span<byte> bytes)
    {
        for (var i = 0; i < word.Length; i++)
        {
            if (!char.IsAscii(word[i]))
            {
                return Encoding.UTF8.GetBytes(_lower.AsSpan(0, word.ToLowerInvariant(_lower)), bytes);
            }

            bytes[i] = (byte)(char.IsAsciiLetterUpper(word[i]) ? word[i] | 0x20 : word[i]);
        }

        return word.Length;
    }

    /// <summary>Adds weight to a term of the row that is being built; weight 0 makes it one of weight 1, however often it comes.</summary>
    private int AddTerm(ReadOnlySpan<byte> key, int weight)
    {
        var term = _terms.Number(key);
        if (term >= _places.Length)
        {
            Array.Resize(ref _places, _places.Length * 2);
        }

        // A place before the row's own is one of an earlier row; 0 is taken by none, for places are from 1 on.
        ref var place = ref _places[term];
        if (place > _start)
        {
            ref var entry = ref _entries[place - 1];
            entry = (entry & ~GreatestWeight) | Math.Min(GreatestWeight, (entry & GreatestWeight) + (uint)weight);
            return term;
        }

        if (_length == _entries.Length)
        {
            Array.Resize(ref _entries, _length * 2);
        }

        _entries[_length++] = ((uint)term << WeightBits) | (uint)Math.Max(weight, 1);
        place = _length;
        return term;
    }

    private sealed record BuiltRow(Row Row, byte[] Stored, int Name, int Start, int Length, int FirstWord, int WordCount);
}
