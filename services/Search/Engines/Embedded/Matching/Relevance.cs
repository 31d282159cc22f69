namespace ModelGarden.Search.Engines.Embedded.Matching;

/// <summary>
/// What a score is made of. As in BM25F, the weights of a word in all places of a document are added up and then saturated, and a rare word counts for more than a common
/// one: how rare, is counted among what all may see, so that a score tells nothing of anything else. What is in demand comes before what is like it.
/// </summary>
internal static class Relevance
{
    /// <summary>The weight of a word that is only begun or only spelt almost so, in a name.</summary>
    public const double LooseNameWeight = 4;

    /// <summary>The weight of a word that is only begun or only spelt almost so, elsewhere.</summary>
    public const double LooseWeight = 0.5;

    /// <summary>Added for the very name that was typed: more than all words together can be.</summary>
    public const double NameBonus = 1000;

    /// <summary>Added for a name that has the words one after the other, as they were typed.</summary>
    public const double RunBonus = 2;

    /// <summary>Taken from what somebody made of another publisher's model: whoever types a name means the thing, not the thousand that were made of it.</summary>
    public const double Derived = 1;
    private const double Saturation = 4;
    private const double Demand = 0.1;

    /// <param name="known">How many documents that all may see have the word.</param>
    /// <param name="all">How many documents there are that all may see.</param>
    public static double Rarity(long known, long all) => Math.Log(1 + ((all - known + 0.5) / (known + 0.5)));

    public static double Impact(double weight) => weight / (weight + Saturation);

    public static double Prior(double downloads) => Demand * Math.Log(1 + downloads);
}
