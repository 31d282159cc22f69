using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Repositories;
using ModelGarden.Hub.Routing;
using ModelGarden.Hub.Wire;

namespace ModelGarden.Hub.Listing;

/// <summary>Finds repositories through Search.</summary>
internal sealed class ListEndpoints(Garden garden, LicenseTerms terms, Siblings siblings, Family family) : IEndpoints
{
    // A page with every repository's files, or its family, costs a call for each.
    private const int PageWithCalls = 50;
    private const int UsualPage = 500;

    // Facets and what the protocol calls them, as filters are written. A value is of the first type that it fits.
    private static readonly TagType[] ModelTypes =
    [
        new("task", "pipeline_tag", ""), new("library", "library", ""), new("license", "license", "license:"), new("language", "language", ""), new("tag", "other", ""),
    ];

    private static readonly TagType[] DatasetTypes =
    [
        new("task", "task_categories", "task_categories:"), new("license", "license", "license:"), new("language", "language", "language:"),
        new("tag", "size_categories", CardFields.SizeCategories, IsInTag: true), new("tag", "other", ""),
    ];

    public IEnumerable<HubRoute> Routes =>
    [
        new("GET", "/api/{kind}", ListAsync),
        new("GET", "/api/models-tags-by-type", request => TagsAsync(request, RepositoryKind.Model, ModelTypes)),
        new("GET", "/api/datasets-tags-by-type", request => TagsAsync(request, RepositoryKind.Dataset, DatasetTypes)),
    ];

    private async Task ListAsync(HubRequest request)
    {
        var (expand, full) = (Expansion.Of(request), request.QueryFlag("full"));
        var withFiles = full || expand.Fields.Contains("siblings");
        var query = ListQuery.Of(request, withFiles || Family.IsAsked(expand) ? PageWithCalls : UsualPage);
        if (query.FitsNothing)
        {
            await request.Http.WriteJsonAsync(new JsonArray());
            return;
        }

        var found = await garden.Search.QueryAsync(query.Request, cancellationToken: request.Cancel);
        var (gates, answers) = (await terms.GetAsync(request.Cancel), new JsonArray());
        foreach (var repository in found.Hits.Select(hit => hit.Repository).Where(repository => query.Keeps(repository, repository.Record, gates)))
        {
            answers.Add(await DescribeAsync(request, repository, gates, expand, withFiles));
        }

        request.LinkNext(found.NextPageToken);
        await request.Http.WriteJsonAsync(answers);
    }

    private async Task<JsonObject> DescribeAsync(HubRequest request, Repository repository, Terms gates, Expansion expand, bool withFiles)
    {
        var commit = repository.Record?.Revision is { Length: > 0 } revision ? revision : repository.Head;
        var json = RepositoryJson.Describe(repository, repository.Record, commit, null, gates);
        LeaveOut(json, !expand.IsAsked && !request.QueryFlag("cardData"), "cardData", CardFields.ModelIndex, CardFields.Widget);
        LeaveOut(json, !expand.IsAsked && !request.QueryFlag("config"), TransformersFields.Config, TransformersFields.Info);

        if (withFiles)
        {
            json["siblings"] = await siblings.ListAsync(repository.Name, request.Kind, commit, withBlobs: false, request.Cancel);
        }

        if (Family.IsAsked(expand))
        {
            await family.AddAsync(json, repository, request.Cancel);
        }

        return expand.Apply(json);
    }

    // Lists are short where nobody asks for more.
    private static void LeaveOut(JsonObject json, bool isShort, params ReadOnlySpan<string> names)
    {
        foreach (var name in isShort ? names : [])
        {
            json.Remove(name);
        }
    }

    private async Task TagsAsync(HubRequest request, RepositoryKind kind, TagType[] types)
    {
        var found = await garden.Search.QueryAsync(
            new() { Kind = kind, PageSize = 1, Facets = { types.Select(type => type.Facet).Distinct() } }, cancellationToken: request.Cancel);
        await request.Http.WriteJsonAsync(new JsonObject(types.Select(type => KeyValuePair.Create(type.Name, (JsonNode?)TagsOf(found, type, types)))));
    }

    private static JsonArray TagsOf(QueryResponse found, TagType type, TagType[] types) =>
        [.. found.Facets.Where(facet => facet.Name == type.Facet).SelectMany(facet => facet.Values).Select(value => value.Value)
            .Where(value => type == Array.Find(types, one => one.Facet == type.Facet && (!one.IsInTag || value.StartsWith(one.Prefix, StringComparison.Ordinal))))
            .Select(value => type.IsInTag ? value[type.Prefix.Length..] : value)
            .Select(value => new JsonObject { ["id"] = type.Prefix + value, ["label"] = value, ["type"] = type.Name })];

    /// <summary>A type of tags.</summary>
    /// <param name="Facet">Search's name of it.</param>
    /// <param name="Name">The protocol's.</param>
    /// <param name="Prefix">Stands before a value where it is a filter.</param>
    /// <param name="IsInTag">It stands before it in the facet too, which has others as well.</param>
    private sealed record TagType(string Facet, string Name, string Prefix, bool IsInTag = false);
}
