using System.Globalization;
using Google.Protobuf.Collections;
using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Tests.Doubles;

/// <summary>Search over what <see cref="CatalogStore"/> holds; keeps the last question.</summary>
public sealed class SearchDouble(CatalogStore store) : Search.SearchBase
{
    public QueryRequest? Last { get; private set; }

    public override Task<QueryResponse> Query(QueryRequest request, ServerCallContext context)
    {
        Last = request;
        var hits = store.All.Where(repository => repository.Kind == request.Kind && (repository.IsPublished || context.GetCaller().IsOf(repository.Owner)))
            .Where(repository => repository.Name.Contains(request.Text, StringComparison.OrdinalIgnoreCase))
            .Where(repository => One(request.Tasks, [repository.Declared.Task]) && One(request.Libraries, [repository.Declared.Library])
                && One(request.Licenses, repository.Declared.Licenses) && One(request.Tags, repository.Declared.Tags)
                && One(request.Languages, repository.Declared.Languages) && One(request.Owners, [repository.Owner])
                && One(request.Formats, repository.Measured.Formats) && One(request.BaseModels, repository.Declared.BaseModels)).ToList();
        var from = request.PageToken.Length is 0 ? 0 : int.TryParse(request.PageToken, CultureInfo.InvariantCulture, out var at) ? at
            : throw new ErrorException(Error.Invalid("BAD_PAGE_TOKEN", "the page token is not one of this search"));
        var size = request.PageSize is 0 ? 20 : request.PageSize;
        return Task.FromResult(new QueryResponse
        {
            Hits = { hits.Skip(from).Take(size).Select(repository => new Hit { Repository = repository.Describe() }) },
            NextPageToken = from + size < hits.Count ? (from + size).ToString(CultureInfo.InvariantCulture) : "",
            Total = hits.Count,
            Facets = { request.Facets.Select(name => new Facet { Name = name, Values = { Values(name, hits) } }) },
        });
    }

    private static IEnumerable<FacetValue> Values(string facet, List<StoredRepository> hits) =>
        hits.SelectMany(hit => facet switch { "task" => hit.Declared.TaskCategories.Prepend(hit.Declared.Task), "license" => hit.Declared.Licenses, "language" => hit.Declared.Languages, "tag" => hit.Declared.Tags, _ => Enumerable.Empty<string>() })
            .Where(value => value.Length > 0).GroupBy(value => value).Select(group => new FacetValue { Value = group.Key, Count = group.Count() });

    private static bool One(RepeatedField<string> wanted, IEnumerable<string> present) => wanted.Count is 0 || wanted.Intersect(present, StringComparer.OrdinalIgnoreCase).Any();
}
