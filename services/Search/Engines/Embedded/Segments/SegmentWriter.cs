using System.Runtime.InteropServices;
using ModelGarden.Search.Documents;
using ModelGarden.Search.Engines.Embedded.Columns;
using ModelGarden.Search.Engines.Embedded.Files;
using ModelGarden.Search.Engines.Embedded.Terms;
using ModelGarden.Search.Queries;

namespace ModelGarden.Search.Engines.Embedded.Segments;

/// <summary>
/// Writes a segment: first all rows, in the order of downloads, names and ids; then all terms, in the order of their keys; then <see cref="Finish"/>. What can be told
/// from the terms (values' columns, places of names) it makes itself.
/// </summary>
internal sealed class SegmentWriter
{
    private static readonly Field[] Fields = Enum.GetValues<Field>();
    private readonly SectionWriter _sections;
    private readonly PostingWriter _postings;
    private readonly TermDictionaryWriter _dictionary = new();
    private readonly List<ulong> _terms = [];
    private readonly int[] _spaces = new int[Segment.MostSpaces + 1];
    private readonly int _rows;
    private readonly long[] _starts;
    private readonly ulong[] _inside;
    private readonly ulong[] _outside;
    private readonly int[] _ids;
    private readonly double[][] _numbers;
    private readonly long?[] _parameters;
    private readonly int[] _nameRanks;
    private readonly List<int> _shortNameRows = [];
    private readonly List<int> _fullNameRows = [];
    private readonly StemWriter _stems = new();
    private readonly List<(int Row, int Place)>[] _values = [.. Fields.Select(_ => new List<(int, int)>())];
    private byte[] _lastId = [];
    private int _row;
    private bool _hasRows;

