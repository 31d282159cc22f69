using ModelGarden.Search.Engines.Embedded.Columns;
using ModelGarden.Search.Engines.Embedded.Segments;
using ModelGarden.Search.Engines.Embedded.Terms;
using ModelGarden.Search.Queries;

namespace ModelGarden.Search.Engines.Embedded.Matching;

/// <summary>The rows of a segment in which words stand one after the other in one text. Positions are read of rows that have all the words.</summary>
internal static class PhraseRows
{
    private const int RowsPerLook = 1024;
    private const int StepsPerWord = 40;

    /// <summary>Leaves in a set those of its rows that have the words so.</summary>
    public static void Keep(Segment segment, IReadOnlyList<string> phrase, Span<ulong> rows, Work work)
    {
        var words = new List<PositionCursor>(phrase.Count);
        foreach (var word in phrase)
        {
            if (segment.Dictionary.Find(TermKey.Of(TermSpace.Word, word)) is not (>= 0 and var term))
            {
                rows.Clear();
                return;
            }

            work.Take(segment.CostOf(term), QueryPart.Phrase, word);
            segment.Postings(term).KeepIn(rows);
            words.Add(new(segment, term));
        }

        if (words.Count > 1)
        {
            KeepTogether(words, rows, work, string.Join(' ', phrase));
        }
    }

    private static void KeepTogether(List<PositionCursor> words, Span<ulong> rows, Work work, string phrase)
    {
        var steps = 0;
        for (var row = Bits.Next(rows, 0); row >= 0; row = Bits.Next(rows, row + 1))
        {
            if (steps++ % RowsPerLook is 0)
            {
                work.Take((long)RowsPerLook * words.Count * StepsPerWord, QueryPart.Phrase, phrase);
            }

            if (!AreTogether(words, row))
            {
                Bits.Remove(rows, row);
            }
        }
    }

    private static bool AreTogether(List<PositionCursor> words, int row)
    {
        foreach (var word in words)
        {
            word.MoveTo(row);
        }

        foreach (var start in words[0].Positions)
        {
            var at = 1;
            while (at < words.Count && words[at].Positions.BinarySearch(start + (uint)at) >= 0)
            {
                at++;
            }

            if (at == words.Count)
            {
                return true;
            }
        }

        return false;
    }
}
