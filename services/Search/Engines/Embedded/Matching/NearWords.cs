using ModelGarden.Search.Engines.Embedded.Segments;
using ModelGarden.Search.Engines.Embedded.Terms;
using ModelGarden.Search.Queries;

namespace ModelGarden.Search.Engines.Embedded.Matching;

/// <param name="Term">Its place in the segment's dictionary.</param>
/// <param name="Distance">0: it is the word itself.</param>
internal readonly record struct NearWord(int Term, int Distance);

/// <summary>Finds what of a segment's dictionary is spelt almost as a word. The dictionary is gone through in its order; what begins as nothing near begins is passed over, by its blocks if it is much.</summary>
internal static class NearWords
{
    private const int TermsPerLook = 1024;
    private const int StepsPerTerm = 60;

    /// <param name="segment">Whose dictionary.</param>
    /// <param name="space">Words, or words of names.</param>
    /// <param name="word">In small letters.</param>
    /// <param name="work">Of the query.</param>
    public static List<NearWord> Find(Segment segment, TermSpace space, string word, Work work)
    {
        var (found, spelling) = (new List<NearWord>(), new Spelling(word));
        var (place, end) = segment.Space(space);
        while (place < end)
        {
            place = Walk(segment, place, Math.Min(end, place + TermsPerLook), spelling, found, out var visited);
            work.Take(visited * StepsPerTerm, QueryPart.Near, word);
        }

        return found;
    }

    /// <returns>Where to go on.</returns>
    private static int Walk(Segment segment, int place, int end, Spelling spelling, List<NearWord> found, out int visited)
    {
        (visited, var passed) = (0, 0);
        var cursor = segment.Dictionary.At(place);
        do
        {
            visited++;
            if (spelling.IsNear(cursor.Key[1..]))
            {
                found.Add(new(cursor.Place, spelling.Distance));
            }

            passed = spelling.IsDead ? passed + 1 : 0;
        }
        while (passed < TermDictionary.BlockSize && cursor.MoveNext() && cursor.Place < end);
        var next = passed < TermDictionary.BlockSize ? end : segment.Dictionary.FirstNotLess(TermKey.After(cursor.Key[..(1 + spelling.DeadBytes)]));
        cursor.Dispose();
        return next;
    }
}
