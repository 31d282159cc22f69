using ModelGarden.Contracts.V1;
using ModelGarden.Search.Queries;

namespace ModelGarden.Search.Engines;

/// <summary>
/// Holds repositories and finds them. Every implementation passes <c>SearchEngineContract</c>. Changes come one at a time, in the order of the feed; one that
/// comes again changes nothing.
/// </summary>
internal interface ISearchEngine
{
    /// <summary>How many repositories it holds.</summary>
    int Count { get; }

    /// <summary>The position in the feed of the last change it was told; after a restart, of the last one that it kept.</summary>
    long Position { get; }

    /// <summary>It was told all there was once: its answers are right.</summary>
    bool IsWhole { get; }

    /// <summary>Puts a repository's newest state, as Catalog's feed has it, in place of any older one.</summary>
    ValueTask PutAsync(Repository state, long position, CancellationToken cancellationToken);

    /// <summary>Forgets a repository; one that is not there is forgotten already.</summary>
    ValueTask RemoveAsync(string id, long position, CancellationToken cancellationToken);

    /// <summary>Takes note of a change that is none of a repository.</summary>
    ValueTask PassAsync(long position, CancellationToken cancellationToken);

    /// <summary>Takes note that it was told all there is up to this position: from now on it is whole, also after a restart.</summary>
    ValueTask CompleteAsync(long position, CancellationToken cancellationToken);

    /// <summary>What the viewer may see of what matches. Nothing in the answer, counts and scores included, depends on what he may not see.</summary>
    ValueTask<SearchResult> SearchAsync(SearchQuery query, Viewer viewer, CancellationToken cancellationToken);

    /// <summary>The names of repositories that the viewer may see, which begin so, whatever their case, with their owner or without; those most downloaded first.</summary>
    ValueTask<IReadOnlyList<string>> CompleteNameAsync(string beginning, Viewer viewer, int limit, CancellationToken cancellationToken);
}
