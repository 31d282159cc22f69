using ModelGarden.Contracts.V1;
using ModelGarden.Search.Queries;

namespace ModelGarden.Search.Documents;

/// <summary>What is searched, filtered and counted in a repository, and what each place weighs.</summary>
internal static class DocumentFields
{
    private const float NameWeight = 8;
    private const float TitleWeight = 5;
    private const float OwnerWeight = 3;
    private const float TagWeight = 3;
    private const float FactWeight = 2;
    private const float SummaryWeight = 1;

    public static Dictionary<Field, IReadOnlyList<string>> ValuesOf(Repository repository, string owner)
    {
        var (declared, measured) = (repository.Record?.Declared ?? new(), repository.Record?.Measured ?? new());
        return new()
        {
            [Field.Task] = Distinct([declared.Task, .. declared.TaskCategories]),
            [Field.Library] = Distinct([declared.Library]),
            [Field.License] = Distinct(declared.Licenses),
            [Field.Language] = Distinct(declared.Languages),
            [Field.Tag] = Distinct(declared.Tags.Concat(RatingOf(repository))),
            [Field.Owner] = [owner],
            [Field.Format] = Distinct(measured.Formats),
            [Field.BaseModel] = Distinct(declared.BaseModels),
        };
    }

    public static Dictionary<string, float> WeightsOf(Repository repository, string owner)
    {
        var weights = new Dictionary<string, float>(StringComparer.Ordinal);
        foreach (var (text, weight) in Texts(repository, owner))
        {
            foreach (var word in Words.OfDocument(text))
            {
                weights[word] = weights.GetValueOrDefault(word) + weight;
            }
        }

        return weights;
    }

    private static IEnumerable<(string Text, float Weight)> Texts(Repository repository, string owner)
    {
        var (declared, measured) = (repository.Record?.Declared ?? new(), repository.Record?.Measured ?? new());
        IEnumerable<string> facts =
        [
            declared.Task, declared.Library, declared.LicenseName, declared.BaseModelRelation, measured.Architecture,
            .. declared.TaskCategories, .. declared.Licenses, .. declared.Languages, .. declared.BaseModels, .. declared.Datasets, .. measured.Formats, .. measured.Quantizations,
        ];
        return
        [
            (repository.Name[(owner.Length + 1)..], NameWeight), (declared.Title, TitleWeight), (owner, OwnerWeight), (declared.Summary, SummaryWeight),
            .. declared.Tags.Select(tag => (tag, TagWeight)), .. facts.Select(fact => (fact, FactWeight)),
        ];
    }

    /// <summary>What curators rate so bears the tag as if its card said it.</summary>
    private static IEnumerable<string> RatingOf(Repository repository) => repository.ContentRating >= ContentRating.Sensitive ? [ContentRatings.Tag] : [];

    private static string[] Distinct(IEnumerable<string> values) => [.. values.Where(value => value.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase)];
}
