using System.Globalization;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Repositories;
using ModelGarden.Hub.Routing;
using ModelGarden.Hub.Wire;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Listing;

/// <summary>
/// A list's query in Search's words. The protocol wants a repository to bear all tags that are asked for, Search one of each filter's: where
/// two of a kind are asked for, <see cref="Keeps"/> sees to the rest.
/// </summary>
internal sealed class ListQuery
{
    private const int MaximumPage = 500;
    private const string BaseModel = "base_model:";
    private readonly List<string> _tags = [];

    private ListQuery(QueryRequest request) => Request = request;

    public QueryRequest Request { get; }

    /// <summary>What is asked for is known to be of nothing here: nobody is asked.</summary>
    public bool FitsNothing { get; private set; }

    /// <summary>Null: gated or not.</summary>
    public bool? Gated { get; private init; }

    /// <param name="request">The protocol's request.</param>
    /// <param name="usualPage">How many on a page if the client does not say, and at most.</param>
    public static ListQuery Of(HubRequest request, int usualPage = MaximumPage)
    {
        var query = new ListQuery(new()
        {
            Kind = request.Kind,
            Text = string.Join(' ', request.QueryAll("search")),
            Sort = SortOf(request),
            PageSize = request.Limit(usualPage, usualPage),
            PageToken = request.QueryText(Paging.Cursor) ?? "",
        })
        { Gated = request.QueryBoolean("gated") };
        query.Request.Owners.AddRange(request.QueryAll("author"));
        query.Request.Tasks.AddRange(request.QueryAll("pipeline_tag"));
        query.Request.Libraries.AddRange(request.QueryAll("library"));
        foreach (var filter in request.QueryAll("filter"))
        {
            query.AddFilter(filter);
        }

        query.AddParameters(request.QueryText("num_parameters"));
        query.AddApps([.. request.QueryAll("apps").SelectMany(value => value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))]);
        // Nobody offers to run what is here but the garden itself, which is none of the protocol's providers.
        query.FitsNothing |= request.QueryAll("inference").Count > 0 || request.QueryAll("inference_provider").Count > 0;
        return query;
    }

    /// <summary>The repository bears all tags that were asked for.</summary>
    public bool Keeps(Repository repository, ModelRecord? record, Terms terms)
    {
        if (Gated is { } gated && terms.GateOf(repository, record?.Declared) is not null != gated)
        {
            return false;
        }

        return _tags.Count is 0 || _tags.TrueForAll(RepositoryTags.Of(record, repository.AttestedRating).ToHashSet(StringComparer.OrdinalIgnoreCase).Contains);
    }

    private void AddFilter(string filter)
    {
        var (target, value) = Place(filter);
        if (target.Count > 0)
        {
            // Search would take either; all of them are wanted.
            _tags.Add(TagOf(filter));
            return;
        }

        target.Add(value);
        if (filter.StartsWith(BaseModel, StringComparison.Ordinal) && filter[BaseModel.Length..] != value)
        {
            // Search knows the base, not how it was made of it.
            _tags.Add(filter);
        }
    }

    private (ICollection<string> Target, string Value) Place(string filter) => filter.Split(':', 2) switch
    {
        ["license", var license] => (Request.Licenses, license),
        ["language", var language] => (Request.Languages, language),
        ["task_categories" or "task", var task] => (Request.Tasks, task),
        ["library", var library] => (Request.Libraries, library),
        ["base_model", var model] => (Request.BaseModels, model[(model.IndexOf(':', StringComparison.Ordinal) + 1)..]),
        [var tag] when KnownTags.Tasks.Contains(tag) => (Request.Tasks, tag),
        [var tag] when KnownTags.Libraries.Contains(tag) => (Request.Libraries, tag),
        [var tag] when KnownTags.Formats.Contains(tag) => (Request.Formats, tag),
        [{ Length: 2 } tag] when tag.All(char.IsAsciiLetterLower) => (Request.Languages, tag),
        _ => (Request.Tags, filter),
    };

    /// <summary>As repositories bear what a filter asks for.</summary>
    private static string TagOf(string filter) => filter.Split(':', 2) is ["language" or "library" or "task", var bare] ? bare : filter;

    /// <summary>Programs that people run models with on their own machines: of one that is known to read GGUF, models of that format, whatever else they are to be; what others read is not known.</summary>
    private void AddApps(string[] apps)
    {
        if (apps.Any(KnownTags.GgufApps.Contains))
        {
            AddFilter("gguf");
        }
        else
        {
            FitsNothing |= apps.Length > 0;
        }
    }

    private void AddParameters(string? text)
    {
        foreach (var part in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            switch (part.Split(':', 2))
            {
                case ["min", var minimum]:
                    Request.MinimumParameters = Count(minimum);
                    break;
                case ["max", var maximum]:
                    Request.MaximumParameters = Count(maximum);
                    break;
                default:
                    throw Bad("num_parameters", part, "'min:6B,max:128B' is expected");
            }
        }
    }

    private static long Count(string text)
    {
        var factor = text.Length is 0 ? 0 : char.ToUpperInvariant(text[^1]) switch { 'K' => 1e3, 'M' => 1e6, 'B' => 1e9, 'T' => 1e12, _ => 1.0 };
        var digits = factor > 1 ? text[..^1] : text;
        return double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number * factor is >= 0 and < 1e18
            ? (long)(number * factor)
            : throw Bad("num_parameters", text, "a number with K, M, B or T is expected");
    }

    private static string SortOf(HubRequest request)
    {
        if (request.QueryText("direction") is { } direction and not "-1")
        {
            throw Bad("direction", direction, "lists are sorted downwards: -1");
        }

        return request.QueryText("sort") switch
        {
            null => "",
            "downloads" => "downloads",
            "trendingScore" or "trending_score" => "trending",
            "likes" or "likes30d" => "likes",
            "lastModified" or "last_modified" => "updated",
            "createdAt" or "created_at" => "created",
            "id" => "name",
            "num_parameters" => "parameters",
            "mainSize" => "size",
            var other => throw Bad("sort", other, "downloads, likes, lastModified, createdAt, trendingScore, num_parameters, mainSize and id are served"),
        };
    }

    private static ErrorException Bad(string key, string value, string what) =>
        new(Error.Invalid("BAD_QUERY", $"query value {key}={Text.Shorten(value)}: {what}"));
}
