using System.Text.Json;
using Google.Protobuf.Collections;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Benchmarks.Index;

/// <summary>One of the made-up queries, as a client asks it. Its words are finished ones, as those of a full-text search of a database are; a prefix asks for names.</summary>
/// <param name="Kind">Which of gen_catalog.py's kinds.</param>
/// <param name="Request">What is asked for.</param>
/// <param name="Text">What was typed.</param>
/// <param name="Filters">Values by <c>task</c>, <c>library</c>, <c>license</c> and <c>tag</c>.</param>
/// <param name="Offset">How many come before the page.</param>
internal sealed record AskedQuery(string Kind, QueryRequest Request, string Text, IReadOnlyDictionary<string, string> Filters, int Offset)
{
    public const int PageSize = 20;
    public const int Completions = 10;
    private const int LargestStep = 490;

    public bool IsPrefix => Kind is "prefix";

    /// <summary>Counted apart from all others: words that a tenth of the catalog and more has.</summary>
    public bool IsPopular => Kind is "facet_popular";

    private bool HasFacets => Kind is "facet" or "facet_popular";

    public static async Task<AskedQuery[]> ReadAsync(string path) => [.. (await File.ReadAllLinesAsync(path)).Select(Parse)];

    /// <summary>Pages to where the query begins.</summary>
    /// <param name="next">The token of the page after that of a request; empty: there is none.</param>
    public async Task GoToAsync(Func<QueryRequest, Task<string>> next)
    {
        for (var passed = 0; passed < Offset; passed += Request.PageSize)
        {
            Request.PageSize = Math.Min(Offset - passed, LargestStep);
            if (await next(Request) is not { Length: > 0 } token)
            {
                break;
            }

            Request.PageToken = token;
        }

        Request.PageSize = PageSize;
    }

    private static AskedQuery Parse(string line)
    {
        using var json = JsonDocument.Parse(line);
        var query = json.RootElement;
        var filters = query.TryGetProperty("filters", out var all) ? all.EnumerateObject().ToDictionary(filter => filter.Name, filter => filter.Value.GetString()!) : [];
        var asked = new AskedQuery(
            query.GetProperty("kind").GetString()!, new() { PageSize = PageSize }, query.TryGetProperty("q", out var text) ? text.GetString()! : "", filters,
            query.TryGetProperty("offset", out var offset) ? offset.GetInt32() : 0);
        asked.Fill();
        return asked;
    }

    private void Fill()
    {
        Request.Text = Kind is "exact" or "prefix" || Text.Length is 0 ? Text : $"{Text} ";
        Request.Sort = Filters.Count > 0 ? "downloads" : "";
        if (HasFacets)
        {
            Request.Facets.AddRange(["task", "library", "license"]);
        }

        foreach (var (filter, value) in Filters)
        {
            ValuesOf(filter).Add(value);
        }
    }

    private RepeatedField<string> ValuesOf(string filter) => filter switch
    {
        "task" => Request.Tasks,
        "library" => Request.Libraries,
        "license" => Request.Licenses,
        _ => Request.Tags,
    };
}
