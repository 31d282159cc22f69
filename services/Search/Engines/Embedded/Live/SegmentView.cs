using ModelGarden.Search.Engines.Embedded.Columns;
using ModelGarden.Search.Engines.Embedded.Segments;

namespace ModelGarden.Search.Engines.Embedded.Live;

/// <summary>A segment and which of its rows are alive: those that no newer state has taken the place of. Never changes.</summary>
internal sealed class SegmentView : Shared
{
    // Null: all that the segment has.
    private readonly ulong[]? _inside;
    private readonly ulong[]? _outside;

    /// <summary>Takes over the caller's hold of the segment.</summary>
    public SegmentView(Segment segment) => Segment = segment;

    private SegmentView(Segment segment, ulong[] inside, ulong[] outside) => (Segment, _inside, _outside) = (segment, inside, outside);

    public Segment Segment { get; }

    /// <summary>Living rows that insiders see; of every repository one.</summary>
    public ReadOnlySpan<ulong> Inside => _inside is null ? Segment.Inside : _inside;

    /// <summary>Living rows that all others see.</summary>
    public ReadOnlySpan<ulong> Outside => _outside is null ? Segment.Outside : _outside;

    public bool HasDead => _inside is not null;

    /// <summary>Another view, without these rows.</summary>
    public SegmentView Without(IEnumerable<int> rows)
    {
        var (inside, outside) = (Inside.ToArray(), Outside.ToArray());
        foreach (var row in rows)
        {
            Bits.Remove(inside, row);
            Bits.Remove(outside, row);
        }

        return Of(inside, outside);
    }

    /// <summary>Another view, without the rows of a set.</summary>
    public SegmentView Without(ReadOnlySpan<ulong> dead)
    {
        var (inside, outside) = (Inside.ToArray(), Outside.ToArray());
        Bits.AndNot(inside, dead);
        Bits.AndNot(outside, dead);
        return Of(inside, outside);
    }

    public bool IsAlive(int row) => Bits.Has(Inside, row) || Bits.Has(Outside, row);

    /// <summary>The first living row from this one on; -1: none.</summary>
    public int NextAlive(int row)
    {
        var (inside, outside) = (Bits.Next(Inside, row), Bits.Next(Outside, row));
        return inside < 0 ? outside : outside < 0 ? inside : Math.Min(inside, outside);
    }

    /// <summary>The rows that are not alive.</summary>
    public ulong[] Dead()
    {
        var (dead, living) = (Alive(Segment.Inside, Segment.Outside), Alive(Inside, Outside));
        Bits.AndNot(dead, living);
        return dead;
    }

    /// <summary>The rows that are alive here and no longer in a newer view of the segment.</summary>
    public ulong[] DeadIn(SegmentView newer)
    {
        var dead = Alive(Inside, Outside);
        Bits.AndNot(dead, Alive(newer.Inside, newer.Outside));
        return dead;
    }

    public int CountAlive() => Bits.Count(Alive(Inside, Outside));

    protected override void Close() => Segment.LetGo();

    private SegmentView Of(ulong[] inside, ulong[] outside) => Segment.TryHold() ? new(Segment, inside, outside) : throw new ObjectDisposedException(nameof(SegmentView));

    private static ulong[] Alive(ReadOnlySpan<ulong> inside, ReadOnlySpan<ulong> outside)
    {
        var alive = inside.ToArray();
        Bits.Or(alive, outside);
        return alive;
    }
}
