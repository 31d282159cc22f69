using ModelGarden.Search.Engines.Embedded.Columns;
using ModelGarden.Search.Engines.Embedded.Live;
using ModelGarden.Search.Engines.Embedded.Segments;
using ModelGarden.Search.Engines.Embedded.Terms;
using ModelGarden.Search.Queries;

namespace ModelGarden.Search.Engines.Embedded.Matching;

/// <summary>
/// Finds the names that begin as typed, with their owner or without, those most in demand first. The names of a range are gone through in the order of their best rows
/// (<see cref="BestRows"/>), so few are looked at, however many begin so.
/// </summary>
internal sealed class NameCompletion(Snapshot snapshot, Viewer viewer)
{
    private readonly PriorityQueue<(int Level, int Index), int> _queue = new();

    public IReadOnlyList<string> Find(string beginning, int limit)
    {
        using var sets = new SetPool();
        var top = new TopHits(limit, null);
        foreach (var view in snapshot.Views)
        {
            var (visible, seen) = (Visible.To(viewer, view, sets), new HashSet<int>());
            Collect(view.Segment, TermSpace.ShortName, view.Segment.BestShortNames, beginning, visible, seen, top);
            Collect(view.Segment, TermSpace.FullName, view.Segment.BestFullNames, beginning, visible, seen, top);
        }

        return [.. top.Sorted().Select(candidate => candidate.Segment.Repository(candidate.Row).Name)];
    }

    private void Collect(Segment segment, TermSpace space, BestRows best, string beginning, ulong[] visible, HashSet<int> seen, TopHits top)
    {
        var start = segment.Space(space).First;
        var (first, end) = segment.Dictionary.BeginningWith(TermKey.Of(space, beginning.ToLowerInvariant()));
        (first, end) = (first - start, end - start);
        best.Begin(_queue, first, end);
        for (var taken = 0; taken < top.Limit && best.Next(_queue, first, end, out var from) is >= 0 and var name;)
        {
            var row = segment.Postings(start + name).NextIn(visible, from);
            if (row == from)
            {
                taken++;
                var isWanted = !seen.Add(row) || top.Offer(new(segment.Numbers(SortOrder.Downloads)[row], segment, row, (int)segment.NameRanks[row]));
                taken = isWanted ? taken : top.Limit;
                row = segment.Postings(start + name).NextIn(visible, from + 1);
            }

            if (row >= 0)
            {
                _queue.Enqueue((0, name), row);
            }
        }
    }
}