    public SegmentWriter(Stream stream, int rows)
    {
        _rows = rows;
        _sections = new(stream);
        _sections.Begin(Section.Version);
        _postings = new(_sections, rows);
        _starts = new long[rows + 1];
        (_inside, _outside) = (new ulong[Bits.WordsFor(rows)], new ulong[Bits.WordsFor(rows)]);
        _ids = new int[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)rows + ((uint)rows / 3) + 1)];
        _numbers = [.. Row.Sorts.Select(_ => new double[rows])];
        (_parameters, _nameRanks) = (new long?[rows], new int[rows]);
    }

    /// <param name="row">All but its terms.</param>
    /// <param name="stored">What hits show.</param>
    public void AddRow(Row row, ReadOnlySpan<byte> stored)
    {
        _sections.Write(stored);
        _starts[_row + 1] = _starts[_row] + stored.Length;
        if (row.Readership.HasFlag(Readership.Insiders))
        {
            Bits.Add(_inside, _row);
        }

        if (row.Readership.HasFlag(Readership.Others))
        {
            Bits.Add(_outside, _row);
        }

        for (var i = 0; i < _numbers.Length; i++)
        {
            _numbers[i][_row] = row.Numbers[i];
        }

        _parameters[_row] = row.Parameters;
        AddId(Segment.IdIn(stored));
        _row++;
    }

    /// <param name="key">As <see cref="TermKey"/> makes it.</param>
    /// <param name="term">What has it.</param>
    public void AddTerm(ReadOnlySpan<byte> key, TermRows term)
    {
        EndRows();
        var rows = term.Rows;
        var space = (TermSpace)key[0];
        _spaces[(int)space + 1]++;
        var place = _spaces[(int)space + 1] - 1;
        _dictionary.Add(key);
        _terms.Add(_postings.Write(term));
        if (space is TermSpace.Word)
        {
            _stems.Add(key[1..], place);
        }
        else if (space is TermSpace.ShortName)
        {
            _shortNameRows.Add(rows[0]);
        }
        else if (space is TermSpace.FullName)
        {
            _fullNameRows.Add(rows[0]);
            foreach (var row in rows)
            {
                _nameRanks[row] = place;
            }
        }
        else if (space >= TermSpace.Values)
        {
            foreach (var row in rows)
            {
                _values[space - TermSpace.Values].Add((row, place));
            }
        }
    }

    public void Finish()
    {
        EndRows();
        _sections.End(Section.Postings);
        for (var space = 0; space < Segment.MostSpaces; space++)
        {
            _spaces[space + 1] += _spaces[space];
        }

        var stems = _stems.Finish();
        _sections.Section<int>(Section.Counts, [_rows, _terms.Count, .. _spaces, stems.Length]);
        _sections.Section(Section.Stems, PackedInts.Pack<int>(stems).AsSpan());
        _sections.Section(Section.StoredStarts, PackedInts.Pack<long>(_starts).AsSpan());
        _sections.Section(Section.TermTexts, _dictionary.Texts);
        _sections.Section(Section.TermBlocks, _dictionary.Blocks);
        _sections.Section<ulong>(Section.Terms, CollectionsMarshal.AsSpan(_terms));
        _sections.Section<ulong>(Section.Inside, _inside);
        _sections.Section<ulong>(Section.Outside, _outside);
        _sections.Section<int>(Section.Ids, _ids);
        _sections.Section(Section.NameRanks, PackedInts.Pack<int>(_nameRanks).AsSpan());
        _sections.Section<int>(Section.ShortNameRows, BestRows.Write(CollectionsMarshal.AsSpan(_shortNameRows)));
        _sections.Section<int>(Section.FullNameRows, BestRows.Write(CollectionsMarshal.AsSpan(_fullNameRows)));
        var (values, slices) = RangeColumn.Write(_parameters);
        _sections.Section<long>(Section.ParameterValues, values);
        _sections.Section<ulong>(Section.ParameterSlices, slices);
        WriteOrders();
        WriteValues();
        _sections.Finish();
    }

    private void AddId(ReadOnlySpan<byte> id)
    {
        // The two rows of a repository stand together.
        if (_row > 0 && id.SequenceEqual(_lastId))
        {
            return;
        }

        _lastId = id.ToArray();
        var slot = (int)Checksum.Of(id) & (_ids.Length - 1);
        while (_ids[slot] != 0)
        {
            slot = (slot + 1) & (_ids.Length - 1);
        }

        _ids[slot] = _row + 1;
    }

    private void EndRows()
    {
        if (!_hasRows)
        {
            _hasRows = true;
            _sections.End(Section.Stored);
        }
    }

    private void WriteOrders()
    {
        var keys = new ulong[_rows];
        for (var i = 0; i < Row.Sorts.Length; i++)
        {
            var (values, places) = NumberColumn.Rank(_numbers[i]);
            _sections.Section<double>(Section.NumberValues(Row.Sorts[i]), values);
            _sections.Section(Section.NumberPlaces(Row.Sorts[i]), PackedInts.Pack<int>(places).AsSpan());
            for (var row = 0; row < _rows; row++)
            {
                keys[row] = ((ulong)(values.Length - places[row]) << 32) | (uint)_nameRanks[row];
            }

            WriteOrder(Row.Sorts[i], keys);
        }

        for (var row = 0; row < _rows; row++)
        {
            keys[row] = (uint)_nameRanks[row];
        }

        WriteOrder(SortOrder.Name, keys);
    }

    private void WriteOrder(SortOrder sort, ulong[] keys)
    {
        if (sort is not SortOrder.Downloads)
        {
            int[] rows = [.. Enumerable.Range(0, _rows)];
            Array.Sort((ulong[])keys.Clone(), rows);
            _sections.Section(Section.Order(sort), PackedInts.Pack<int>(rows).AsSpan());
        }
    }

    private void WriteValues()
    {
        foreach (var field in Fields)
        {
            var (starts, places) = ValueColumn.Write(_rows, _values[(int)field]);
            _sections.Section<byte>(Section.ValueStarts(field), starts);
            _sections.Section<byte>(Section.ValuePlaces(field), places);
        }
    }
}
