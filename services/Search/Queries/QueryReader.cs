using Google.Protobuf.Collections;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;
using ModelGarden.Search.Documents;

namespace ModelGarden.Search.Queries;

/// <summary>Makes a query of a request, or says what is wrong with it.</summary>
internal static class QueryReader
{
    public const int MostFacetValues = 50;
    private const int DefaultPage = 20;
    private const int LargestPage = 500;
    private const int LongestText = 1000;
    private const int MostWords = 32;
    private const int MostValues = 100;

    private static readonly Dictionary<string, SortOrder> Sorts = Enum.GetValues<SortOrder>().ToDictionary(NameOf);

    private static readonly Dictionary<string, Field> Facets =
        new[] { Field.Task, Field.Library, Field.License, Field.Language, Field.Tag, Field.Owner, Field.Format }.ToDictionary(NameOf);

    public static string NameOf(Field field) => field.ToString().ToLowerInvariant();

    public static Result<SearchQuery> Read(QueryRequest request)
    {
        // Of a text that is too long not even the words are looked for.
        var words = request.Text.Length > LongestText ? [] : Words.OfQuery(request.Text, MostWords + 1);
        if (Refusal(request, words.Count) is { } refusal)
        {
            return refusal;
        }

        var query = new SearchQuery
        {
            Words = words,
            LastIsBegun = words.Count > 0 && !char.IsWhiteSpace(request.Text[^1]),
            ExactName = request.Text.Contains('/') ? request.Text.Trim().ToLowerInvariant() : "",
            Filters = Filters(request).Where(filter => filter.Values.Count > 0).ToDictionary(filter => filter.Field, IReadOnlySet<string> (filter) => filter.Values.ToHashSet(StringComparer.OrdinalIgnoreCase)),
            Kind = request.Kind,
            MinimumParameters = request.HasMinimumParameters ? request.MinimumParameters : null,
            MaximumParameters = request.HasMaximumParameters ? request.MaximumParameters : null,
            Facets = [.. request.Facets.Select(name => Facets[name]).Distinct()],
            Sort = request.Sort.Length > 0 ? Sorts[request.Sort] : words.Count > 0 ? SortOrder.Relevance : SortOrder.Updated,
            PageSize = request.PageSize is 0 ? DefaultPage : request.PageSize,
        };
        return WithPlace(query, request.PageToken);
    }

    private static Error? Refusal(QueryRequest request, int words) => request switch
    {
        { Text.Length: > LongestText } => SearchErrors.TextTooLong(request.Text.Length, LongestText),
        { PageSize: < 0 or > LargestPage } => SearchErrors.BadPageSize(request.PageSize, LargestPage),
        _ when words > MostWords => SearchErrors.TooManyWords(MostWords),
        _ when request.Sort.Length > 0 && !Sorts.ContainsKey(request.Sort) => SearchErrors.BadSort(request.Sort),
        _ when request.Facets.FirstOrDefault(name => !Facets.ContainsKey(name)) is { } unknown => SearchErrors.BadFacet(unknown),
        _ when Filters(request).FirstOrDefault(filter => filter.Values.Count > MostValues) is { Values: not null } long_ => SearchErrors.TooManyValues(NameOf(long_.Field), MostValues),
        _ => null,
    };

    private static IEnumerable<(Field Field, RepeatedField<string> Values)> Filters(QueryRequest request) =>
    [
        (Field.Task, request.Tasks), (Field.Library, request.Libraries), (Field.License, request.Licenses), (Field.Language, request.Languages),
        (Field.Tag, request.Tags), (Field.Owner, request.Owners), (Field.Format, request.Formats), (Field.BaseModel, request.BaseModels),
    ];

    private static Result<SearchQuery> WithPlace(SearchQuery query, string token)
    {
        if (token.Length is 0)
        {
            return query;
        }

        var place = PageToken.Read(token, query);
        return place.Error is { } error ? error : query with { After = place.Value };
    }

    private static string NameOf(SortOrder sort) => sort.ToString().ToLowerInvariant();
}
