using ModelGarden.Search.Engines.Embedded.Segments;
using ModelGarden.Search.Engines.Embedded.Terms;
using ModelGarden.Search.Queries;

namespace ModelGarden.Search.Engines.Embedded.Matching;

/// <summary>A row that was found.</summary>
/// <param name="Number">By what it is ordered: the greatest first.</param>
/// <param name="Segment">Where it is.</param>
/// <param name="Row">Its number there.</param>
/// <param name="Rank">The place of its name there: among equals the first one comes first.</param>
internal readonly record struct Candidate(double Number, Segment Segment, int Row, int Rank);

/// <summary>The best so many of what it is offered, after a place: a heap with the last of them on top.</summary>
internal sealed class TopHits(int limit, Place? after)
{
    private readonly List<Candidate> _heap = new(Math.Min(limit, 1024));
    private readonly byte[] _afterKey = after is { } place ? TermKey.OfName(place.Name, place.Id) : [];

    public int Limit => limit;

    /// <summary>What is less than this has no chance any more.</summary>
    public double Threshold => _heap.Count < limit ? double.NegativeInfinity : _heap[0].Number;

    /// <summary>The rank from which on names of a segment come after the place, among equal numbers.</summary>
    public int RankAfter(Segment segment)
    {
        if (after is null)
        {
            return 0;
        }

        var (first, end) = segment.Space(TermSpace.FullName);
        var place = segment.Dictionary.FirstNotLess(_afterKey);
        return place - first + (place < end && segment.Dictionary.KeyAt(place).AsSpan().SequenceEqual(_afterKey) ? 1 : 0);
    }

    public bool IsAfter(double number, int rank, int rankAfter)
    {
        var order = after is { } place ? number.CompareTo(place.Number) : -1;
        return order < 0 || (order is 0 && rank >= rankAfter);
    }

    /// <summary>False: all places are taken by better ones.</summary>
    public bool Offer(Candidate candidate)
    {
        if (_heap.Count < limit)
        {
            _heap.Add(candidate);
            Rise(_heap.Count - 1);
            return true;
        }

        if (!ComesBefore(candidate, _heap[0]))
        {
            return false;
        }

        _heap[0] = candidate;
        Sink();
        return true;
    }

    /// <summary>In order.</summary>
    public List<Candidate> Sorted()
    {
        var sorted = _heap.ToList();
        sorted.Sort((left, right) => ComesBefore(left, right) ? -1 : ComesBefore(right, left) ? 1 : 0);
        return sorted;
    }

    private static bool ComesBefore(Candidate left, Candidate right)
    {
        var order = right.Number.CompareTo(left.Number);
        return order < 0 || (order is 0 && (left.Segment == right.Segment ? left.Rank < right.Rank : left.Segment.NameKey(left.Row).AsSpan().SequenceCompareTo(right.Segment.NameKey(right.Row)) < 0));
    }

    private void Rise(int at)
    {
        while (at > 0 && ComesBefore(_heap[(at - 1) / 2], _heap[at]))
        {
            (_heap[at], _heap[(at - 1) / 2]) = (_heap[(at - 1) / 2], _heap[at]);
            at = (at - 1) / 2;
        }
    }

    private void Sink()
    {
        for (int at = 0, child; (child = (at * 2) + 1) < _heap.Count; at = child)
        {
            child += child + 1 < _heap.Count && ComesBefore(_heap[child], _heap[child + 1]) ? 1 : 0;
            if (!ComesBefore(_heap[at], _heap[child]))
            {
                return;
            }

            (_heap[at], _heap[child]) = (_heap[child], _heap[at]);
        }
    }
}
