using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Hosting.Access;

namespace ModelGarden.Catalog.Families;

/// <summary>A model found on a walk through a family.</summary>
/// <param name="Repository">Null: not in this garden, or the caller may not see it.</param>
/// <param name="Name">As it is called now, else as it was declared.</param>
/// <param name="Generation">From 1.</param>
/// <param name="Of">The one by way of which it was found.</param>
/// <param name="Tie">That leads there.</param>
internal sealed record Relative(SeenRepository? Repository, string Name, int Generation, string Of, StoredTie Tie);

/// <summary>
/// Walks a family from one model, generation by generation, as far as a caller may see. Whatever was met stays behind, so that circles end; of the owner's own the newest revisions count, of
/// others' the published ones.
/// </summary>
internal sealed class FamilyWalk(CatalogDbContext context, Caller caller, IReadOnlyCollection<FamilyRelation> relations)
{
    public const int MaximumRelatives = 2000;
    private const int AtOnce = 500;
    private readonly HashSet<string> _met = [];
    private readonly List<Relative> _found = [];

    public bool IsTruncated { get; private set; }

    /// <summary>Nearest first, then by name.</summary>
    public async Task<IReadOnlyList<Relative>> WalkAsync(SeenRepository from, bool isUpwards, int depth, CancellationToken cancellationToken)
    {
        _met.Add(from.Id);
        List<SeenRepository> generation = [from];
        for (var i = 1; i <= depth && generation.Count > 0 && !IsTruncated; i++)
        {
            var met = isUpwards ? await BasesAsync(generation, i, cancellationToken) : await ChildrenAsync(generation, i, cancellationToken);
            var relatives = met.OrderBy(one => one.Name, StringComparer.OrdinalIgnoreCase).ThenBy(one => one.Of, StringComparer.OrdinalIgnoreCase)
                .Where(one => _met.Add(one.Repository?.Id ?? one.Tie.BaseKey)).ToList();
            IsTruncated |= _found.Count + relatives.Count > MaximumRelatives;
            _found.AddRange(relatives.Take(MaximumRelatives - _found.Count));
            generation = [.. relatives.Select(one => one.Repository).OfType<SeenRepository>()];
        }

        return _found;
    }

    /// <summary>How many were made of a model directly, by relation.</summary>
    public static async Task<IReadOnlyList<FamilyCount>> CountChildrenAsync(CatalogDbContext context, SeenRepository repository, Caller caller, CancellationToken cancellationToken)
    {
        var names = await NamesAsync(context, [repository], cancellationToken);
        var counts = await Children(context, [.. names.Keys], caller).Where(pair => pair.Repository.Id != repository.Id)
            .Select(pair => new { pair.Repository.Id, pair.Tie.Relation }).Distinct()
            .GroupBy(pair => pair.Relation).Select(group => new { Relation = group.Key, Count = group.LongCount() }).ToListAsync(cancellationToken);
        return [.. counts.OrderBy(count => count.Relation).Select(count => new FamilyCount { Relation = count.Relation, Count = count.Count })];
    }

    private async Task<List<Relative>> BasesAsync(List<SeenRepository> generation, int number, CancellationToken cancellationToken)
    {
        var children = generation.ToDictionary(repository => repository.Id);
        var ties = new List<StoredTie>();
        foreach (var ids in children.Keys.Chunk(AtOnce))
        {
            ties.AddRange((await context.FamilyTies.Where(tie => ids.Contains(tie.RepositoryId)).ToListAsync(cancellationToken))
                .Where(tie => tie.IsPublished != children[tie.RepositoryId].SeesAll && IsWanted(tie)));
        }

        var bases = await ResolveAsync([.. ties.Select(tie => tie.BaseKey).Distinct()], cancellationToken);
        return ties.ConvertAll(tie =>
        {
            var found = bases.GetValueOrDefault(tie.BaseKey);
            return new Relative(found, found?.Row.Name ?? tie.Base, number, children[tie.RepositoryId].Row.Name, tie);
        });
    }

    private async Task<List<Relative>> ChildrenAsync(List<SeenRepository> generation, int number, CancellationToken cancellationToken)
    {
        var relatives = new List<Relative>();
        var names = await NamesAsync(context, generation, cancellationToken);
        FamilyRelation[] wanted = relations.Count > 0 ? [.. relations] : Enum.GetValues<FamilyRelation>();
        foreach (var keys in names.Keys.Chunk(AtOnce))
        {
            // One more than there is room for shows that there are more; those that were met before take no room twice.
            var pairs = await Children(context, keys, caller).Where(pair => wanted.Contains(pair.Tie.Relation))
                .OrderBy(pair => pair.Repository.Key).Take(MaximumRelatives + _met.Count + 1).ToListAsync(cancellationToken);
            relatives.AddRange(pairs.Select(pair => new Relative(SeenRepository.Of(pair.Repository, caller), pair.Repository.Name, number, names[pair.Tie.BaseKey], pair.Tie)));
        }

        return relatives;
    }

    private bool IsWanted(StoredTie tie) => relations.Count is 0 || relations.Contains(tie.Relation);

    /// <summary>The models by these names that the caller sees, else those that had the names.</summary>
    private async Task<Dictionary<string, SeenRepository>> ResolveAsync(List<string> keys, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, SeenRepository>();
        var models = context.Repositories.Where(row => row.Kind == RepositoryKind.Model).Where(RepositoryDirectory.SeenBy(caller));
        foreach (var some in keys.Chunk(AtOnce))
        {
            foreach (var former in await context.FormerNames.Where(former => former.Kind == RepositoryKind.Model && some.Contains(former.Key))
                .Join(models, former => former.RepositoryId, row => row.Id, (former, row) => new { former.Key, Repository = row }).ToListAsync(cancellationToken))
            {
                found[former.Key] = SeenRepository.Of(former.Repository, caller)!;
            }

            foreach (var row in await models.Where(row => some.Contains(row.Key)).ToListAsync(cancellationToken))
            {
                found[row.Key] = SeenRepository.Of(row, caller)!;
            }
        }

        return found;
    }

    /// <summary>Every name that leads to one of these, with the name that it has now.</summary>
    private static async Task<Dictionary<string, string>> NamesAsync(CatalogDbContext context, List<SeenRepository> repositories, CancellationToken cancellationToken)
    {
        var current = repositories.ToDictionary(repository => repository.Id, repository => repository.Row.Name);
        var names = repositories.ToDictionary(repository => repository.Row.Key, repository => repository.Row.Name);
        foreach (var ids in current.Keys.Chunk(AtOnce))
        {
            foreach (var former in await context.FormerNames.Where(former => ids.Contains(former.RepositoryId)).ToListAsync(cancellationToken))
            {
                names.TryAdd(former.Key, current[former.RepositoryId]);
            }
        }

        return names;
    }

    /// <summary>What the caller sees of what says of itself that it was made of these.</summary>
    private static IQueryable<Child> Children(CatalogDbContext context, string[] keys, Caller caller)
    {
        var (isAll, tenant) = RepositoryDirectory.InsightOf(caller);
        return context.FamilyTies.Where(tie => keys.Contains(tie.BaseKey))
            .Join(context.Repositories.Where(RepositoryDirectory.SeenBy(caller)), tie => tie.RepositoryId, row => row.Id, (tie, row) => new Child { Tie = tie, Repository = row })
            .Where(pair => pair.Tie.IsPublished != (isAll || pair.Repository.Owner == tenant));
    }

    private sealed class Child
    {
        public required StoredTie Tie { get; init; }

        public required StoredRepository Repository { get; init; }
    }
}
