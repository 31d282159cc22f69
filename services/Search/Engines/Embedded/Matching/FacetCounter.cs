using System.Buffers;
using System.Text;
using ModelGarden.Contracts.V1;
using ModelGarden.Search.Engines.Embedded.Columns;
using ModelGarden.Search.Engines.Embedded.Segments;
using ModelGarden.Search.Engines.Embedded.Terms;
using ModelGarden.Search.Queries;

namespace ModelGarden.Search.Engines.Embedded.Matching;

/// <summary>
/// Counts a field's values in what was found, whatever their case, each shown in the spelling that comes first among what was counted. Of each segment it takes the
/// shorter way: over the rows found, or over the values, with the sets and lists of rows that have them.
/// </summary>
internal sealed class FacetCounter(Field field)
{
    /// <summary>A field of more values is counted over rows.</summary>
    private const int MostValues = 4096;

    /// <summary>So many words of a set are gone through in the time of one row.</summary>
    private const int WordsPerRow = 4;
    private readonly Dictionary<string, (string Spelling, long Count)> _counts = new(StringComparer.Ordinal);

    public void Add(SegmentMatch match)
    {
        var segment = match.Segment;
        var rows = match.Countable(field);
        var (first, end) = segment.Space(TermKey.SpaceOf(field));
        var counts = ArrayPool<int>.Shared.Rent(end - first);
        counts.AsSpan(0, end - first).Clear();
        if (CostOfValues(segment, first, end) < Bits.Count(rows))
        {
            CountByValue(segment, rows, first, counts.AsSpan(0, end - first));
        }
        else
        {
            CountByRow(segment, rows, counts.AsSpan(0, end - first));
        }

        Add(segment, first, counts.AsSpan(0, end - first));
        ArrayPool<int>.Shared.Return(counts);
    }

    public Facet ToFacet() => new()
    {
        Name = QueryReader.NameOf(field),
        Values =
        {
            _counts.Values.OrderByDescending(value => value.Count).ThenBy(value => value.Spelling, StringComparer.Ordinal)
                .Take(QueryReader.MostFacetValues).Select(value => new FacetValue { Value = value.Spelling, Count = value.Count }),
        },
    };

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
        for (var row = Bits.Next(rows, 0); row >= 0; row = Bits.Next(rows, row + 1))
        {
            values.Count(row, counts);
        }
    }

    private void Add(Segment segment, int first, ReadOnlySpan<int> counts)
    {
        for (var i = 0; i < counts.Length; i++)
        {
            if (counts[i] > 0)
            {
                var key = segment.Dictionary.KeyAt(first + i);
                var (value, spelling) = (Encoding.UTF8.GetString(TermKey.ValueOf(key)), TermKey.SpellingOf(key));
                var (before, count) = _counts.GetValueOrDefault(value, (spelling, 0));
                _counts[value] = (string.CompareOrdinal(spelling, before) < 0 ? spelling : before, count + counts[i]);
            }
        }
    }
}
