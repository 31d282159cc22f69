using System.Buffers;
using System.Text;
using ModelGarden.Contracts.V1;
using ModelGarden.Search.Engines.Embedded.Columns;
using ModelGarden.Search.Engines.Embedded.Segments;
using ModelGarden.Search.Engines.Embedded.Terms;
using ModelGarden.Search.Queries;

namespace ModelGarden.Search.Engines.Embedded.Matching;

/// <summary>
/// Puts what is found under its base, if that is found too: of several bases under the first by name, and under the base's own base if that is found, and so on; of those that are each other's bases, under the
/// first by name. Rows of all segments are numbered one after the other.
/// </summary>
internal sealed class Fold : IDisposable
{
    private const int None = -1;
    private const int NotLooked = 0;
    private const int StepsPerRow = 30;
    private const int StepsPerName = 3000;
    private const int RowsPerLook = 1024;
    private readonly List<SegmentMatch> _matches;
    private readonly Work _work;
    private readonly List<ulong[]> _models;
    private readonly int[] _starts;
    private readonly int[] _bases;
    private readonly int[] _walks;
    private readonly Dictionary<int, int> _counts = [];
    private int _steps;

    /// <summary>Takes what is under something out of what the matches show.</summary>
    public Fold(List<SegmentMatch> matches, Work work)
    {
        (_matches, _work, _starts) = (matches, work, new int[matches.Count + 1]);
        foreach (var (i, match) in matches.Index())
        {
            _starts[i + 1] = _starts[i] + match.Segment.Rows;
        }

        _models = matches.ConvertAll(match => match.OfKind(RepositoryKind.Model));
        (_bases, _walks) = (ArrayPool<int>.Shared.Rent(_starts[^1]), ArrayPool<int>.Shared.Rent(_starts[^1]));
        ForEachRow(FindBases());
        ForEachRow((match, row) => BreakRing(_starts[match] + row));
        ForEachRow(PutUnderItsBase);
    }

    /// <summary>How many are under a row.</summary>
    public int CountOf(Candidate candidate) => _counts.GetValueOrDefault(_starts[_matches.FindIndex(match => match.Segment == candidate.Segment)] + candidate.Row);

    public void Dispose()
    {
        ArrayPool<int>.Shared.Return(_bases);
        ArrayPool<int>.Shared.Return(_walks);
    }

    private void ForEachRow(Action<int, int> act)
    {
        foreach (var (i, match) in _matches.Index())
        {
            var rows = match.Matches.AsSpan(0, match.Segment.Words);
            for (var row = Bits.Next(rows, 0); row >= 0; row = Bits.Next(rows, row + 1))
            {
                if (_steps++ % RowsPerLook is 0)
                {
                    _work.Take(RowsPerLook * StepsPerRow, QueryPart.Fold);
                }

                act(i, row);
            }
        }
    }

    private Action<int, int> FindBases()
    {
        // Of each segment's base models what is known of them: none is found, or the row and 1.
        var known = _matches.ConvertAll(match => new int[match.Segment.Space(TermKey.SpaceOf(Field.BaseModel)) is var (first, end) ? end - first : 0]);
        return (match, row) =>
        {
            var number = _starts[match] + row;
            (_bases[number], _walks[number]) = (None, None);
            foreach (var place in _matches[match].Segment.Values(Field.BaseModel).Places(row))
            {
                ref var its = ref known[match][place];
                its = its is NotLooked ? Find(_matches[match].Segment, place) : its;
                if (its > 0 && its - 1 != number)
                {
                    _bases[number] = its - 1;
                    return;
                }
            }
        };
    }

    /// <summary>The row that is found of the model of that name, and 1: a data set may be named alike.</summary>
    private int Find(Segment segment, int place)
    {
        var key = segment.Dictionary.KeyAt(segment.Space(TermKey.SpaceOf(Field.BaseModel)).First + place);
        var name = TermKey.OfNames(Encoding.UTF8.GetString(TermKey.SpellingIn(key)).ToLowerInvariant());
        foreach (var (i, match) in _matches.Index())
        {
            _work.Take(StepsPerName, QueryPart.Fold);
            var (first, end) = match.Segment.Dictionary.BeginningWith(name);
            for (var term = first; term < end; term++)
            {
                if (match.Segment.Postings(term).NextIn(_models[i].AsSpan(0, match.Segment.Words), 0) is >= 0 and var row)
                {
                    return _starts[i] + row + 1;
                }
            }
        }

        return None;
    }

    /// <summary>Whoever is led back to where he was, was in a ring: the first of it by name is under none.</summary>
    private void BreakRing(int row)
    {
        var at = row;
        while (at is not None && _walks[at] is None)
        {
            (_walks[at], at) = (row, _bases[at]);
        }

        if (at is None || _walks[at] != row)
        {
            return;
        }

        var first = at;
        for (var other = _bases[at]; other != at; other = _bases[other])
        {
            first = NameOf(other).AsSpan().SequenceCompareTo(NameOf(first)) < 0 ? other : first;
        }

        _bases[first] = None;
    }

    private byte[] NameOf(int number)
    {
        var match = Array.FindLastIndex(_starts, start => start <= number);
        return _matches[match].Segment.NameKey(number - _starts[match]);
    }

    private void PutUnderItsBase(int match, int row)
    {
        var number = _starts[match] + row;
        if (_bases[number] is None)
        {
            return;
        }

        var top = number;
        while (_bases[top] is not None)
        {
            top = _bases[top];
        }

        // Whoever comes the same way has it shorter.
        for (var at = number; _bases[at] != top && _bases[at] is not None;)
        {
            (_bases[at], at) = (top, _bases[at]);
        }

        _counts[top] = _counts.GetValueOrDefault(top) + 1;
        _matches[match].Hide(row);
    }
}
