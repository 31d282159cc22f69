using ModelGarden.Catalog.Packs;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Catalog.Revisions;

namespace ModelGarden.Catalog.Pushes;

/// <summary>What one ref of a push comes to.</summary>
/// <param name="Name">Of the ref.</param>
/// <param name="Commit">Where it goes; empty: it is deleted.</param>
/// <param name="Tag">The annotated tag that it names; empty: none.</param>
internal sealed record RefMove(string Name, string Commit, string Tag);

/// <summary>Decides of each ref of a push whether it may move, by the refs as they are. Pure.</summary>
internal sealed class RefMoves(StoredRepository repository, IReadOnlyDictionary<string, StoredRef> refs, CheckedPush push, IReadOnlyDictionary<string, string> stored, CommitGraph? graph)
{
    private readonly HashSet<string> _names = [.. refs.Keys];

    /// <summary>Moves in the order of the updates; null where there is nothing to do, an error where it may not.</summary>
    public (RefMove? Move, Error? Refusal) Decide(RefUpdate update)
    {
        var row = refs.GetValueOrDefault(update.Name);
        var current = row is null ? "" : row.Tag.Length > 0 ? row.Tag : row.Target;
        if (current == update.New)
        {
            return (null, null);
        }

        if (update.Old != current)
        {
            return (null, Error.Conflict("PARENT_MOVED", $"it is at {Named(current)} and not at {Named(update.Old)}: fetch first"));
        }

        return update.New.Length is 0 ? Delete(update) : Move(update, row);
    }

    private (RefMove? Move, Error? Refusal) Delete(RefUpdate update)
    {
        if (update.Name is RefName.Default)
        {
            return (null, Error.Conflict("DEFAULT_BRANCH", "it is the default branch and stays: delete the repository instead"));
        }

        _names.Remove(update.Name);
        return (new(update.Name, "", ""), null);
    }

    private (RefMove? Move, Error? Refusal) Move(RefUpdate update, StoredRef? row)
    {
        var name = RefName.Create(update.Name);
        var isTag = update.Name.StartsWith(RefName.Tags, StringComparison.Ordinal);
        var (commit, tag) = Target(update.New);
        var refusal = name.Error
            ?? (commit.Length is 0 ? Error.Invalid("MISSING_OBJECT", $"{update.New} is neither in the push nor here")
            : tag.Length > 0 && !isTag ? Error.Invalid("BAD_REF", "a branch names a commit, not a tag")
            : push.BadTips.GetValueOrDefault(commit)
            ?? (row is null ? References.PlaceFault(_names, name.Value, repository.Name) : Lost(row.Target, commit, isTag)));
        if (refusal is null)
        {
            _names.Add(update.Name);
        }

        return refusal is null ? (new(update.Name, commit, tag), null) : (null, refusal);
    }

    /// <summary>History that others were shown, or are judging, stays: null if nothing of it is left behind.</summary>
    private Error? Lost(string from, string to, bool isTag)
    {
        var shown = repository.Life.Published.Append(repository.SubmittedRevision).Where(id => id.Length > 0).ToList();
        if (shown.Count is 0 || graph is null)
        {
            return null;
        }

        var kept = graph.Closure([PackedId.Of(to)]);
        var before = isTag ? [PackedId.Of(from)] : graph.Closure([PackedId.Of(from)]);
        return shown.Find(id => before.Contains(PackedId.Of(id)) && (isTag || !kept.Contains(PackedId.Of(id)))) is { } lost
            ? Error.Conflict("NOT_FAST_FORWARD", $"it would lose {lost}, which was published or submitted: merge it instead of forcing")
            : null;
    }

    private (string Commit, string Tag) Target(string id) =>
        push.Tags.TryGetValue(id, out var pushed) ? (pushed.Tag.Target, id) : stored.TryGetValue(id, out var target) ? (target, target == id ? "" : id) : ("", "");

    private static string Named(string id) => id.Length > 0 ? id : "no commit";
}
