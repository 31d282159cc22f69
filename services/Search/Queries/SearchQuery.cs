using ModelGarden.Contracts.V1;

namespace ModelGarden.Search.Queries;

internal enum SortOrder
{
    Relevance,
    Downloads,
    Likes,
    Trending,
    Updated,
    Created,
    Name,
    Parameters,
    Size,
}

/// <summary>What documents are filtered and counted by.</summary>
internal enum Field
{
    Task,
    Library,
    License,
    Language,
    Tag,
    Owner,
    Format,
    BaseModel,
}

/// <summary>How a word is looked for.</summary>
internal enum WordForm
{
    /// <summary>As it stands, and in the other forms of an English word: quantized is found by quantization too.</summary>
    Whole,

    /// <summary>As <see cref="Whole"/>, and as the beginning of a word.</summary>
    Begun,

    /// <summary>As it stands, and as words that are spelt almost so.</summary>
    Near,

    /// <summary>As it stands, in no other form.</summary>
    Exact,
}

/// <param name="Text">In small letters.</param>
/// <param name="Form">How it is looked for.</param>
internal readonly record struct QueryWord(string Text, WordForm Form);

/// <summary>A query that is known to be a sensible one.</summary>
internal sealed record SearchQuery
{
    /// <summary>All must be found; none: everything.</summary>
    public IReadOnlyList<QueryWord> Words { get; init; } = [];

    /// <summary>Words that stand one after the other in one text (a name, a title, a tag), as they are; of one word, this. All are among <see cref="Words"/> too.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Phrases { get; init; } = [];

    /// <summary>Nothing that has the words of one of these one after the other.</summary>
    public IReadOnlyList<IReadOnlyList<string>> ExcludedPhrases { get; init; } = [];

    /// <summary>The words as they were typed, one after the other: names that have them so come before those that have them here and there. Null: there are not two.</summary>
    public TypedRun? Run { get; init; }

    /// <summary>The text in small letters, if it may be a whole name: what is named so comes first by relevance.</summary>
    public string ExactName { get; init; } = "";

    /// <summary>Of each field one of the values, whatever its case; fields without values are not here.</summary>
    public IReadOnlyDictionary<Field, IReadOnlySet<string>> Filters { get; init; } = new Dictionary<Field, IReadOnlySet<string>>();

    /// <summary>Nothing that has all words of one of these.</summary>
    public IReadOnlyList<IReadOnlyList<string>> ExcludedWords { get; init; } = [];

    /// <summary>Of each field none of the values, whatever its case.</summary>
    public IReadOnlyDictionary<Field, IReadOnlySet<string>> Excluded { get; init; } = new Dictionary<Field, IReadOnlySet<string>>();

    public RepositoryKind Kind { get; init; }

    public long? MinimumParameters { get; init; }

    public long? MaximumParameters { get; init; }

    /// <summary>What to count.</summary>
    public IReadOnlyList<Field> Facets { get; init; } = [];

    public SortOrder Sort { get; init; }

    public int PageSize { get; init; } = 20;

    /// <summary>What is made of something that is found too stands under that, and is counted there instead of being shown.</summary>
    public bool IsFolded { get; init; }

    /// <summary>Hits say where in them there is what was looked for.</summary>
    public bool HasHighlights { get; init; }

    /// <summary>Where nothing is found, it is said what may have been meant.</summary>
    public bool HasSuggestion { get; init; } = true;

    /// <summary>Where the page before ended; null: the first page.</summary>
    public Place? After { get; init; }
}

/// <summary>
/// A document's place in an order: the greatest number first, then by name, then by id, both by their UTF-8. Naming a place, not a count, keeps pages whole while
/// documents come and go.
/// </summary>
/// <param name="Number">What the order is by; in an order by names 0.</param>
/// <param name="Name">In small letters.</param>
/// <param name="Id">Of the repository.</param>
/// <param name="Corpus">What scores were counted with, and are on the pages after it; null in an order by anything else.</param>
internal readonly record struct Place(double Number, string Name, string Id, Corpus? Corpus = null);

/// <summary>What the rarity of words is counted among: only what all may see. It changes with every repository that comes or goes, and scores with it.</summary>
/// <param name="All">How many documents there are.</param>
/// <param name="Known">Of each word of the query how many of them have it.</param>
internal sealed record Corpus(long All, IReadOnlyList<long> Known)
{
    public bool Equals(Corpus? other) => other is not null && other.All == All && other.Known.SequenceEqual(Known);

    public override int GetHashCode() => HashCode.Combine(All, Known.Count);
}

/// <param name="Hits">One page, in order.</param>
/// <param name="Next">Where the page ends, if there are more.</param>
/// <param name="Total">All that match, exactly; of a folded query all that are shown.</param>
/// <param name="Facets">In the order asked for.</param>
/// <param name="DidYouMean">Where nothing is found: words in place of the query's, with which there is something; else empty.</param>
internal sealed record SearchResult(IReadOnlyList<Hit> Hits, Place? Next, long Total, IReadOnlyList<Facet> Facets, string DidYouMean = "");
