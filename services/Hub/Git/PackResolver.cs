using System.Runtime.CompilerServices;
using Google.Protobuf;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Git;

/// <summary>
/// Gives the objects of a pack, deltas applied: each base goes before what builds upon it, so that memory holds one line of bases. Those that a thin pack
/// leaves out are asked for.
/// </summary>
internal sealed class PackResolver(PackFile pack, Func<IReadOnlyList<string>, IAsyncEnumerable<GitObject>> find)
{
    private const int MaximumDepth = 4096;
    private const int MaximumAsked = 1000;
    private const long MaximumHeld = 64 << 20;
    private readonly ILookup<long, PackEntry> _byOffset = pack.Entries.Where(entry => entry.Type is 6).ToLookup(entry => entry.BaseOffset);
    private readonly ILookup<string, PackEntry> _byId = pack.Entries.Where(entry => entry.Type is 7).ToLookup(entry => entry.BaseId.Hex);
    private readonly HashSet<long> _resolved = [];

    public async IAsyncEnumerable<GitObject> ResolveAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var entry in pack.Entries.Where(entry => !entry.IsDelta))
        {
            foreach (var one in Below(new(entry, null, entry.Type, 0, 0)))
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return one;
            }
        }

        // What is left builds upon what is not in the pack, or upon itself.
        foreach (var ids in _byId.Where(group => group.Any(entry => !_resolved.Contains(entry.Offset))).Select(group => group.Key).ToList().Chunk(MaximumAsked))
        {
            await foreach (var known in find(ids).WithCancellation(cancellationToken))
            {
                foreach (var one in Upon(known))
                {
                    yield return one;
                }
            }
        }

        if (_resolved.Count < pack.Entries.Count)
        {
            var lost = pack.Entries.First(entry => !_resolved.Contains(entry.Offset));
            throw Inflater.Bad(lost.Type is 7 ? $"the base {lost.BaseId} of a delta is neither in it nor here" : "a delta's base is no object of it");
        }
    }

    private IEnumerable<GitObject> Upon(GitObject known)
    {
        var content = known.Content.ToByteArray();
        var id = ObjectId.Of(NameOf((int)known.Type), content).Hex;
        return _byId[id].SelectMany(child => Below(new(child, content, (int)known.Type, 1, content.Length)));
    }

    /// <summary>The object of an entry, and everything that builds upon it.</summary>
    private IEnumerable<GitObject> Below(Step first)
    {
        var open = new Stack<Step>([first]);
        while (open.TryPop(out var step))
        {
            if (!_resolved.Add(step.Entry.Offset))
            {
                continue;
            }

            var packed = pack.Read(step.Entry);
            var content = step.Base is null ? packed.ToArray() : PackDelta.Apply(step.Base, packed);
            yield return new() { Type = (GitObjectType)step.Type, Content = UnsafeByteOperations.UnsafeWrap(content) };
            var children = Children(step, content);
            if (children.Count > 0 && (step.Depth >= MaximumDepth || step.Held + content.Length > MaximumHeld))
            {
                throw new ErrorException(Error.Exhausted("PUSH_TOO_LARGE", "the pack's chains of deltas are too long: repack with 'git repack -adf --depth=50', then push again"));
            }

            children.ForEach(child => open.Push(new(child, content, step.Type, step.Depth + 1, step.Held + content.Length)));
        }
    }

    private List<PackEntry> Children(Step step, byte[] content)
    {
        var children = _byOffset[step.Entry.Offset].ToList();
        if (_byId.Count > 0)
        {
            children.AddRange(_byId[ObjectId.Of(NameOf(step.Type), content).Hex]);
        }

        return children;
    }

    private static string NameOf(int type) => type switch
    {
        1 => "commit",
        2 => "tree",
        3 => "blob",
        _ => "tag",
    };

    private sealed record Step(PackEntry Entry, byte[]? Base, int Type, int Depth, long Held);
}
