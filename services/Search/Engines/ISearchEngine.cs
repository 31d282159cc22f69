using ModelGarden.Contracts.V1;
using ModelGarden.Search.Queries;

namespace ModelGarden.Search.Engines;

/// <summary>Holds repositories and finds them. Every implementation passes <c>SearchEngineContract</c>.</summary>
internal interface ISearchEngine
{
    /// <summary>How many repositories it holds.</summary>
    int Count { get; }

    /// <summary>Puts a repository's newest state, as Catalog's feed has it, in place of any older one.</summary>
    ValueTask PutAsync(Repository state, CancellationToken cancellationToken);

    /// <summary>Forgets a repository; one that is not there is forgotten already.</summary>
    ValueTask RemoveAsync(string id, CancellationToken cancellationToken);

    /// <summary>What the viewer may see of what matches. Nothing in the answer, counts and scores included, depends on what he may not see.</summary>
    ValueTask<SearchResult> SearchAsync(SearchQuery query, Viewer viewer, CancellationToken cancellationToken);
}
