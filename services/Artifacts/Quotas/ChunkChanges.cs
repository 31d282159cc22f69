using ModelGarden.Artifacts.Chunks;

namespace ModelGarden.Artifacts.Quotas;

/// <summary>How many more files, or fewer, need which chunks.</summary>
internal sealed class ChunkChanges
{
    private readonly Dictionary<long, int[]> _xorbs = [];

    /// <summary>Those of which anything changes, in order.</summary>
    public IEnumerable<long> Xorbs => _xorbs.Where(xorb => xorb.Value.AsSpan().ContainsAnyExcept(0)).Select(xorb => xorb.Key).Order();

    /// <summary>By chunk; those at the end that do not change may be missing.</summary>
    public ReadOnlySpan<int> Of(long xorb) => _xorbs[xorb];

    /// <summary>So many more files, or fewer, are made like this, as far as it lies in xorbs behind <paramref name="after"/> and up to <paramref name="to"/>.</summary>
    public ChunkChanges Add(FileLayout layout, int files, long after = 0, long to = long.MaxValue)
    {
        foreach (var terms in layout.Terms.Where(term => term.Xorb > after && term.Xorb <= to).GroupBy(term => term.Xorb))
        {
            var needed = new bool[terms.Max(term => term.End)];
            foreach (var term in terms)
            {
                needed.AsSpan(term.First..term.End).Fill(true);
            }

            var counts = Room(terms.Key, needed.Length);
            for (var number = 0; number < needed.Length; number++)
            {
                counts[number] += needed[number] ? files : 0;
            }
        }

        return this;
    }

    private int[] Room(long xorb, int chunks)
    {
        var counts = _xorbs.GetValueOrDefault(xorb) ?? [];
        if (counts.Length < chunks)
        {
            Array.Resize(ref counts, chunks);
            _xorbs[xorb] = counts;
        }

        return counts;
    }
}
