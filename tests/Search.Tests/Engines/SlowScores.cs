using ModelGarden.Contracts.V1;

namespace ModelGarden.Search.Tests.Engines;

/// <summary>What a match scores, written as plainly as can be.</summary>
internal static class SlowScores
{
    /// <param name="found">What matches.</param>
    /// <param name="text">The query's.</param>
    /// <param name="known">What all may see: how rare a word is, is counted among it.</param>
    public static IEnumerable<(Repository Repository, double Score)> Of(IEnumerable<Repository> found, string text, IReadOnlyList<Repository> known)
    {
        var words = SlowReference.Split(text);
        var begun = text.EndsWith(' ') ? null : words.LastOrDefault();
        var rarities = words.Select(word => Rarity(known.Count(repository => WeightOf(repository, word, word == begun) > 0), known.Count)).ToList();
        return found.Select(repository => (repository, Score(repository)));

        double Score(Repository repository)
        {
            double score = 0;
            foreach (var (i, word) in words.Index())
            {
                var weight = WeightOf(repository, word, word == begun);
                score += rarities[i] * (weight / (weight + 4));
            }

            score += 0.1 * Math.Log(1 + (double)repository.Downloads);
            return repository.Name.Equals(text.Trim(), StringComparison.OrdinalIgnoreCase) ? score + 1000 : score;
        }
    }

    private static double Rarity(long known, long all) => Math.Log(1 + ((all - known + 0.5) / (known + 0.5)));

    private static double WeightOf(Repository repository, string word, bool isBegun)
    {
        var texts = Texts(repository).ToList();
        double weight = texts.Sum(text => SlowReference.Cut(text.Text).Count(other => other == word) * text.Weight);
        return !isBegun ? weight
            : SlowReference.Cut(repository.Name.Split('/')[1]).Any(Begins) ? Math.Max(weight, 4)
            : texts.Any(text => SlowReference.Cut(text.Text).Any(Begins)) ? Math.Max(weight, 0.5)
            : weight;

        bool Begins(string other) => other.StartsWith(word, StringComparison.Ordinal);
    }

    private static IEnumerable<(string Text, int Weight)> Texts(Repository repository)
    {
        var declared = repository.Record.Declared;
        var name = repository.Name.Split('/')[1];
        int[] byWords = [16, 13, 11, 10, 9, 8];
        return
        [
            (name, byWords[Math.Min(SlowReference.Cut(name).Length, 6) - 1]), (declared.Title, 6), (repository.Name.Split('/')[0], 4), (declared.Summary, 1),
            .. declared.Tags.Select(tag => (tag, 3)), (declared.Task, 2), (declared.Library, 2),
            .. declared.Licenses.Select(license => (license, 2)), .. declared.Languages.Select(language => (language, 2)), .. repository.Record.Measured.Formats.Select(format => (format, 2)),
        ];
    }
}
