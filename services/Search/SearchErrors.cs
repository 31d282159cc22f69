using ModelGarden.Kernel;
using ModelGarden.Search.Queries;

namespace ModelGarden.Search;

/// <summary>Every refusal of this service, in one place.</summary>
internal static class SearchErrors
{
    public const string QueryTooCostlyReason = "QUERY_TOO_COSTLY";

    public static readonly Error IndexBuilding = Error.Unavailable("INDEX_BUILDING", "the index is being built from the catalog: try again in a moment");

    public static readonly Error BadPageToken = Error.Invalid("BAD_PAGE_TOKEN", "page_token is not one that this query answered: begin with an empty one");

    public static Error BadSort(string sort) => Error.Invalid(
        "BAD_SORT", $"sort '{Text.Shorten(sort)}' is not known: relevance, downloads, likes, trending, updated, created, name, parameters or size is expected");

    /// <param name="column">Of what is wrong, from 1, in characters.</param>
    /// <param name="message">What is wrong.</param>
    public static Error BadQuery(int column, string message) => Error.Invalid("BAD_QUERY", $"query, column {column}: {message}");

    public static Error GivenTwice(string field) => Error.Invalid("GIVEN_TWICE", $"{field} is said by query and by its own field: leave out one of them");

    public static Error BadExclusion(string field) => Error.Invalid(
        "BAD_EXCLUSION", $"excluded field '{Text.Shorten(field)}' is not known: task, library, license, language, tag, owner, format, base, word or phrase is expected");

    public static Error BeginningTooLong(int length, int maximum) => Error.Invalid("BEGINNING_TOO_LONG", $"beginning has {length} characters: at most {maximum} are completed");

    public static Error BadLimit(int limit, int maximum) => Error.Invalid("BAD_LIMIT", $"limit is {limit}: 1 to {maximum} is expected, or 0 for the default");

    public static Error RepositoryNotFound(string name) => Error.NotFound("REPOSITORY_NOT_FOUND", $"there is no repository '{Text.Shorten(name)}', or none that you may see");

    public static Error BadFacet(string facet) => Error.Invalid(
        "BAD_FACET", $"facet '{Text.Shorten(facet)}' is not known: task, library, license, language, tag, owner or format is expected");

    public static Error BadPageSize(int size, int maximum) => Error.Invalid("BAD_PAGE_SIZE", $"page_size is {size}: 1 to {maximum} is expected, or 0 for the default");

    public static Error TextTooLong(string field, int length, int maximum) => Error.Invalid("TEXT_TOO_LONG", $"{field} has {length} characters: at most {maximum} are searched for");

    public static Error TooManyWords(int maximum) => Error.Invalid("TOO_MANY_WORDS", $"there are more than {maximum} words: at most so many are searched for");

    public static Error TooManyValues(string filter, int maximum) => Error.Invalid("TOO_MANY_VALUES", $"filter {filter} has more than {maximum} values");

    /// <param name="part">On which it was cut off.</param>
    /// <param name="text">Of the part.</param>
    public static Error QueryTooCostly(QueryPart part, string text) => Error.Invalid(QueryTooCostlyReason, "the query costs too much and was cut off: " + part switch
    {
        QueryPart.Beginning => $"too many words begin with '{Text.Shorten(text)}': type more of it, or a space behind it",
        QueryPart.Near => $"too many words are to be compared with '{Text.Shorten(text)}': leave out a '~'",
        QueryPart.Phrase => $"too much has all words of \"{Text.Shorten(text)}\": add a word or a filter, or leave out the quotation marks",
        QueryPart.Filter => $"too much has the values of {text}: name fewer",
        QueryPart.Facet => $"facet {text} has too much to count: narrow the query, or leave the facet out",
        QueryPart.Order => $"too much is found to be put in the order of {text}: add a word or a filter",
        QueryPart.Fold => "too much is found to be put under its base: add a word or a filter, or leave out fold",
        _ => $"too much has '{Text.Shorten(text)}' or other forms of it: leave out words",
    });
}
