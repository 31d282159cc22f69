using System.Buffers.Text;
using System.Text;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Repositories;

namespace ModelGarden.Catalog.Packs;

/// <summary>A commit's place in history.</summary>
/// <param name="Tree">Its root.</param>
/// <param name="Parents">Those that the looker may see.</param>
/// <param name="At">When it was committed, in seconds since 1970.</param>
/// <param name="IsGrafted">It has parents that he may not see.</param>
internal sealed record GraphNode(PackedId Tree, PackedId[] Parents, long At, bool IsGrafted);

/// <summary>All commits of a repository that someone may see, in memory: one statement reads them, and every question on history is answered without another.</summary>
internal sealed class CommitGraph
{
    private const int MaximumCommits = 500_000;
    private readonly Dictionary<PackedId, GraphNode> _nodes = [];

    public IReadOnlyDictionary<PackedId, GraphNode> Nodes => _nodes;

    public static async Task<Result<CommitGraph>> LoadAsync(CatalogDbContext context, SeenRepository repository, CancellationToken cancellationToken)
    {
        var graph = new CommitGraph();
        var published = repository.Row.Life.Published.ToHashSet();
        var rows = repository.SeesAll
            ? context.Commits.Where(row => row.RepositoryId == repository.Id)
            : context.Commits.Where(row => row.RepositoryId == repository.Id && published.Contains(row.Oid));
        await foreach (var row in rows.Select(row => new { row.Oid, row.Content }).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            graph.Add(PackedId.Of(row.Oid), row.Content, repository.SeesAll ? null : published);
            if (graph._nodes.Count > MaximumCommits)
            {
                return Error.Exhausted("PACK_TOO_LARGE", $"{repository.Row.Name} has more than {MaximumCommits} commits: git cannot fetch or move its branches, use the API");
            }
        }

        return graph;
    }

    /// <param name="id">Of the commit.</param>
    /// <param name="content">git's text of it, known to be right.</param>
    /// <param name="seen">Which parents may be seen; null: all.</param>
    public void Add(PackedId id, ReadOnlySpan<byte> content, HashSet<string>? seen = null)
    {
        var parents = new List<PackedId>(1);
        var isGrafted = false;
        var tree = PackedId.Of(Encoding.ASCII.GetString(content.Slice(5, 40)));
        var rest = content[46..];
        while (rest.StartsWith("parent "u8))
        {
            var parent = Encoding.ASCII.GetString(rest.Slice(7, 40));
            if (seen?.Contains(parent) is false)
            {
                isGrafted = true;
            }
            else
            {
                parents.Add(PackedId.Of(parent));
            }

            rest = rest[48..];
        }

        _nodes[id] = new(tree, [.. parents], TimeOf(rest), isGrafted);
    }

    /// <summary>Everything that these reach, themselves included, without going on behind those where it is cut.</summary>
    public HashSet<PackedId> Closure(IEnumerable<PackedId> from, IReadOnlySet<PackedId>? cut = null)
    {
        var reached = new HashSet<PackedId>();
        var open = new Stack<PackedId>(from.Where(_nodes.ContainsKey));
        while (open.TryPop(out var id))
        {
            if (reached.Add(id) && cut?.Contains(id) is not true)
            {
                foreach (var parent in _nodes[id].Parents.Where(_nodes.ContainsKey))
                {
                    open.Push(parent);
                }
            }
        }

        return reached;
    }

    /// <summary>Each of the wants reaches one of these.</summary>
    public bool EachReaches(IEnumerable<PackedId> wants, IReadOnlySet<PackedId> goals)
    {
        var reaching = Reaching(wants, goals);
        return wants.All(reaching.Contains);
    }

    // Those below the wants that reach a goal: told once all their parents are known.
    private HashSet<PackedId> Reaching(IEnumerable<PackedId> wants, IReadOnlySet<PackedId> goals)
    {
        var (reaching, seen) = (new HashSet<PackedId>(goals), new HashSet<PackedId>());
        var open = new Stack<(PackedId Id, bool IsBack)>(wants.Select(want => (want, false)));
        while (open.TryPop(out var step))
        {
            var parents = _nodes[step.Id].Parents;
            if (step.IsBack)
            {
                _ = parents.Any(reaching.Contains) && reaching.Add(step.Id);
            }
            else if (seen.Add(step.Id) && !goals.Contains(step.Id))
            {
                open.Push((step.Id, true));
                foreach (var parent in parents.Where(_nodes.ContainsKey))
                {
                    open.Push((parent, false));
                }
            }
        }

        return reaching;
    }

    private static long TimeOf(ReadOnlySpan<byte> headers)
    {
        var line = headers[(headers.IndexOf("\ncommitter "u8) + 1)..];
        line = line[..line.IndexOf((byte)'\n')];
        return Utf8Parser.TryParse(line[(line.LastIndexOf((byte)'>') + 2)..], out long seconds, out _) ? seconds : 0;
    }
}
