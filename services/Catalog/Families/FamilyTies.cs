using Microsoft.EntityFrameworkCore;

namespace ModelGarden.Catalog.Families;

/// <summary>Keeps the ties of models as their records say. Part of every change, so that they are never older than what the repository says of itself.</summary>
internal static class FamilyTies
{
    /// <summary>Grows when ties are read out of records in another way, or records out of cards: <see cref="FamilyWorker"/> does it again then. 2: with the task categories of data sets.</summary>
    public const int Version = 2;

    /// <param name="context">Saved with the change.</param>
    /// <param name="state">As it is told to the feed.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task KeepAsync(CatalogDbContext context, Repository state, CancellationToken cancellationToken)
    {
        if (state.Kind is not RepositoryKind.Model)
        {
            return;
        }

        var stored = await context.FamilyTies.AsTracking().Where(tie => tie.RepositoryId == state.Id).ToListAsync(cancellationToken);
        Keep(context, state.Id, false, Descent.TiesOf(state.Record), stored);
        Keep(context, state.Id, true, Descent.TiesOf(state.PublishedRecord), stored);
    }

    private static void Keep(CatalogDbContext context, string repositoryId, bool isPublished, IReadOnlyList<Tie> ties, IEnumerable<StoredTie> stored)
    {
        var left = stored.Where(row => row.IsPublished == isPublished).ToDictionary(row => row.BaseKey);
        foreach (var tie in ties)
        {
            if (left.Remove(tie.Base.ToLowerInvariant(), out var row))
            {
                row.Say(tie);
            }
            else
            {
                context.FamilyTies.Add(StoredTie.Of(repositoryId, isPublished, tie));
            }
        }

        context.FamilyTies.RemoveRange(left.Values);
    }
}
