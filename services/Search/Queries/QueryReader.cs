using System.Collections;
using Google.Protobuf.Collections;
using Google.Protobuf.Reflection;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;
using ModelGarden.Search.Documents;
using ModelGarden.Search.Queries.Language;

namespace ModelGarden.Search.Queries;

/// <summary>Makes a query of a request, or says what is wrong with it.</summary>
internal static class QueryReader
{
    public const int MostFacetValues = 50;
    public const int MostWords = 32;
    private const int DefaultPage = 20;
    private const int LargestPage = 500;
    private const int LongestText = 1000;
    private const int MostValues = 100;
    private const int MostNear = 8;
    private const string Word = "word";
    private const string Phrase = "phrase";

    private static readonly Dictionary<string, SortOrder> Sorts = Enum.GetValues<SortOrder>().ToDictionary(NameOf);

    private static readonly Dictionary<string, Field> Fields = Enum.GetValues<Field>().ToDictionary(NameOf);

    private static readonly Dictionary<string, Field> Facets = Fields.Where(field => field.Value is not Field.BaseModel).ToDictionary();

    public static string NameOf(Field field) => field is Field.BaseModel ? "base" : field.ToString().ToLowerInvariant();

    public static bool IsSort(string sort) => Sorts.ContainsKey(sort);

    /// <summary>The list of a request that filters by a field; null: none does.</summary>
    public static RepeatedField<string>? ListOf(QueryRequest request, string field) => Filters(request).FirstOrDefault(filter => NameOf(filter.Field) == field).Values;

    public static Result<SearchQuery> Read(QueryRequest request)
    {
        var whole = Whole(request);
        return whole.Error is { } error ? error : ReadWhole(whole.Value);
    }

    /// <summary>The request with what its query says in the fields that say the same.</summary>
    private static Result<QueryRequest> Whole(QueryRequest request)
    {
        if (request.Query.Length > LongestText)
        {
            return SearchErrors.TextTooLong("query", request.Query.Length, LongestText);
        }

        var written = QueryLanguage.Read(request.Query);
        if (written.Error is { } error)
        {
            return error;
        }

        if (QueryRequest.Descriptor.Fields.InDeclarationOrder().FirstOrDefault(field => IsSaid(field, request) && IsSaid(field, written.Value)) is { } twice)
        {
            return SearchErrors.GivenTwice(twice.Name);
        }

        written.Value.MergeFrom(request);
        return written.Value;
    }

    private static bool IsSaid(FieldDescriptor field, QueryRequest request) => field.FieldNumber is not QueryRequest.ExcludedFieldNumber && field.Accessor.GetValue(request) switch
    {
        _ when field.HasPresence => field.Accessor.HasValue(request),
        string text => text.Length > 0,
        IList list => list.Count > 0,
        var number => Convert.ToInt32(number, System.Globalization.CultureInfo.InvariantCulture) is not 0,
    };

