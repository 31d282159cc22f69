using ModelGarden.Contracts.V1;

namespace ModelGarden.Search.Tests.Engines;

/// <summary>What a match scores, written as plainly as can be.</summary>
internal static class SlowScores
{
    /// <param name="found">What matches.</param>
    /// <param name="query">Whose words are looked for.</param>
    /// <param name="known">What all may see: how rare a word is, is counted among it.</param>
    public static IEnumerable<(Repository Repository, double Score)> Of(IEnumerable<Repository> found, QueryRequest query, IReadOnlyList<Repository> known)
    {
        var words = SlowWord.Of(query);
        var rarities = words.Select(word => Rarity(known.Count(word.IsIn), known.Count)).ToList();
        return found.Select(repository => (repository, Score(repository)));

        double Score(Repository repository)
        {
            double score = 0;
            foreach (var (i, word) in words.Index())
            {
                var weight = word.WeightIn(repository);
                score += rarities[i] * (weight / (weight + 4));
            }

            score += 0.1 * Math.Log(1 + (double)repository.Downloads);
            score -= repository.Record.Declared.BaseModels.Any(model => model.Contains('/') && !model.StartsWith($"{repository.Name.Split('/')[0]}/", StringComparison.OrdinalIgnoreCase)) ? 1 : 0;
            score += HasRun(repository.Name.Split('/')[1], query.Text) ? 2 : 0;
            return repository.Name.Equals(query.Text.Trim(), StringComparison.OrdinalIgnoreCase) ? score + 1000 : score;
        }
    }

    private static bool HasRun(string name, string text)
    {
        var (words, typed) = (SlowReference.Cut(name), SlowReference.Cut(text));
        return typed.Length > 1 && Enumerable.Range(0, words.Length).Any(start => words.Length - start >= typed.Length
            && Enumerable.Range(0, typed.Length).All(i => i == typed.Length - 1 && !text.EndsWith(' ') ? words[start + i].StartsWith(typed[i], StringComparison.Ordinal) : words[start + i] == typed[i]));
    }

    private static double Rarity(long known, long all) => Math.Log(1 + ((all - known + 0.5) / (known + 0.5)));

    /// <summary>All texts of a repository, its name without the owner first, and what a word in each weighs.</summary>
    public static IEnumerable<(string Text, int Weight)> Texts(Repository repository)
    {
        var declared = repository.Record.Declared;
        var name = repository.Name.Split('/')[1];
        int[] byWords = [16, 13, 11, 10, 9, 8];
        return
        [
            (name, byWords[Math.Min(SlowReference.Cut(name).Length, 6) - 1]), (declared.Title, 6), (repository.Name.Split('/')[0], 4), (declared.Summary, 1),
            .. declared.Tags.Select(tag => (tag, 3)), (declared.Task, 2), (declared.Library, 2),
            .. declared.Licenses.Select(license => (license, 2)), .. declared.Languages.Select(language => (language, 2)), .. repository.Record.Measured.Formats.Select(format => (format, 2)), .. declared.BaseModels.Select(model => (model, 2)),
        ];
    }
}
