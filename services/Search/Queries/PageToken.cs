using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using ModelGarden.Kernel;

namespace ModelGarden.Search.Queries;

/// <summary>A place as text that means nothing to its reader, good for the query that it was made for.</summary>
internal static class PageToken
{
    private const int MaximumLength = 2048;
    private const long MostDocuments = 1L << 40;

    public static string Write(Place place, SearchQuery query) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(
        new TokenContent(MarkOf(query), BitConverter.DoubleToInt64Bits(place.Number), place.Name, place.Id, place.Corpus is { } corpus ? [corpus.All, .. corpus.Known] : null), PageTokenJson.Default.TokenContent));

    public static Result<Place> Read(string token, SearchQuery query)
    {
        try
        {
            return token.Length <= MaximumLength
                && JsonSerializer.Deserialize(Base64Url.DecodeFromChars(token), PageTokenJson.Default.TokenContent) is { Name: not null, Id: not null } content
                && content.Query == MarkOf(query)
                && IsSane(content, query)
                ? new Place(BitConverter.Int64BitsToDouble(content.Number), content.Name, content.Id, content.Corpus is [var all, .. var known] ? new(all, known) : null)
                : SearchErrors.BadPageToken;
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            return SearchErrors.BadPageToken;
        }
    }

    /// <summary>Whoever made the token up himself gets no scores that are none.</summary>
    private static bool IsSane(TokenContent content, SearchQuery query) => double.IsFinite(BitConverter.Int64BitsToDouble(content.Number)) && content.Corpus switch
    {
        null => query.Sort is not SortOrder.Relevance,
        [>= 0 and <= MostDocuments and var all, .. var known] => query.Sort is SortOrder.Relevance && known.Length == query.Words.Count && known.All(count => count >= 0 && count <= all),
        _ => false,
    };

    /// <summary>Stands for all that decides which documents come in which order; the size of pages and the facets may change on the way.</summary>
    private static string MarkOf(SearchQuery query)
    {
        var text = new StringBuilder()
            .AppendJoin(' ', query.Words.Select(word => word.Text + MarkOf(word.Form))).Append('\n').AppendJoin(' ', query.Run?.Words ?? []).Append('\n').Append(query.ExactName).Append('\n')
            .Append(query.Kind).Append('\n').Append(query.Sort).Append(query.IsFolded ? "^\n" : "\n")
            .Append(query.MinimumParameters).Append('\n').Append(query.MaximumParameters);
        AppendValues(text, query.Filters, "");
        AppendValues(text, query.Excluded, "-");
        AppendWords(text, query.ExcludedWords, "-");
        AppendWords(text, query.Phrases, "\"");
        AppendWords(text, query.ExcludedPhrases, "-\"");

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, 8));
    }

    private static string MarkOf(WordForm form) => form switch { WordForm.Begun => "*", WordForm.Near => "~", WordForm.Exact => "=", _ => "" };

    private static void AppendWords(StringBuilder text, IReadOnlyList<IReadOnlyList<string>> groups, string sign)
    {
        foreach (var words in groups)
        {
            text.Append('\n').Append(sign).AppendJoin(' ', words);
        }
    }

    private static void AppendValues(StringBuilder text, IReadOnlyDictionary<Field, IReadOnlySet<string>> fields, string sign)
    {
        foreach (var (field, values) in fields.OrderBy(filter => filter.Key))
        {
            text.Append('\n').Append(sign).Append(field);
            foreach (var value in values.Select(value => value.ToLowerInvariant()).Order(StringComparer.Ordinal))
            {
                text.Append('\0').Append(value);
            }
        }
    }
}

internal sealed record TokenContent(
    [property: JsonPropertyName("q")] string? Query,
    [property: JsonPropertyName("n")] long Number,
    [property: JsonPropertyName("a")] string? Name,
    [property: JsonPropertyName("i")] string? Id,
    [property: JsonPropertyName("c")] long[]? Corpus);

[JsonSerializable(typeof(TokenContent))]
internal sealed partial class PageTokenJson : JsonSerializerContext;