    private static Result<SearchQuery> ReadWhole(QueryRequest request)
    {
        // Of a text that is too long not even the words are looked for.
        var typed = request.Text.Length > LongestText ? [] : Words.InOrder(request.Text);
        List<string> words = [.. typed.Distinct()];
        if (Refusal(request) is { } refusal)
        {
            return refusal;
        }

        List<IReadOnlyList<string>> phrases = [.. request.Phrases.Select(value => Words.InOrder(value, MostWords + 1)).Where(phrase => phrase.Count > 0)];
        List<IReadOnlyList<string>> excludedPhrases = [.. ValuesOf(request, Phrase).Select(value => Words.InOrder(value, MostWords + 1)).Where(phrase => phrase.Count > 0)];
        List<IReadOnlyList<string>> excludedWords = [.. ValuesOf(request, Word).Select(value => Words.OfQuery(value, MostWords + 1)).Where(group => group.Count > 0)];
        List<QueryWord> exact = [.. phrases.SelectMany(phrase => phrase).Distinct().Except(words).Select(word => new QueryWord(word, WordForm.Exact))];
        List<QueryWord> near = [.. request.Near.SelectMany(value => Words.OfQuery(value, MostWords + 1)).Distinct().Select(word => new QueryWord(word, WordForm.Near))];
        if (words.Count + near.Count + phrases.Sum(phrase => phrase.Count) + excludedWords.Sum(group => group.Count) + excludedPhrases.Sum(phrase => phrase.Count) > MostWords)
        {
            return SearchErrors.TooManyWords(MostWords);
        }

        var isOpen = words.Count > 0 && !char.IsWhiteSpace(request.Text[^1]);
        var query = new SearchQuery
        {
            Words = [.. words.Select((word, i) => new QueryWord(word, isOpen && i == words.Count - 1 ? WordForm.Begun : WordForm.Whole)), .. exact, .. near],
            Phrases = phrases,
            ExcludedPhrases = excludedPhrases,
            Run = typed.Count > 1 ? new(typed, isOpen) : null,
            ExactName = request.Text.Contains('/') ? request.Text.Trim().ToLowerInvariant() : "",
            Filters = Filters(request).Where(filter => filter.Values.Count > 0).ToDictionary(filter => filter.Field, IReadOnlySet<string> (filter) => filter.Values.ToHashSet(StringComparer.OrdinalIgnoreCase)),
            ExcludedWords = excludedWords,
            Excluded = request.Excluded.Where(exclusion => exclusion.Field is not (Word or Phrase) && exclusion.Values.Count > 0).GroupBy(exclusion => Fields[exclusion.Field])
                .ToDictionary(group => group.Key, IReadOnlySet<string> (group) => group.SelectMany(exclusion => exclusion.Values).ToHashSet(StringComparer.OrdinalIgnoreCase)),
            Kind = request.Kind,
            MinimumParameters = request.HasMinimumParameters ? request.MinimumParameters : null,
            MaximumParameters = request.HasMaximumParameters ? request.MaximumParameters : null,
            Facets = [.. request.Facets.Select(name => Facets[name]).Distinct()],
            Sort = request.Sort.Length > 0 ? Sorts[request.Sort] : words.Count + exact.Count + near.Count > 0 ? SortOrder.Relevance : SortOrder.Updated,
            IsFolded = request.Fold,
            HasHighlights = request.Highlights,
            PageSize = request.PageSize is 0 ? DefaultPage : request.PageSize,
        };
        return WithPlace(query, request.PageToken);
    }

    private static Error? Refusal(QueryRequest request) => request switch
    {
        { Text.Length: > LongestText } => SearchErrors.TextTooLong("text", request.Text.Length, LongestText),
        { PageSize: < 0 or > LargestPage } => SearchErrors.BadPageSize(request.PageSize, LargestPage),
        _ when request.Sort.Length > 0 && !Sorts.ContainsKey(request.Sort) => SearchErrors.BadSort(request.Sort),
        _ when request.Facets.FirstOrDefault(name => !Facets.ContainsKey(name)) is { } unknown => SearchErrors.BadFacet(unknown),
        _ when Filters(request).FirstOrDefault(filter => filter.Values.Count > MostValues) is { Values: not null } full => SearchErrors.TooManyValues(NameOf(full.Field), MostValues),
        _ when request.Excluded.FirstOrDefault(exclusion => exclusion.Field is not (Word or Phrase) && !Fields.ContainsKey(exclusion.Field)) is { } unknown => SearchErrors.BadExclusion(unknown.Field),
        { Near.Count: > MostNear } => SearchErrors.TooManyValues("near", MostNear),
        _ when request.Near.FirstOrDefault(text => text.Length > LongestText) is { } value => SearchErrors.TextTooLong("near", value.Length, LongestText),
        { Phrases.Count: > MostWords } => SearchErrors.TooManyValues("phrases", MostWords),
        _ when request.Phrases.FirstOrDefault(text => text.Length > LongestText) is { } value => SearchErrors.TextTooLong("phrases", value.Length, LongestText),
        _ when request.Excluded.Sum(exclusion => exclusion.Values.Count) > MostValues => SearchErrors.TooManyValues("excluded", MostValues),
        _ => null,
    };

    /// <summary>What is excluded under one name.</summary>
    private static IEnumerable<string> ValuesOf(QueryRequest request, string excluded) => request.Excluded.Where(exclusion => exclusion.Field == excluded).SelectMany(exclusion => exclusion.Values);

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

    public static string NameOf(SortOrder sort) => sort.ToString().ToLowerInvariant();
}
