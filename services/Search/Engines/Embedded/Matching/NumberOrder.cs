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
    private const int RowsPerLook = 4096;
    private const int StepsPerRow = 4;
    private readonly Segment _segment = match.Segment;
    private readonly int _rankAfter = top.RankAfter(match.Segment);

    public void Collect(Work work)
    {
        if (match.Total is 0)
        {
            return;
        }

        if (sort is SortOrder.Downloads)
        {
            CollectRows(work);
        }
        else if ((long)match.Total * match.Total > (long)top.Limit * _segment.Rows)
        {
            CollectAlongOrder(work);
        }
        else
        {
            CollectMatches(work);
        }
    }

    /// <summary>Rows are numbered in this order: the matches stand in it, and what lies between them is passed over in words.</summary>
    private void CollectRows(Work work)
    {
        work.Take(_segment.Words, QueryPart.Order, QueryReader.NameOf(sort));
        var set = match.Shown.AsSpan(0, _segment.Words);
        var row = Bits.Next(set, FirstAfter(default));
        for (var taken = 0; row >= 0 && taken < top.Limit && top.Offer(CandidateOf(row)); taken++)
        {
            row = Bits.Next(set, row + 1);
        }
    }

    private void CollectAlongOrder(Work work)
    {
        var order = _segment.Order(sort);
        var place = FirstAfter(order);
        for (var (taken, steps) = (0, 0); place < _segment.Rows && taken < top.Limit; place++, steps++)
        {
            LookUp(steps, work);
            var row = RowAt(order, place);
            if (Bits.Has(match.Shown, row))
            {
                taken++;
                if (!top.Offer(CandidateOf(row)))
                {
                    return;
                }
            }
        }
    }

    private void CollectMatches(Work work)
    {
        var set = match.Shown.AsSpan(0, _segment.Words);
        var steps = 0;
        for (var row = Bits.Next(set, 0); row >= 0; row = Bits.Next(set, row + 1))
        {
            LookUp(steps++, work);
            if (IsAfter(row))
            {
                top.Offer(CandidateOf(row));
            }
        }
    }

    /// <summary>The first place in an order that is behind where the page before ended.</summary>
    private int FirstAfter(PackedInts order)
    {
        var (low, high) = (0, _segment.Rows);
        while (low < high)
        {
            var middle = (int)(((uint)low + (uint)high) / 2);
            (low, high) = IsAfter(RowAt(order, middle)) ? (low, middle) : (middle + 1, high);
        }

        return low;
    }

    private void LookUp(int rows, Work work)
    {
        if (rows % RowsPerLook is 0)
        {
            work.Take(RowsPerLook * StepsPerRow, QueryPart.Order, QueryReader.NameOf(sort));
        }
    }

    private int RowAt(PackedInts order, int place) => sort is SortOrder.Downloads ? place : (int)order[place];

    private bool IsAfter(int row) => top.IsAfter(NumberOf(row), (int)_segment.NameRanks[row], _rankAfter);

    private Candidate CandidateOf(int row) => new(NumberOf(row), _segment, row, (int)_segment.NameRanks[row]);

    private double NumberOf(int row) => sort is SortOrder.Name ? 0 : _segment.Numbers(sort)[row];
}
