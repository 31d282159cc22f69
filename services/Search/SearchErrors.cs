using ModelGarden.Kernel;

namespace ModelGarden.Search;

/// <summary>Every refusal of this service, in one place.</summary>
internal static class SearchErrors
{
    public static readonly Error IndexBuilding = Error.Unavailable("INDEX_BUILDING", "the index is being built from the catalog: try again in a moment");

    public static readonly Error BadPageToken = Error.Invalid("BAD_PAGE_TOKEN", "page_token is not one that this query answered: begin with an empty one");

    public static Error BadSort(string sort) => Error.Invalid(
        "BAD_SORT", $"sort '{Text.Shorten(sort)}' is not known: relevance, downloads, likes, trending, updated, created, name, parameters or size is expected");

    public static Error BadFacet(string facet) => Error.Invalid(
        "BAD_FACET", $"facet '{Text.Shorten(facet)}' is not known: task, library, license, language, tag, owner or format is expected");

    public static Error BadPageSize(int size, int maximum) => Error.Invalid("BAD_PAGE_SIZE", $"page_size is {size}: 1 to {maximum} is expected, or 0 for the default");

    public static Error TextTooLong(int length, int maximum) => Error.Invalid("TEXT_TOO_LONG", $"text has {length} characters: at most {maximum} are searched for");

    public static Error TooManyWords(int maximum) => Error.Invalid("TOO_MANY_WORDS", $"text has more than {maximum} words: at most so many are searched for");

    public static Error TooManyValues(string filter, int maximum) => Error.Invalid("TOO_MANY_VALUES", $"filter {filter} has more than {maximum} values");
}
