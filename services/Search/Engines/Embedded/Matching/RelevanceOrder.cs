using System.Numerics;
using System.Text;
using ModelGarden.Search.Engines.Embedded.Columns;
using ModelGarden.Search.Engines.Embedded.Segments;
using ModelGarden.Search.Engines.Embedded.Terms;
using ModelGarden.Search.Queries;

namespace ModelGarden.Search.Engines.Embedded.Matching;

/// <summary>
/// Finds the best of a segment's matches by their scores. Rows are looked at in windows; one in which no row can be among the best, by the greatest weights of the blocks in
/// it and the demand for its first row, is passed over.
/// </summary>
internal sealed class RelevanceOrder : IDisposable
{
    private const int Window = 512;
    private const string Name = "relevance";
    private const int StepsPerWindow = 30;
    private const int StepsPerWord = 15;

    // What the sum of bounds, added up in another order, may be off.
    private const double Slack = 1e-9;
    private readonly SegmentMatch _match;
    private readonly TopHits _top;
    private readonly double[] _rarities;
    private readonly WeightCursor?[] _words;
    private readonly double[] _most;
    private readonly List<int> _named = [];
    private readonly ulong[] _derived;
    private readonly TypedRun? _run;
    private readonly ulong[] _allInName;
    private readonly int _rankAfter;

    public RelevanceOrder(SegmentMatch match, SearchQuery query, double[] rarities, TopHits top)
    {
        (_match, _rarities, _top) = (match, rarities, top);
        _words = Words();
        _most = new double[rarities.Length + 1];
        _rankAfter = top.RankAfter(match.Segment);
        (_derived, _run) = (match.Derived(), query.Run);
        _allInName = _run is null ? [] : match.AllInName();
        if (query.ExactName.Length > 0)
        {
            FindNamed(query.ExactName);
        }
    }

    private Segment Segment => _match.Segment;

    public void Collect(Work work)
    {
        CollectNamed();
        for (var start = 0; start < Segment.Rows; start += Window)
        {
            work.Take(StepsPerWindow, QueryPart.Order, Name);
            var words = _match.Shown.AsSpan(start >> 6, Math.Min(Window >> 6, Segment.Words - (start >> 6)));
            if (words.IndexOfAnyExcept(0UL) >= 0 && CanHold(start))
            {
                work.Take((long)Bits.Count(words) * _words.Length * StepsPerWord, QueryPart.Order, Name);
                CollectWindow(start, words);
            }
        }
    }

    public void Dispose()
    {
        foreach (var word in _words)
        {
            word?.Dispose();
        }
    }

    private WeightCursor?[] Words() => [.. _match.Found.Select(word => word.Term < 0 ? null : new WeightCursor(Segment, word.Term))];

    private void FindNamed(string name)
    {
        var (first, end) = Segment.Dictionary.BeginningWith(TermKey.OfNames(name));
        Span<uint> rows = stackalloc uint[PostingBlock.Size];
        for (var term = first; term < end; term++)
        {
            foreach (var row in rows[..Segment.Postings(term).Rows(0, rows)])
            {
                if (Bits.Has(_match.Shown, (int)row))
                {
                    _named.Add((int)row);
                }
            }
        }

        _named.Sort();
    }

    /// <summary>Those of the very name come first; with cursors of their own, for the others' go forward only.</summary>
    private void CollectNamed()
    {
        if (_named.Count is 0)
        {
            return;
        }

        var words = Words();
        foreach (var row in _named)
        {
            Offer(row, ScoreOf(row, words, double.NegativeInfinity) + Relevance.NameBonus);
        }

        foreach (var word in words)
        {
            word?.Dispose();
        }
    }

    /// <summary>Whether a row of the window may be among the best; sets what each word and the rest may still add.</summary>
    private bool CanHold(int start)
    {
        _most[^1] = PriorOf(start) + Slack + (_run is not null && HasAllInName(start) ? Relevance.RunBonus : 0);
        for (var i = _words.Length - 1; i >= 0; i--)
        {
            double weight = _words[i]?.MaximumIn(start, Math.Min(start + Window, Segment.Rows)) ?? 0;
            _most[i] = _most[i + 1] + (_rarities[i] * Relevance.Impact(Math.Max(weight, _match.Found[i].MostLoose)));
        }

        return _most[0] >= _top.Threshold;
    }

    private void CollectWindow(int start, ReadOnlySpan<ulong> words)
    {
        for (var i = 0; i < words.Length; i++)
        {
            for (var word = words[i]; word != 0; word &= word - 1)
            {
                var row = start + (i << 6) + BitOperations.TrailingZeroCount(word);
                var score = ScoreOf(row, _words, _top.Threshold);
                if (score >= _top.Threshold && !_named.Contains(row))
                {
                    Offer(row, score);
                }
            }
        }
    }

    /// <summary>A row's score; or when it is clear that it is less than a threshold, negative infinity.</summary>
    private double ScoreOf(int row, WeightCursor?[] words, double threshold)
    {
        double score = 0;
        for (var i = 0; i < words.Length; i++)
        {
            double weight = words[i]?.WeightIn(row) ?? 0;
            score += _rarities[i] * Relevance.Impact(Math.Max(weight, _match.Found[i].LooseIn(row)));
            if (score + _most[i + 1] < threshold)
            {
                return double.NegativeInfinity;
            }
        }

        score += PriorOf(row);
        score -= Bits.Has(_derived, row) ? Relevance.Derived : 0;
        return score + (_run is not null && score + Relevance.RunBonus >= threshold && Bits.Has(_allInName, row) && _run.IsIn(ShortNameOf(row)) ? Relevance.RunBonus : 0);
    }

    private bool HasAllInName(int start) => _allInName.AsSpan(start >> 6, Math.Min(Window >> 6, Segment.Words - (start >> 6))).IndexOfAnyExcept(0UL) >= 0;

    /// <summary>In small letters.</summary>
    private string ShortNameOf(int row)
    {
        var name = TermKey.NameIn(Segment.NameKey(row));
        return Encoding.UTF8.GetString(name[(name.IndexOf((byte)'/') + 1)..]);
    }

    private void Offer(int row, double score)
    {
        var rank = (int)Segment.NameRanks[row];
        if (_top.IsAfter(score, rank, _rankAfter))
        {
            _top.Offer(new(score, Segment, row, rank));
        }
    }

    private double PriorOf(int row) => Relevance.Prior(Segment.Numbers(SortOrder.Downloads)[row]);
}
