using System.Text;
using ModelGarden.Search.Documents;
using ModelGarden.Search.Engines.Embedded.Columns;

namespace ModelGarden.Search.Engines.Embedded.Terms;

/// <summary>Finds the words of a dictionary that are forms of one. Of a word only its place is held; its stem is made of it again while it is looked for.</summary>
/// <param name="places">Of words among all words, in the order of their stems. A word that is its own stem, and no other word's, is not here.</param>
/// <param name="count">How many they are.</param>
/// <param name="dictionary">Of the segment.</param>
/// <param name="firstWord">Where in it words begin.</param>
internal readonly ref struct StemColumn(PackedInts places, int count, TermDictionary dictionary, int firstWord)
{
    private readonly PackedInts _places = places;
    private readonly TermDictionary _dictionary = dictionary;

    /// <summary>The terms of other words that have the stem of this one.</summary>
    /// <param name="word">In small letters.</param>
    public List<int> OtherFormsOf(string word)
    {
        var letters = Encoding.UTF8.GetBytes(word);
        if (!EnglishStem.HasStem(letters))
        {
            return [];
        }

        var stem = StemOf([.. letters]);
        var (forms, at) = (new List<int>(), FirstOf(stem));
        if (!IsOf(stem, at) && _dictionary.Find([(byte)TermSpace.Word, .. stem]) is >= 0 and var alone && StemOf([.. stem]).SequenceEqual(stem) && !stem.SequenceEqual(letters))
        {
            return [alone];
        }

        for (; IsOf(stem, at); at++)
        {
            if (!WordAt(at).AsSpan(1).SequenceEqual(letters))
            {
                forms.Add(firstWord + (int)_places[at]);
            }
        }

        return forms;
    }

    /// <summary>Made of the word in its place.</summary>
    private static ReadOnlySpan<byte> StemOf(Span<byte> word) => word[..EnglishStem.Reduce(word)];

    /// <summary>As a key.</summary>
    private byte[] WordAt(int at) => _dictionary.KeyAt(firstWord + (int)_places[at]);

    private bool IsOf(ReadOnlySpan<byte> stem, int at) => at < count && StemOf(WordAt(at).AsSpan(1)).SequenceEqual(stem);

    private int FirstOf(ReadOnlySpan<byte> stem)
    {
        var (low, high) = (0, count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = StemOf(WordAt(middle).AsSpan(1)).SequenceCompareTo(stem) < 0 ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
