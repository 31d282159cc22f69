using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Files;

namespace ModelGarden.Artifacts.Collection;

/// <summary>Takes a xorb out of the database, and puts its object with the garbage.</summary>
internal static class XorbDeletion
{
    private const int PlacesOfAStatement = 2048;

    /// <summary>False: an upload has found or sent it meanwhile, or it is gone. Throws a foreign key's violation where a file needs it.</summary>
    public static async Task<bool> DeleteAsync(ArtifactsDbContext context, StoredXorb xorb, DateTimeOffset touchedBefore, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await context.Xorbs.Where(row => row.Id == xorb.Id && row.TouchedAt < touchedBefore && row.KeptUntil < now).ExecuteDeleteAsync(cancellationToken) is 0)
        {
            return false;
        }

        foreach (var numbers in Enumerable.Range(0, xorb.Index.Count).Chunk(PlacesOfAStatement))
        {
            var places = numbers.Select(number => string.Create(CultureInfo.InvariantCulture, $"({Xorbs.KeyOf(xorb.Index.Chunks[number].Hash)},{Place.Of(xorb.Id, number)})"));

            // Numbers of our own making: nothing to escape.
            var sql = "DELETE FROM chunks WHERE (key, place) IN (VALUES " + string.Join(',', places) + ")";
            await context.Database.ExecuteSqlRawAsync(sql, cancellationToken);
        }

        await GarbageObject.AddAsync(context, xorb.Object.Value, now, cancellationToken);
        return true;
    }
}
