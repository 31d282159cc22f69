using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Artifacts.Examination;
using ModelGarden.Artifacts.Files;
using ModelGarden.Contracts.V1;
using ModelGarden.Formats;
using Verdict = ModelGarden.Contracts.V1.Verdict;

namespace ModelGarden.Artifacts.Conversion;

/// <summary>
/// What is to be converted stands in the database, written together with the examination that found it convertible: nothing is lost with the process.
/// This writes it there, and wakes the worker.
/// </summary>
internal sealed class ConversionQueue
{
    private readonly Channel<bool> _wakes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Wake() => _wakes.Writer.TryWrite(true);

    public ValueTask<bool> WokenAsync(CancellationToken cancellationToken) => _wakes.Reader.ReadAsync(cancellationToken);

    /// <summary>Queues a file whose row is written already, if it is a checkpoint found clean. What older rules refused is asked again.</summary>
    public static async Task AddAsync(ArtifactsDbContext context, StoredFile examined, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (!IsConvertible(examined))
        {
            return;
        }

        var (waiting, impossible) = ((int)ConversionState.Waiting, (int)ConversionState.Impossible);
        var nothing = Array.Empty<byte>();
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO conversions (source, state, converter, reason, message, size, statement, changed_at)
            VALUES ({examined.Sha256}, {waiting}, {FileExaminer.Rules}, {""}, {""}, {0L}, {nothing}, {now.ToUnixTimeMilliseconds()})
            ON CONFLICT (source) DO UPDATE SET state = excluded.state, converter = excluded.converter, reason = excluded.reason, message = excluded.message, changed_at = excluded.changed_at
            WHERE conversions.state = {impossible} AND conversions.converter <> excluded.converter
            """,
            cancellationToken);
    }

    public static bool IsConvertible(StoredFile examined) => examined is { Verdict: Verdict.Clean, Facts.Format: "torch" };
}
