using ModelGarden.Artifacts.Chunks;

namespace ModelGarden.Artifacts.Cas;

/// <summary>How a file, or a range of it, is put together again from its xorbs' chunks (xet.md 5.1).</summary>
/// <param name="Offset">Bytes of the first term that come before the range.</param>
/// <param name="Terms">In the file's order.</param>
internal sealed record Reconstruction(long Offset, IReadOnlyList<ReconstructionTerm> Terms)
{
    /// <summary>The terms from <paramref name="first"/> to <paramref name="last"/>, both included, cut to whole chunks.</summary>
    public static Reconstruction Of(IReadOnlyList<ReconstructionTerm> file, long first, long last)
    {
        var (kept, start, offset) = (new List<ReconstructionTerm>(), 0L, 0L);
        foreach (var term in file)
        {
            var end = start + term.Length;
            if (end > first && start <= last)
            {
                var (cut, skipped) = Cut(term, Math.Max(first - start, 0), Math.Min(last - start, term.Length - 1));
                offset = kept.Count is 0 ? first - start - skipped : offset;
                kept.Add(cut);
            }

            start = end;
        }

        return new(Math.Max(offset, 0), kept);
    }

    /// <summary>What is to be fetched of each xorb: ranges of chunks in order, those that touch or overlap made one.</summary>
    public IEnumerable<(StoredXorb Xorb, List<ChunkRange> Ranges)> Fetches() =>
        Terms.GroupBy(term => term.Xorb.Id).Select(terms => (terms.First().Xorb, Merge(terms.Select(term => term.Chunks))));

    private static (ReconstructionTerm Term, long Skipped) Cut(ReconstructionTerm term, long first, long last)
    {
        var index = term.Xorb.Index;
        var origin = index.UnpackedStart(term.Chunks.Start);
        var (start, end) = (index.ChunkAt(origin + (int)first), index.ChunkAt(origin + (int)last) + 1);
        return (term with { Chunks = new(start, end) }, index.UnpackedStart(start) - origin);
    }

    private static List<ChunkRange> Merge(IEnumerable<ChunkRange> ranges)
    {
        var merged = new List<ChunkRange>();
        foreach (var range in ranges.OrderBy(range => range.Start))
        {
            if (merged.Count > 0 && merged[^1].End >= range.Start)
            {
                merged[^1] = new(merged[^1].Start, Math.Max(merged[^1].End, range.End));
            }
            else
            {
                merged.Add(range);
            }
        }

        return merged;
    }
}

/// <summary>A term together with the xorb that it names.</summary>
internal readonly record struct ReconstructionTerm(StoredXorb Xorb, ChunkRange Chunks)
{
    /// <summary>Bytes of the file.</summary>
    public long Length => Xorb.Index.UnpackedStart(Chunks.End) - Xorb.Index.UnpackedStart(Chunks.Start);
}
