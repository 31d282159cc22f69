using ModelGarden.Search.Engines.Embedded.Columns;
using ModelGarden.Search.Engines.Embedded.Segments;
using ModelGarden.Search.Queries;

namespace ModelGarden.Search.Engines.Embedded.Matching;

/// <summary>
/// Finds the first of a segment's matches in an order that is held: along the order, until there are enough; or if matches are so few that it would take longer, over
/// the matches.
/// </summary>
internal sealed class NumberOrder(SegmentMatch match, SortOrder sort, TopHits top)
{
    private const int StepsPerLook = 4096;
    private readonly Segment _segment = match.Segment;
    private readonly int _rankAfter = top.RankAfter(match.Segment);

    public void Collect(CancellationToken cancellationToken)
    {
        if (match.Total is 0)
        {
            return;
        }

        if (sort is SortOrder.Downloads || (long)match.Total * match.Total > (long)top.Limit * _segment.Rows)
        {
            CollectAlongOrder(cancellationToken);
        }
        else
        {
            CollectMatches(cancellationToken);
        }
    }

    private void CollectAlongOrder(CancellationToken cancellationToken)
    {
        var order = sort is SortOrder.Downloads ? default : _segment.Order(sort);
        var (low, high) = (0, _segment.Rows);
        while (low < high)
        {
            var middle = (int)(((uint)low + (uint)high) / 2);
            (low, high) = IsAfter(RowAt(order, middle)) ? (low, middle) : (middle + 1, high);
        }

        for (var taken = 0; low < _segment.Rows && taken < top.Limit; low++)
        {
            LookUp(low, cancellationToken);
            var row = RowAt(order, low);
            if (Bits.Has(match.Matches, row))
            {
                taken++;
                if (!top.Offer(CandidateOf(row)))
                {
                    return;
                }
            }
        }
    }

    private void CollectMatches(CancellationToken cancellationToken)
    {
        var set = match.Matches.AsSpan(0, _segment.Words);
        var steps = 0;
        for (var row = Bits.Next(set, 0); row >= 0; row = Bits.Next(set, row + 1))
        {
            LookUp(steps++, cancellationToken);
            if (IsAfter(row))
            {
                top.Offer(CandidateOf(row));
            }
        }
    }

    private static void LookUp(int steps, CancellationToken cancellationToken)
    {
        if (steps % StepsPerLook is 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private int RowAt(PackedInts order, int place) => sort is SortOrder.Downloads ? place : (int)order[place];

    private bool IsAfter(int row) => top.IsAfter(NumberOf(row), (int)_segment.NameRanks[row], _rankAfter);

    private Candidate CandidateOf(int row) => new(NumberOf(row), _segment, row, (int)_segment.NameRanks[row]);

    private double NumberOf(int row) => sort is SortOrder.Name ? 0 : _segment.Numbers(sort)[row];
}
