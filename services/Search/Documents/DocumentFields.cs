using ModelGarden.Contracts.V1;
using ModelGarden.Search.Queries;

namespace ModelGarden.Search.Documents;

/// <summary>What is searched, filtered and counted in a view of a repository, and what each place weighs.</summary>
internal static class DocumentFields
{
    public const int TitleWeight = 6;
    public const int OwnerWeight = 4;
    public const int TagWeight = 3;
    public const int FactWeight = 2;
    public const int SummaryWeight = 1;

    /// <summary>Of a name, by how many words it has: the shorter the name, the nearer it is to the words that find it.</summary>
    private static readonly int[] NameWeights = [16, 16, 13, 11, 10, 9, 8];

    public static int NameWeight(int words) => NameWeights[Math.Min(words, NameWeights.Length - 1)];

    public static string OwnerOf(Repository repository) => OwnerOf(repository.Name);

    public static string ShortNameOf(Repository repository) => repository.Name[(repository.Name.IndexOf('/', StringComparison.Ordinal) + 1)..];

    /// <summary>Somebody made it of another publisher's model.</summary>
    public static bool IsDerived(Repository repository) => repository.Record?.Declared is { } declared
        && declared.BaseModels.Any(model => model.Contains('/') && !OwnerOf(model).Equals(OwnerOf(repository), StringComparison.OrdinalIgnoreCase));

    /// <summary>Without doubles of whatever case.</summary>
    public static IReadOnlyList<string> ValuesOf(Repository repository, Field field)
    {
        var (declared, measured) = (repository.Record?.Declared, repository.Record?.Measured);
        return Distinct(field switch
        {
            Field.Task => [declared?.Task ?? "", .. declared?.TaskCategories ?? []],
            Field.Library => [declared?.Library ?? ""],
            Field.License => [.. declared?.Licenses ?? []],
            Field.Language => [.. declared?.Languages ?? []],
            Field.Tag => [.. declared?.Tags ?? [], .. RatingOf(repository)],
            Field.Owner => [OwnerOf(repository)],
            Field.Format => [.. measured?.Formats ?? []],
            _ => [.. declared?.BaseModels ?? []],
        });
    }

    /// <summary>All that is searched but the name.</summary>
    public static IEnumerable<(string Text, int Weight)> TextsOf(Repository repository)
    {
        yield return (OwnerOf(repository), OwnerWeight);
        var (declared, measured) = (repository.Record?.Declared ?? new(), repository.Record?.Measured ?? new());
        yield return (declared.Title, TitleWeight);
        yield return (declared.Summary, SummaryWeight);
        foreach (var tag in declared.Tags)
        {
            yield return (tag, TagWeight);
        }

        string[] facts =
        [
            declared.Task, declared.Library, declared.LicenseName, declared.BaseModelRelation, measured.Architecture,
            .. declared.TaskCategories, .. declared.Licenses, .. declared.Languages, .. declared.BaseModels, .. declared.Datasets, .. measured.Formats, .. measured.Quantizations,
        ];
        foreach (var fact in facts)
        {
            yield return (fact, FactWeight);
        }
    }

    /// <summary>A number that repositories are sorted by, the greatest first.</summary>
    public static double NumberOf(Repository repository, SortOrder sort) => sort switch
    {
        SortOrder.Downloads => repository.Downloads,
        SortOrder.Likes => repository.Likes,
        SortOrder.Trending => repository.Trend,
        SortOrder.Updated => repository.UpdatedAt?.ToDateTimeOffset().ToUnixTimeMilliseconds() ?? 0,
        SortOrder.Created => repository.CreatedAt?.ToDateTimeOffset().ToUnixTimeMilliseconds() ?? 0,
        SortOrder.Parameters => ParametersOf(repository) ?? -1,
        SortOrder.Size => repository.Record?.Measured?.Size ?? 0,
        _ => 0,
    };

    public static long? ParametersOf(Repository repository) => repository.Record?.Measured is { HasParameters: true } measured ? measured.Parameters : null;

    /// <summary>What curators rate so bears the tag as if its card said it.</summary>
    public static bool IsRated(Repository repository) => repository.ContentRating >= ContentRating.Sensitive;

    /// <summary>What stands before the slash of a name; empty: there is none.</summary>
    private static string OwnerOf(string name) => name[..Math.Max(name.IndexOf('/', StringComparison.Ordinal), 0)];

    private static IEnumerable<string> RatingOf(Repository repository) => IsRated(repository) ? [ContentRatings.Tag] : [];

    private static List<string> Distinct(IReadOnlyList<string> values)
    {
        var distinct = new List<string>(values.Count);
        foreach (var value in values)
        {
            if (value.Length > 0 && !distinct.Contains(value, StringComparer.OrdinalIgnoreCase))
            {
                distinct.Add(value);
            }
        }

        return distinct;
    }
}
