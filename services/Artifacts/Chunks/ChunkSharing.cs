using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Chunks;

/// <summary>
/// Turns a file that came in xorbs of its sender's making over to where its chunks were stored before, by whomever. What then is needed of the xorbs that were sent is
/// kept; the rest is collected.
/// </summary>
internal sealed class ChunkSharing(Xorbs xorbs)
{
    // Each found place holds the index of its xorb in memory.
    private const int ChunksAtOnce = 256;

    /// <summary>
    /// Half a MiB of usual chunks, what one read of a file brings: shorter runs would make more reads of it, and are worth a second copy, unless what was sent is as short.
    /// </summary>
    public const int ShortestRun = 8;

    /// <summary>The same chunks, those that were there before in their oldest place.</summary>
    public async Task<FileLayout> ShareAsync(FileLayout sent, CancellationToken cancellationToken)
    {
        var terms = new List<Term>();
        foreach (var term in sent.Terms)
        {
            if (await xorbs.FindAsync(term.Xorb, cancellationToken) is not { } xorb)
            {
                // It went: so the database says when the file is added.
                return sent;
            }

            await ShareAsync(xorb, term, terms, cancellationToken);
        }

        return sent with { Terms = terms };
    }

    private async Task ShareAsync(StoredXorb sent, Term term, List<Term> terms, CancellationToken cancellationToken)
    {
        var run = default(Run);
        IReadOnlyDictionary<XetHash, ChunkPlace> found = new Dictionary<XetHash, ChunkPlace>();
        for (var number = term.First; number < term.End; number++)
        {
            if ((number - term.First) % ChunksAtOnce is 0)
            {
                found = await xorbs.LocateAsync(HashesOf(sent.Index, number, Math.Min(number + ChunksAtOnce, term.End)), cancellationToken);
            }

            if (!run.GoesOnWith(sent, number, found))
            {
                run.AddTo(terms, sent, term);
                run = Run.Of(sent, number, found);
            }

            run.Count++;
        }

        run.AddTo(terms, sent, term);
    }

    private static HashSet<XetHash> HashesOf(XorbIndex index, int first, int end)
    {
        var hashes = new HashSet<XetHash>();
        foreach (var chunk in index.Chunks[first..end])
        {
            hashes.Add(chunk.Hash);
        }

        return hashes;
    }

    /// <summary>Chunks that follow on each other in the xorb that was sent, and in an older one or in none.</summary>
    private struct Run(StoredXorb? older, int olderFirst, int first)
    {
        public int Count { get; set; }

        /// <summary>Only xorbs that are older than the sent one count, so that no two files take each other's places.</summary>
        public static Run Of(StoredXorb sent, int number, IReadOnlyDictionary<XetHash, ChunkPlace> found) =>
            found.TryGetValue(sent.Index.Chunks[number].Hash, out var place) && place.Xorb.Id < sent.Id ? new(place.Xorb, place.Number, number) : new(null, 0, number);

        public readonly bool GoesOnWith(StoredXorb sent, int number, IReadOnlyDictionary<XetHash, ChunkPlace> found) =>
            Count > 0 && (older is null
                ? Of(sent, number, found).IsSent
                : olderFirst + Count < older.Index.Count && older.Index.Chunks[olderFirst + Count].Hash == sent.Index.Chunks[number].Hash);

        public readonly void AddTo(List<Term> terms, StoredXorb sent, Term term)
        {
            if (Count > 0)
            {
                var isShared = !IsSent && (Count >= ShortestRun || Count == term.End - term.First);
                var length = sent.Index.UnpackedStart(first + Count) - sent.Index.UnpackedStart(first);
                Add(terms, isShared ? new(older!.Id, olderFirst, olderFirst + Count, length) : new(sent.Id, first, first + Count, length));
            }
        }

        private readonly bool IsSent => older is null;

        private static void Add(List<Term> terms, Term next)
        {
            if (terms.Count > 0 && terms[^1] is var last && last.Xorb == next.Xorb && last.End == next.First)
            {
                terms[^1] = last with { End = next.End, Length = last.Length + next.Length };
            }
            else
            {
                terms.Add(next);
            }
        }
    }
}
