using ModelGarden.Artifacts.Chunks;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Cas;

/// <summary>Finds out how files are put together. The indexes of a file's xorbs are looked at one by one: of a large file they do not fit into memory all at once.</summary>
internal sealed class Reconstructor(Xorbs xorbs)
{
    /// <summary>The chunks that hold the bytes from <paramref name="first"/> to <paramref name="last"/>, both included; xorbs that hold none of them are not looked at.</summary>
    public async Task<Reconstruction> OfAsync(FileLayout layout, long first, long last, CancellationToken cancellationToken)
    {
        var (terms, start, offset) = (new List<ReconstructionTerm>(), 0L, 0L);
        foreach (var term in layout.Terms)
        {
            var end = start + term.Length;
            if (end > first && start <= last)
            {
                var (cut, skipped) = Cut(await IndexAsync(layout, term, cancellationToken), term, Math.Max(first - start, 0), Math.Min(last - start, term.Length - 1));
                offset = terms.Count is 0 ? Math.Max(first - start, 0) - skipped : offset;
                terms.Add(cut);
            }

            start = end;
        }

        return new(offset, terms);
    }

    private async ValueTask<XorbIndex> IndexAsync(FileLayout layout, Term term, CancellationToken cancellationToken) =>
        (await xorbs.FindAsync(term.Xorb, cancellationToken) ?? throw new FileNotFoundException($"xorb {term.Xorb} of file {layout.Hash} is not in the database")).Index;

    private static (ReconstructionTerm Term, long Skipped) Cut(XorbIndex index, Term term, long first, long last)
    {
        var origin = index.UnpackedStart(term.First);
        var (start, end) = (index.ChunkAt(origin + (int)first), index.ChunkAt(origin + (int)last) + 1);
        var run = new XorbRun(new(start, end), new(index.Start(start), index.Start(end) - 1));
        return (new(index.Hash, run, index.UnpackedStart(end) - index.UnpackedStart(start)), index.UnpackedStart(start) - origin);
    }
}
