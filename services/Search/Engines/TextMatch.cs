using ModelGarden.Search.Documents;

namespace ModelGarden.Search.Engines;

/// <summary>
/// Finds the documents that have all words, and scores them: rare words count more (inverse document frequency), and the first
/// mentions more than the next (saturation), as in BM25. How rare a word is, is counted among what the viewer sees: a score tells
/// nothing of what he does not.
/// </summary>
internal sealed class TextMatch(TermIndex terms, IReadOnlyList<Document?> documents, Viewer viewer)
{
    private const double Saturation = 4;
    private const float PrefixShare = 0.5f;

    public IEnumerable<(Document Document, double Score)> Find(IReadOnlyList<string> words)
    {
        var visible = documents.Count(document => document?.IsFor(viewer) is true);
        Dictionary<int, double>? scores = null;
        foreach (var (i, word) in words.Index())
        {
            var weights = WeightsOf(word, asPrefix: i == words.Count - 1);
            var rarity = Math.Log(1 + ((visible - weights.Count + 0.5) / (weights.Count + 0.5)));
            scores = scores is null
                ? weights.ToDictionary(entry => entry.Key, entry => Score(rarity, entry.Value))
                : scores.Where(entry => weights.ContainsKey(entry.Key)).ToDictionary(entry => entry.Key, entry => entry.Value + Score(rarity, weights[entry.Key]));
        }

        return (scores ?? []).Select(entry => (documents[entry.Key]!, entry.Value));
    }

    private static double Score(double rarity, float weight) => rarity * weight / (weight + Saturation);

    /// <summary>The visible documents that have a word, or one that begins so: those count half, and the best counts.</summary>
    private Dictionary<int, float> WeightsOf(string word, bool asPrefix)
    {
        var weights = new Dictionary<int, float>();
        Take(weights, word, 1);
        foreach (var longer in asPrefix ? terms.BeginningWith(word) : [])
        {
            Take(weights, longer, PrefixShare);
        }

        return weights;
    }

    private void Take(Dictionary<int, float> weights, string word, float share)
    {
        foreach (var posting in terms.Find(word))
        {
            if (documents[posting.Document]?.IsFor(viewer) is true)
            {
                weights[posting.Document] = Math.Max(weights.GetValueOrDefault(posting.Document), posting.Weight * share);
            }
        }
    }
}
