using Microsoft.Extensions.Caching.Memory;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Calls;

namespace ModelGarden.Artifacts.Cas;

/// <summary>
/// The large files of a commit, as Catalog has it: who may read a repository may read those, and no others of the same tenant. A commit never changes.
/// </summary>
internal sealed class CommitFiles(Peers peers) : IDisposable
{
    // Files, of all commits: some 180 bytes each. A commit with more of them is asked for every time.
    private const long Limit = 200_000;
    private const int PageSize = 1000;
    private readonly MemoryCache _commits = new(new MemoryCacheOptions { SizeLimit = Limit });

    public async Task<bool> HasAsync(string repository, string commit, string sha256, CancellationToken cancellationToken) =>
        commit.Length > 0 && (_commits.Get<HashSet<string>>((repository, commit)) ?? await LoadAsync(repository, commit, cancellationToken)).Contains(sha256);

    public void Dispose() => _commits.Dispose();

    private async Task<HashSet<string>> LoadAsync(string repository, string commit, CancellationToken cancellationToken)
    {
        var catalog = new Catalog.CatalogClient(peers.AsService(ServiceNames.Catalog));
        var (files, page) = (new HashSet<string>(StringComparer.Ordinal), "");
        do
        {
            var tree = await catalog.ListTreeAsync(
                new() { Name = repository, Revision = commit, Recursive = true, PageSize = PageSize, PageToken = page }, cancellationToken: cancellationToken);
            files.UnionWith(tree.Entries.Where(entry => entry.Sha256.Length > 0).Select(entry => entry.Sha256));
            page = tree.NextPageToken;
        }
        while (page.Length > 0);
        return _commits.Set((repository, commit), files, new MemoryCacheEntryOptions { Size = files.Count + 1 });
    }
}
