using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Artifacts.Files;

namespace ModelGarden.Artifacts.Chunks;

/// <summary>
/// Writes down at once what a reader finds damaged or missing: what is sent from then on is not taken for it, so who sends the bytes again mends them, and the scrub looks at
/// the xorb next, repairs it or says all that is wrong with it.
/// </summary>
internal sealed partial class XorbFaults(IDbContextFactory<ArtifactsDbContext> contexts, XorbCache cache, ILogger<XorbFaults> logger)
{
    /// <summary>One that was collected, rewritten or mended since the reader found it is another matter.</summary>
    public void Report(StoredXorb xorb, string fault)
    {
        cache.Forget(xorb.Id);
        if (xorb.IsDamaged)
        {
            return;
        }

        try
        {
            using var context = contexts.CreateDbContext();
            context.Xorbs.Where(row => row.Id == xorb.Id && row.Object == xorb.Object.Value && row.DamagedChunks == 0).ExecuteUpdate(
                row => row.SetProperty(found => found.DamagedChunks, 1).SetProperty(found => found.Fault, fault).SetProperty(found => found.ScrubbedAt, DateTimeOffset.UnixEpoch));
        }
        catch (DbException exception)
        {
            // The reader has the better error, and the next one reports it again.
            LogNotWritten(exception, xorb.Hash.ToString());
        }
    }

    [LoggerMessage(542, LogLevel.Error, "that xorb {Xorb} is damaged could not be written down")]
    private partial void LogNotWritten(Exception exception, string xorb);
}
