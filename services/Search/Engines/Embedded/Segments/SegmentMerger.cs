using ModelGarden.Search.Engines.Embedded.Columns;
using ModelGarden.Search.Engines.Embedded.Live;
using ModelGarden.Search.Engines.Embedded.Terms;
using ModelGarden.Search.Queries;

namespace ModelGarden.Search.Engines.Embedded.Segments;

/// <summary>Writes what is alive in some segments as one.</summary>
internal sealed class SegmentMerger
{
    private readonly IReadOnlyList<SegmentView> _sources;
    private readonly TermWalk _walk;
    private readonly int[][] _nameRanks;
    private readonly List<(int Source, int Row)> _rows = [];
    private readonly GatheredRows _gathered;
    private readonly uint[] _counts = new uint[PostingBlock.Size];
    private uint[] _positions = new uint[PostingBlock.Size];

    public SegmentMerger(IReadOnlyList<SegmentView> sources)
    {
        _sources = sources;
        _walk = new(sources);
        NewRows = [.. sources.Select(source => new int[source.Segment.Rows])];
        _nameRanks = [.. sources.Select(source => new int[source.Segment.Space(TermSpace.FullName).End - source.Segment.Space(TermSpace.FullName).First])];
        RankNames();
        OrderRows();
        _gathered = new(_rows.Count);
    }

    /// <summary>Of each source, where each row went; -1: it was not alive.</summary>
    public int[][] NewRows { get; }

    public int Rows => _rows.Count;

    public void Write(Stream stream)
    {
        var writer = new SegmentWriter(stream, _rows.Count);
        foreach (var (source, row) in _rows)
        {
            var segment = _sources[source].Segment;
            writer.AddRow(new(segment.ReadershipOf(row), [.. Row.Sorts.Select(sort => segment.Numbers(sort)[row])], segment.Parameters[row]), segment.Stored(row).Span);
        }

        _walk.Begin(segment => (0, segment.Terms));
        while (_walk.MoveNext())
        {
            Gather();
            if (_gathered.Count > 0)
            {
                writer.AddTerm(_walk.Key, _gathered.Term);
            }
        }

        writer.Finish();
    }

    /// <summary>Numbers the names of all sources in their common order.</summary>
    private void RankNames()
    {
        _walk.Begin(segment => segment.Space(TermSpace.FullName));
        for (var rank = 0; _walk.MoveNext(); rank++)
        {
            foreach (var source in _walk.Matching)
            {
                _nameRanks[source][_walk.PlaceIn(source) - _sources[source].Segment.Space(TermSpace.FullName).First] = rank;
            }
        }
    }

    private void OrderRows()
    {
        var queue = new PriorityQueue<(int Source, int Row), (double Downloads, int Rank, int Row)>();
        for (var source = 0; source < _sources.Count; source++)
        {
            NewRows[source].AsSpan().Fill(-1);
            Enqueue(queue, source, 0);
        }

        while (queue.TryDequeue(out var next, out _))
        {
            NewRows[next.Source][next.Row] = _rows.Count;
            _rows.Add(next);
            Enqueue(queue, next.Source, next.Row + 1);
        }
    }

    private void Enqueue(PriorityQueue<(int Source, int Row), (double Downloads, int Rank, int Row)> queue, int source, int from)
    {
        var view = _sources[source];
        var row = view.NextAlive(from);
        if (row >= 0)
        {
            queue.Enqueue((source, row), (-view.Segment.Numbers(SortOrder.Downloads)[row], _nameRanks[source][(int)view.Segment.NameRanks[row]], row));
        }
    }

    /// <summary>The postings of the walk's term in all sources, by their new rows, as far as they are alive.</summary>
    private void Gather()
    {
        _gathered.Clear();
        var contributors = 0;
        foreach (var source in _walk.Matching)
        {
            var before = _gathered.Count;
            Gather(source);
            contributors += _gathered.Count > before ? 1 : 0;
        }

        if (contributors > 1)
        {
            _gathered.Sort();
        }
    }

    private void Gather(int source)
    {
        var postings = _sources[source].Segment.Postings(_walk.PlaceIn(source));
        var newRows = NewRows[source];
        Span<uint> rows = stackalloc uint[PostingBlock.Size];
        Span<uint> weights = stackalloc uint[PostingBlock.Size];
        for (var block = 0; block < postings.BlockCount; block++)
        {
            var inBlock = postings.Rows(block, rows);
            postings.Weights(block, weights);
            var total = postings.Positions(block, _counts, ref _positions);
            ReadOnlySpan<uint> positions = _positions.AsSpan(0, total);
            for (var i = 0; i < inBlock; i++)
            {
                var count = (int)_counts[i];
                if (newRows[(int)rows[i]] is >= 0 and var row)
                {
                    _gathered.Add(row, weights[i], positions[..count]);
                }

                positions = positions[count..];
            }
        }
    }
}

/// <summary>Goes through the terms of some segments in their common order, each once.</summary>
internal sealed class TermWalk(IReadOnlyList<SegmentView> sources)
{
    private readonly TermDictionary.Cursor[] _cursors = new TermDictionary.Cursor[sources.Count];
    private readonly int[] _ends = new int[sources.Count];
    private readonly List<int> _open = [];

    /// <summary>Which sources have the term.</summary>
    public List<int> Matching { get; } = [];

    public ReadOnlySpan<byte> Key => _cursors[Matching[0]].Key;

    public void Begin(Func<Segment, (int First, int End)> range)
    {
        Matching.Clear();
        _open.Clear();
        for (var source = 0; source < sources.Count; source++)
        {
            var (first, end) = range(sources[source].Segment);
            if (first < end)
            {
                (_cursors[source], _ends[source]) = (sources[source].Segment.Dictionary.At(first), end);
                _open.Add(source);
            }
        }
    }

    public bool MoveNext()
    {
        foreach (var source in Matching)
        {
            _cursors[source].MoveNext();
            if (_cursors[source].Place >= _ends[source])
            {
                _cursors[source].Dispose();
                _open.Remove(source);
            }
        }

        Matching.Clear();
        foreach (var source in _open)
        {
            var order = Matching.Count is 0 ? 0 : _cursors[source].Key.SequenceCompareTo(Key);
            if (order < 0)
            {
                Matching.Clear();
            }

            if (order <= 0)
            {
                Matching.Add(source);
            }
        }

        return Matching.Count > 0;
    }

    public int PlaceIn(int source) => _cursors[source].Place;
}
