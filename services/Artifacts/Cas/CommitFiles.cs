using Microsoft.Extensions.Caching.Memory;
using ModelGarden.Contracts.V1;
using ModelGarden.Formats;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Calls;

namespace ModelGarden.Artifacts.Cas;

/// <summary>
/// The large files of a commit, as Catalog has it: who may read a repository may read those, and no others of the same tenant. A commit never changes.
/// </summary>
internal sealed class CommitFiles(Peers peers) : IDisposable
{
    // Names, of all commits: some 180 bytes each. A commit with more of them is asked for every time.
    private const long Limit = 200_000;
    private const int PageSize = 1000;
    private readonly MemoryCache _commits = new(new MemoryCacheOptions { SizeLimit = Limit });

    /// <summary>What the file's names in the commit end in, each ending once; none: the commit has no such file.</summary>
    public async Task<IReadOnlyCollection<string>> EndingsOfAsync(string repository, string commit, string sha256, CancellationToken cancellationToken) =>
        commit.Length is 0 ? [] : (_commits.Get<Endings>((repository, commit)) ?? await LoadAsync(repository, commit, cancellationToken)).Of(sha256);

    public void Dispose() => _commits.Dispose();

    private async Task<Endings> LoadAsync(string repository, string commit, CancellationToken cancellationToken)
    {
        var catalog = new Catalog.CatalogClient(peers.AsService(ServiceNames.Catalog));
        var (files, page) = (new Endings(), "");
        do
        {
            var tree = await catalog.ListTreeAsync(
                new() { Name = repository, Revision = commit, Recursive = true, PageSize = PageSize, PageToken = page }, cancellationToken: cancellationToken);
            files.Add(tree.Entries.Where(entry => entry.Sha256.Length > 0));
            page = tree.NextPageToken;
        }
        while (page.Length > 0);
        return _commits.Set((repository, commit), files, new MemoryCacheEntryOptions { Size = files.Count + 1 });
    }

    private sealed class Endings
    {
        private readonly HashSet<string> _kinds = [];
        private readonly Dictionary<string, string[]> _files = new(StringComparer.Ordinal);

        public int Count { get; private set; }

        public string[] Of(string sha256) => _files.GetValueOrDefault(sha256, []);

        public void Add(IEnumerable<TreeEntry> entries)
        {
            foreach (var entry in entries)
            {
                var known = _files.GetValueOrDefault(entry.Sha256, []);
                var ending = FileNames.EndingOf(entry.Path);
                if (!known.Contains(ending))
                {
                    // There are few endings, and many files.
                    _kinds.Add(ending);
                    _files[entry.Sha256] = [.. known, _kinds.TryGetValue(ending, out var kept) ? kept : ending];
                    Count++;
                }
            }
        }
    }
}
