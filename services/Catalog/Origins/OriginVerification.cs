using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Lifecycles;

namespace ModelGarden.Catalog.Origins;

/// <summary>Holds the lists of origins against their digests, and their records against the steps of the history that name these.</summary>
internal static class OriginVerification
{
    // Some hundred megabytes of text, of which one list is in memory at a time.
    private const int MaximumFiles = 1_000_000;

    /// <param name="context">Reads.</param>
    /// <param name="repositoryId">Whose records.</param>
    /// <param name="steps">All imports of its history.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<VerifiedOrigins> RunAsync(CatalogDbContext context, string repositoryId, IEnumerable<StoredStep> steps, CancellationToken cancellationToken)
    {
        var origins = await OriginReading.WholeOf(context, repositoryId).OrderByDescending(row => row.Number).ToListAsync(cancellationToken);
        var told = steps.Select(step => (step.Revision, step.Account, step.Comment)).ToHashSet();
        foreach (var origin in origins)
        {
            if (!told.Remove((origin.Revision, origin.Account, origin.Words)))
            {
                return new(0, 0, $"record {origin.Number} of an origin is not what a step of the history says that was imported");
            }
        }

        return told.Count > 0
            ? new(0, 0, $"a step of the history imported '{Text.Shorten(told.First().Comment)}', and that record is gone")
            : await HoldAsync(context, origins, cancellationToken);
    }

    private static async Task<VerifiedOrigins> HoldAsync(CatalogDbContext context, List<StoredOrigin> origins, CancellationToken cancellationToken)
    {
        var (held, files) = (0, 0L);
        foreach (var origin in origins)
        {
            files += origin.Files;
            if (held > 0 && files > MaximumFiles)
            {
                break;
            }

            var lines = await OriginLines.ReadAsync(context, origin, cancellationToken);
            if (lines.Count != origin.Files || !OriginLines.IsOf(origin.Digest, lines))
            {
                return new(held, origins.Count - held, $"the files of record {origin.Number} of an origin are not those that were recorded");
            }

            held++;
        }

        return new(held, origins.Count - held, "");
    }
}

/// <summary>What was found of a repository's records.</summary>
/// <param name="Held">How many lists were held against their digests, the newest.</param>
/// <param name="Left">How many were not, for they are too many to be read at once.</param>
/// <param name="Fault">What is wrong; empty: nothing.</param>
internal sealed record VerifiedOrigins(int Held, int Left, string Fault);
