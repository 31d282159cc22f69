using ModelGarden.Catalog.Objects;
using ModelGarden.Catalog.Revisions;

namespace ModelGarden.Catalog.Merging;

/// <summary>Looks for what two histories of a repository have in common; its commits are read in runs along first parents.</summary>
internal sealed class AncestorSearch(CatalogDbContext context, string repositoryId)
{
    private const int RunLength = 500;
    private const int MaximumCommits = 200_000;
    private readonly Dictionary<string, IReadOnlyList<string>> _parents = new(StringComparer.Ordinal);

    /// <summary>A commit and all behind it.</summary>
    public Task<Result<HashSet<string>>> HistoryAsync(string commit, CancellationToken cancellationToken) => WalkAsync([commit], _ => false, cancellationToken);

    /// <summary>The nearest commits that both have, none of which is behind another, by id; none: they have nothing in common.</summary>
    /// <param name="one">A commit; itself counts.</param>
    /// <param name="other">Another; itself counts.</param>
    /// <param name="counts">Which commits count; what lies behind the others is looked at none the less.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<Result<IReadOnlyList<string>>> CommonAncestorsAsync(string one, string other, Func<string, bool> counts, CancellationToken cancellationToken)
    {
        var behind = await WalkAsync([one], _ => false, cancellationToken);
        if (behind.Error is { } error)
        {
            return error;
        }

        var common = new List<string>();
        var walked = await WalkAsync([other], commit => IsCommon(commit), cancellationToken);
        if (walked.Error is { } tooLong)
        {
            return tooLong;
        }

        // Histories that were merged back and forth meet more than once: what is behind another meeting is none.
        var older = common.Count > 1 ? (await WalkAsync([.. common.SelectMany(commit => _parents.GetValueOrDefault(commit, []))], _ => false, cancellationToken)).OrThrow() : [];
        return common.Where(commit => !older.Contains(commit)).Order(StringComparer.Ordinal).ToList();

        bool IsCommon(string commit)
        {
            var isCommon = behind.Value.Contains(commit) && counts(commit);
            if (isCommon)
            {
                common.Add(commit);
            }

            return isCommon;
        }
    }

    /// <summary>The commits from some on, themselves included, but for those behind one at which it stops.</summary>
    private async Task<Result<HashSet<string>>> WalkAsync(IEnumerable<string> from, Func<string, bool> stopsAt, CancellationToken cancellationToken)
    {
        var (seen, left) = (new HashSet<string>(StringComparer.Ordinal), new Stack<string>(from));
        while (left.TryPop(out var commit))
        {
            if (!seen.Add(commit))
            {
                continue;
            }

            if (seen.Count > MaximumCommits)
            {
                return Error.Exhausted("HISTORY_TOO_LONG", $"there are more than {MaximumCommits} commits behind it: no common ancestor is looked for in as many");
            }

            var parents = await ParentsAsync(commit, cancellationToken);
            foreach (var parent in stopsAt(commit) ? [] : parents)
            {
                left.Push(parent);
            }
        }

        return seen;
    }

    private async ValueTask<IReadOnlyList<string>> ParentsAsync(string commit, CancellationToken cancellationToken)
    {
        if (!_parents.TryGetValue(commit, out var parents))
        {
            await LoadAsync(commit, cancellationToken);
            parents = _parents.GetValueOrDefault(commit) ?? throw new InvalidDataException($"commit {commit} of repository {repositoryId} is missing");
        }

        return parents;
    }

    private async Task LoadAsync(string from, CancellationToken cancellationToken)
    {
        foreach (var row in await FirstParents.ReadAsync(context, repositoryId, from, RunLength, cancellationToken))
        {
            _parents[row.Oid] = [.. CommitObject.Read(row.Content).Parents.Select(parent => parent.Hex)];
        }
    }
}
