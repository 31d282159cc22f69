using ModelGarden.Contracts.V1;
using ModelGarden.Search.Documents;
using ModelGarden.Search.Queries;

namespace ModelGarden.Search.Similarity;

/// <summary>
/// How like a repository others are, from what both are described by: a base model in common or one the other's base, the architecture that was measured, a task in common, and how much of their tags and of the
/// words of their names, titles and summaries they have in common (the cosine of two sets: what is in both, by the geometric mean of their sizes).
/// </summary>
internal sealed class Likeness(Repository model)
{
    private const double Family = 4;
    private const double Architecture = 3;
    private const double Task = 2;
    private const double Tags = 2;
    private const double Words = 3;
    private readonly Features _its = new(model);

    /// <returns>From 0, nothing in common, to 14.</returns>
    public double Of(Repository repository)
    {
        var other = new Features(repository);
        return (_its.Family.Overlaps(other.Family) ? Family : 0)
            + (_its.Architecture.Length > 0 && _its.Architecture.Equals(other.Architecture, StringComparison.OrdinalIgnoreCase) ? Architecture : 0)
            + (_its.Tasks.Overlaps(other.Tasks) ? Task : 0)
            + (Tags * InCommon(_its.Tags, other.Tags))
            + (Words * InCommon(_its.Words, other.Words));
    }

    private static double InCommon(HashSet<string> one, HashSet<string> other) => one.Count is 0 || other.Count is 0 ? 0 : one.Count(other.Contains) / Math.Sqrt((double)one.Count * other.Count);

    private sealed class Features(Repository repository)
    {
        /// <summary>Its name and those of its base models.</summary>
        public HashSet<string> Family { get; } = Set([repository.Name, .. DocumentFields.ValuesOf(repository, Field.BaseModel)]);

        public string Architecture { get; } = repository.Record?.Measured?.Architecture ?? "";

        public HashSet<string> Tasks { get; } = Set(DocumentFields.ValuesOf(repository, Field.Task));

        public HashSet<string> Tags { get; } = Set(DocumentFields.ValuesOf(repository, Field.Tag));

        /// <summary>Their stems.</summary>
        public HashSet<string> Words { get; } = Set(Documents.Words.InOrder(
            $"{DocumentFields.ShortNameOf(repository)} {repository.Record?.Declared?.Title} {repository.Record?.Declared?.Summary}").Select(EnglishStem.Of));

        private static HashSet<string> Set(IEnumerable<string> values) => values.ToHashSet(StringComparer.OrdinalIgnoreCase);
    }
}
