using ModelGarden.Search.Engines.Embedded.Columns;
using ModelGarden.Search.Engines.Embedded.Live;
using ModelGarden.Search.Engines.Embedded.Terms;
using ModelGarden.Search.Queries;

namespace ModelGarden.Search.Engines.Embedded.Matching;

/// <summary>The rows of a segment that a viewer sees: of his own tenant's repositories the insiders' views, unless they were taken down, of all others those for others.</summary>
internal static class Visible
{
    public static ulong[] To(Viewer viewer, SegmentView view, SetPool sets)
    {
        if (viewer.SeesAll)
        {
            return sets.CopyOf(view.Inside);
        }

        var visible = sets.CopyOf(view.Outside);
        var (first, end) = viewer.Tenant.Length > 0 ? view.Segment.Dictionary.BeginningWith(TermKey.OfSpellings(Field.Owner, viewer.Tenant)) : (0, 0);
        if (first < end)
        {
            Exchange(visible.AsSpan(0, view.Segment.Words), view, first, end);
        }

        return visible;
    }

    private static void Exchange(Span<ulong> visible, SegmentView view, int first, int end)
    {
        var own = new ulong[visible.Length];
        for (var term = first; term < end; term++)
        {
            view.Segment.Postings(term).AddTo(own);
        }

        Bits.AndNot(visible, own);
        var takenDown = view.Segment.Space(TermSpace.TakenDown);
        if (takenDown.First < takenDown.End)
        {
            var down = new ulong[visible.Length];
            view.Segment.Postings(takenDown.First).AddTo(down);
            Bits.AndNot(own, down);
        }

        Bits.And(own, view.Inside);
        Bits.Or(visible, own);
    }
}
