using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ModelGarden.Artifacts.Files;
using ModelGarden.Artifacts.Objects;
using ModelGarden.Hosting.Waiting;

namespace ModelGarden.Artifacts.Uploads;

/// <summary>Clears away, at start and every hour, what uploads left that will never be finished.</summary>
internal sealed partial class UploadSweeper(
    IDbContextFactory<ArtifactsDbContext> contexts, IObjectStore objects, IOptions<ArtifactsOptions> options, TimeProvider clock, ILogger<UploadSweeper> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromHours(1);

    /// <summary>Sessions that have expired, parts that no session has, temporary files of dead processes.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();

        // A request that came just before the end may be at work still: it gets as long again.
        var before = now - options.Value.UploadLifetime;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await context.Sessions.Where(session => session.ExpiresAt < before).ExecuteDeleteAsync(cancellationToken);
        await foreach (var entry in objects.ListAsync(ObjectKey.Parts, cancellationToken))
        {
            var key = entry.Key.Value;
            if (entry.WrittenAt < before && !await context.Parts.AnyAsync(part => part.Object == key, cancellationToken))
            {
                await objects.DeleteAsync(entry.Key, cancellationToken);
            }
        }

        await objects.SweepAsync(before, cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Rounds.RunAsync(Pause, clock, SweepAsync, exception => LogFailed(exception, Pause), stoppingToken);

    [LoggerMessage(511, LogLevel.Error, "sweeping what is left of uploads failed, next try in {Pause}")]
    private partial void LogFailed(Exception exception, TimeSpan pause);
}
