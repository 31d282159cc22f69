using Google.Protobuf.Collections;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Facts;
using ModelGarden.Catalog.Objects;
using ModelGarden.Persistence;

namespace ModelGarden.Catalog.Popularity;

/// <summary>Counts downloads: what is known of the last days already counts no second time, whoever tells of it and however often.</summary>
internal sealed class DownloadCounter(IDbContextFactory<CatalogDbContext> contexts, TimeProvider clock)
{
    private const int Maximum = 1000;
    private const int ClientLength = 32;
    private const int LongestId = 64;

    /// <summary>How many of them were new.</summary>
    public async Task<Result<long>> CountAsync(RepeatedField<Download> downloads, CancellationToken cancellationToken)
    {
        if (downloads.Count > Maximum)
        {
            return Error.Invalid("TOO_MANY_DOWNLOADS", $"{downloads.Count} downloads are told of, at most {Maximum} may be at once");
        }

        var now = clock.GetUtcNow();
        var today = (now - DateTimeOffset.UnixEpoch).Days;
        if (downloads.FirstOrDefault(one => !IsSensible(one, today)) is { } bad)
        {
            return Error.Invalid("BAD_DOWNLOAD", $"a download has the client '{Text.Shorten(bad.Client)}' and the day {bad.Day}: {ClientLength} hexadecimal digits and {today}, or a day beside it, are expected");
        }

        // In one order everywhere, so that two that count do not hold each other up.
        var groups = downloads.GroupBy(one => one.RepositoryId).OrderBy(group => group.Key, StringComparer.Ordinal).ToList();
        return await contexts.TransactAsync(
            async (context, transaction) =>
            {
                var counted = 0L;
                foreach (var group in groups)
                {
                    counted += await CountAsync(context, group, now, cancellationToken);
                }

                await context.Database.ExecuteSqlAsync($"DELETE FROM downloads WHERE day < {today - 1}", cancellationToken);
                await context.SaveChangesAsync(cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                return counted;
            },
            cancellationToken);
    }

    private static async Task<long> CountAsync(CatalogDbContext context, IGrouping<string, Download> downloads, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var id = downloads.Key;
        // Taken as every change takes it: who is changing the repository begins again, and tells the feed of this count too.
        if (await context.Repositories.Where(row => row.Id == id).ExecuteUpdateAsync(update => update.SetProperty(row => row.Version, row => row.Version + 1), cancellationToken) is 0)
        {
            return 0;
        }

        var rows = downloads.Select(one => (one.Day, one.Client)).Distinct().Order().Select(one => new object[] { one.Day, id, one.Client });
        var added = await ObjectWriter.InsertAsync(context, "downloads (day, repository_id, client)", rows, cancellationToken);
        if (added > 0)
        {
            var repository = await context.Repositories.AsTracking().SingleAsync(row => row.Id == id, cancellationToken);
            (repository.Downloads, repository.Trend) = (repository.Downloads + added, Trend.With(repository.Trend, added * Trend.OfADownload, now));
            context.Announce($"repository/{id}", await RecordKeeper.StateAsync(context, repository, cancellationToken));
        }

        return added;
    }

    private static bool IsSensible(Download one, long today) =>
        one.RepositoryId.Length is > 0 and <= LongestId && !one.RepositoryId.Contains('\0', StringComparison.Ordinal)
        && one.Client.Length is ClientLength && one.Client.All(char.IsAsciiHexDigitLower) && Math.Abs(one.Day - today) <= 1;
}
