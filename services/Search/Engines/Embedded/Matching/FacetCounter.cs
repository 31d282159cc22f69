using System.Text;
using ModelGarden.Contracts.V1;
using ModelGarden.Search.Engines.Embedded.Columns;
using ModelGarden.Search.Engines.Embedded.Segments;
using ModelGarden.Search.Engines.Embedded.Terms;
using ModelGarden.Search.Queries;

namespace ModelGarden.Search.Engines.Embedded.Matching;

/// <summary>
/// Counts a field's values in what was found, whatever their case, each shown in the spelling that comes first among what was counted. Of each segment it takes the
/// shorter way: over the rows found, or over the values, with the sets and lists of rows that have them. The values of all segments are then gone through in
/// their order, and only those that are shown become texts.
/// </summary>
internal sealed class FacetCounter(Field field, Work work) : IDisposable
{
    /// <summary>A field of more values is counted over rows.</summary>
    private const int MostValues = 4096;

    /// <summary>So many words of a set are gone through in the time of one row.</summary>
    private const int WordsPerRow = 4;
    private const int RowsPerLook = 4096;
    private const int StepsPerRow = 10;
    private const int StepsPerValue = 60;
    private readonly List<CountedTerms> _segments = [];
    private readonly PriorityQueue<Counted, Counted> _most = new(Comparer<Counted>.Create(Compare));

    public void Add(SegmentMatch match)
    {
        var segment = match.Segment;
        var rows = match.Countable(field);
        var (first, end) = segment.Space(TermKey.SpaceOf(field));
        var terms = new CountedTerms(segment, first, end);
        _segments.Add(terms);
        var cost = CostOfValues(segment, first, end);
        if (cost < Bits.Count(rows))
        {
            Take(cost);
            CountByValue(segment, rows, first, terms.Counts);
        }
        else
        {
            CountByRow(segment, rows, terms.Counts);
        }
    }

    public Facet ToFacet()
    {
        Walk();
        var facet = new Facet { Name = QueryReader.NameOf(field) };
        while (_most.TryDequeue(out var least, out _))
        {
            facet.Values.Insert(0, new FacetValue { Value = Encoding.UTF8.GetString(least.Spelling), Count = least.Count });
        }

        return facet;
    }

    public void Dispose()
    {
        foreach (var terms in _segments)
        {
            terms.Dispose();
        }
    }

    private static long CostOfValues(Segment segment, int first, int end)
    {
        long cost = end - first > MostValues ? long.MaxValue : 0;
        for (var term = first; term < end && cost < segment.Rows; term++)
        {
            var count = segment.CountOf(term);
            cost += PostingList.IsDense(count, segment.Rows) ? segment.Words / WordsPerRow : count;
        }

        return cost;
    }

    private static void CountByValue(Segment segment, ReadOnlySpan<ulong> rows, int first, Span<int> counts)
    {
        for (var i = 0; i < counts.Length; i++)
        {
            counts[i] = segment.Postings(first + i).CountIn(rows);
        }
    }

    private void CountByRow(Segment segment, ReadOnlySpan<ulong> rows, Span<int> counts)
    {
        var values = segment.Values(field);
        var steps = 0;
        for (var row = Bits.Next(rows, 0); row >= 0; row = Bits.Next(rows, row + 1))
        {
            LookUp(steps++, StepsPerRow);
            values.Count(row, counts);
        }
    }

    /// <summary>Goes through what was counted in all segments at once; the spellings of a value come one after the other.</summary>
    private void Walk()
    {
        var open = new PriorityQueue<CountedTerms, CountedTerms>(Comparer<CountedTerms>.Create((left, right) => left.Key.SequenceCompareTo(right.Key)));
        foreach (var terms in _segments)
        {
            Enqueue(open, terms);
        }

        var (first, count) = (Array.Empty<byte>(), 0L);
        for (var steps = 0; open.TryDequeue(out var terms, out _); steps++)
        {
            LookUp(steps, StepsPerValue);
            if (first.Length > 0 && !TermKey.ValueOf(terms.Key).SequenceEqual(TermKey.ValueOf(first)))
            {
                Offer(first, count);
                (first, count) = ([], 0);
            }

            first = first.Length > 0 ? first : terms.Key.ToArray();
            count += terms.Count;
            Enqueue(open, terms);
        }

        Offer(first, count);
    }

    private static void Enqueue(PriorityQueue<CountedTerms, CountedTerms> open, CountedTerms terms)
    {
        if (terms.MoveNext())
        {
            open.Enqueue(terms, terms);
        }
    }

    private void Offer(byte[] key, long count)
    {
        if (count is 0 || (_most.Count == QueryReader.MostFacetValues && count < _most.Peek().Count))
        {
            return;
        }

        var counted = new Counted(count, TermKey.SpellingIn(key).ToArray());
        _most.Enqueue(counted, counted);
        if (_most.Count > QueryReader.MostFacetValues)
        {
            _most.Dequeue();
        }
    }

    private void LookUp(int done, int stepsEach)
    {
        if (done % RowsPerLook is 0)
        {
            Take(RowsPerLook * stepsEach);
        }
    }

    private void Take(long steps) => work.Take(steps, QueryPart.Facet, QueryReader.NameOf(field));

    /// <summary>What is shown last comes first.</summary>
    private static int Compare(Counted left, Counted right) =>
        left.Count != right.Count ? left.Count.CompareTo(right.Count) : right.Spelling.AsSpan().SequenceCompareTo(left.Spelling);

    private sealed record Counted(long Count, byte[] Spelling);
}
