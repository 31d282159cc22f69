using ModelGarden.Contracts.V1;
using ModelGarden.Search.Documents;

namespace ModelGarden.Search.Tests.Engines;

/// <summary>A word of a query and what it is found by, written as plainly as can be.</summary>
internal sealed record SlowWord(string Text)
{
    /// <summary>Also what begins so.</summary>
    public bool IsBegun { get; init; }

    /// <summary>Also what is spelt almost so.</summary>
    public bool IsNear { get; init; }

    /// <summary>Also the other forms of an English word, but in names.</summary>
    public bool HasForms { get; init; }

    /// <summary>The different words of a query: of its text, of its phrases, and those that may be spelt otherwise.</summary>
    public static List<SlowWord> Of(QueryRequest query)
    {
        var typed = SlowReference.Split(query.Text);
        return
        [
            .. typed.Select((word, i) => new SlowWord(word) { HasForms = true, IsBegun = i == typed.Count - 1 && !query.Text.EndsWith(' ') }),
            .. query.Phrases.SelectMany(SlowReference.Split).Distinct().Except(typed).Select(word => new SlowWord(word)),
            .. query.Near.Distinct().Select(word => new SlowWord(word) { IsNear = true }),
        ];
    }

    public static bool HasPhrase(Repository repository, string phrase)
    {
        var words = SlowReference.Cut(phrase);
        return SlowScores.Texts(repository).Any(text => SlowReference.Cut(text.Text) is var all
            && Enumerable.Range(0, Math.Max(0, all.Length - words.Length + 1)).Any(start => all.Skip(start).Take(words.Length).SequenceEqual(words)));
    }

    public bool IsIn(Repository repository) => WeightIn(repository) > 0;

    /// <summary>The weights of all places where it stands; where only something like it stands, less.</summary>
    public double WeightIn(Repository repository)
    {
        var texts = SlowScores.Texts(repository).ToList();
        double weight = texts.Sum(text => SlowReference.Cut(text.Text).Count(other => other == Text) * text.Weight);
        return SlowReference.Cut(texts[0].Text).Any(IsLike) ? Math.Max(weight, 4)
            : texts.Any(text => SlowReference.Cut(text.Text).Any(IsLike)) || texts.Skip(1).Any(text => SlowReference.Cut(text.Text).Any(IsForm)) ? Math.Max(weight, 0.5)
            : weight;
    }

    private bool IsLike(string other) => (IsBegun && other.StartsWith(Text, StringComparison.Ordinal)) || (IsNear && SlowSpelling.IsNear(Text, other));

    private bool IsForm(string other) => HasForms && EnglishStem.Of(other) == EnglishStem.Of(Text);
}
