using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Cas;

/// <summary>How a file, or a range of it, is put together again from its xorbs' chunks (xet.md 5.1).</summary>
/// <param name="Offset">Bytes of the first term that come before the range.</param>
/// <param name="Terms">In the file's order.</param>
internal sealed record Reconstruction(long Offset, IReadOnlyList<ReconstructionTerm> Terms)
{
    /// <summary>What is to be fetched, by xorb: runs of chunks in order, those that touch or overlap made one.</summary>
    public IEnumerable<XorbFetch> Fetches() => FetchesOf(Terms);

    /// <inheritdoc cref="Fetches"/>
    public static IEnumerable<XorbFetch> FetchesOf(IEnumerable<ReconstructionTerm> terms) =>
        terms.GroupBy(term => term.Xorb).Select(same => new XorbFetch(same.Key, Merge(same.Select(term => term.Run))));

    private static List<XorbRun> Merge(IEnumerable<XorbRun> runs)
    {
        var merged = new List<XorbRun>();
        foreach (var run in runs.OrderBy(run => run.Chunks.Start))
        {
            if (merged.Count > 0 && merged[^1] is var last && last.Chunks.End >= run.Chunks.Start)
            {
                merged[^1] = last.Chunks.End >= run.Chunks.End ? last : new(new(last.Chunks.Start, run.Chunks.End), new(last.Stored.Start, run.Stored.End));
            }
            else
            {
                merged.Add(run);
            }
        }

        return merged;
    }
}

/// <summary>Some chunks of a xorb, and where they are stored in it.</summary>
internal readonly record struct XorbRun(ChunkRange Chunks, StoredRange Stored);

/// <summary>A file goes on with these chunks of this xorb.</summary>
/// <param name="Xorb">Its hash.</param>
/// <param name="Run">The chunks.</param>
/// <param name="Length">Their bytes, unpacked.</param>
internal readonly record struct ReconstructionTerm(XetHash Xorb, XorbRun Run, long Length);

/// <summary>What is to be fetched of one xorb.</summary>
internal sealed record XorbFetch(XetHash Xorb, IReadOnlyList<XorbRun> Runs);
