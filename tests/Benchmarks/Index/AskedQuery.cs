using System.Text.Json;
using Google.Protobuf.Collections;
using ModelGarden.Contracts.V1;
using ModelGarden.Search;
using ModelGarden.Search.Engines.Embedded;
using ModelGarden.Search.Queries;

namespace ModelGarden.Benchmarks.Index;

/// <summary>One of the made-up queries, as a client asks it. Their words are finished ones, as those of a full-text search of a database are; a prefix asks for names.</summary>
internal sealed class AskedQuery
{
    private const int PageSize = 20;
    private const int Completions = 10;
    private readonly QueryRequest _request;
    private readonly string _prefix;

    private AskedQuery(string kind, QueryRequest request, string prefix) => (Kind, _request, _prefix) = (kind, request, prefix);

    public string Kind { get; }

    public static async Task<AskedQuery> OfAsync(EmbeddedSearchEngine engine, Viewer viewer, string line)
    {
        using var query = JsonDocument.Parse(line);
        var (kind, text) = (query.RootElement.GetProperty("kind").GetString()!, query.RootElement.TryGetProperty("q", out var q) ? q.GetString()! : "");
        var request = new QueryRequest { PageSize = PageSize, Text = kind is "text" or "text_filter" or "facet" ? $"{text} " : text, Sort = kind is "text_filter" or "browse_p1" or "browse_p50" ? "downloads" : "" };
        if (kind is "facet")
        {
            request.Facets.AddRange(["task", "library", "license"]);
        }

        foreach (var filter in query.RootElement.TryGetProperty("filters", out var filters) ? filters.EnumerateObject() : default)
        {
            ValuesOf(request, filter.Name).Add(filter.Value.GetString() ?? "");
        }

        await GoToAsync(engine, viewer, request, query.RootElement.TryGetProperty("offset", out var offset) ? offset.GetInt32() : 0);
        return new(kind, request, kind is "prefix" ? text : "");
    }

    public async ValueTask AskAsync(EmbeddedSearchEngine engine, Viewer viewer)
    {
        if (_prefix.Length > 0)
        {
            await engine.CompleteNameAsync(_prefix, viewer, Completions, CancellationToken.None);
        }
        else
        {
            await engine.SearchAsync(QueryReader.Read(_request).OrThrow(), viewer, CancellationToken.None);
        }
    }

    private static RepeatedField<string> ValuesOf(QueryRequest request, string filter) => filter switch
    {
        "task" => request.Tasks,
        "library" => request.Libraries,
        "license" => request.Licenses,
        _ => request.Tags,
    };

    /// <summary>Pages to where the query begins.</summary>
    private static async Task GoToAsync(EmbeddedSearchEngine engine, Viewer viewer, QueryRequest request, int offset)
    {
        for (var passed = 0; passed < offset; passed += request.PageSize)
        {
            request.PageSize = Math.Min(offset - passed, 490);
            var query = QueryReader.Read(request).OrThrow();
            if ((await engine.SearchAsync(query, viewer, CancellationToken.None)).Next is not { } next)
            {
                break;
            }

            request.PageToken = PageToken.Write(next, query);
        }

        request.PageSize = PageSize;
    }
}
