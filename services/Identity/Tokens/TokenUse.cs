using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;

namespace ModelGarden.Identity.Tokens;

/// <summary>Notes when tokens were last used: collected in memory, written once a minute all together, to the minute.</summary>
internal sealed partial class TokenUse(IDbContextFactory<IdentityDbContext> contexts, TimeProvider clock, IdentityMetrics metrics, ILogger<TokenUse> logger) : BackgroundService
{
    private const int Limit = 50_000;
    private static readonly TimeSpan Turn = TimeSpan.FromMinutes(1);
    private ConcurrentDictionary<string, DateTimeOffset> _used = new();

    public void Note(string tokenId)
    {
        var used = _used;
        if (used.Count >= Limit && !used.ContainsKey(tokenId))
        {
            metrics.UseDropped();
            return;
        }

        used[tokenId] = clock.GetUtcNow();
    }

    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        var used = Interlocked.Exchange(ref _used, new());
        if (used.IsEmpty)
        {
            return;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        foreach (var (id, at) in used.OrderBy(use => use.Key, StringComparer.Ordinal))
        {
            var minute = at.ToUnixTimeMilliseconds() / 60_000 * 60_000;
            await context.Database.ExecuteSqlAsync(
                $"UPDATE tokens SET last_used_at = {minute} WHERE id = {id} AND (last_used_at IS NULL OR last_used_at < {minute})", cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryWriteAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Turn, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await TryWriteAsync(stoppingToken);
        }
    }

    private async Task TryWriteAsync(CancellationToken cancellationToken)
    {
        try
        {
            await WriteAsync(cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(exception);
        }
    }

    [LoggerMessage(2003, LogLevel.Warning, "the last uses of tokens could not be written, those of this minute are not recorded")]
    private partial void LogFailed(Exception exception);
}
