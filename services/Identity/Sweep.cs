using Microsoft.EntityFrameworkCore;
using ModelGarden.Identity.Accounts;
using ModelGarden.Identity.SecondFactors;
using ModelGarden.Identity.SignIn;

namespace ModelGarden.Identity;

/// <summary>Takes out of the store, once an hour, what is worth nothing any more: tries that are forgotten, sessions and links that have ended, what was begun and left. Nobody depends on when.</summary>
internal sealed partial class Sweep(IDbContextFactory<IdentityDbContext> contexts, AccountMaker maker, TimeProvider clock, ILogger<Sweep> logger) : BackgroundService
{
    // People look for what became of an invitation.
    private static readonly TimeSpan InvitationsKept = TimeSpan.FromDays(90);
    private static readonly TimeSpan Turn = TimeSpan.FromHours(1);

    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var now = clock.GetUtcNow();
        var (forgotten, old, pending) = (now - LockOut.Memory, now - InvitationsKept, now - SecondFactorBook.Pending);
        await context.Tries.Where(row => row.LastAt <= forgotten).ExecuteDeleteAsync(cancellationToken);
        await context.Sessions.Where(session => session.ExpiresAt <= now).ExecuteDeleteAsync(cancellationToken);
        await context.PasswordResets.Where(reset => reset.ExpiresAt <= now).ExecuteDeleteAsync(cancellationToken);
        await context.Invitations.Where(invitation => invitation.ExpiresAt <= old).ExecuteDeleteAsync(cancellationToken);
        await context.SecondFactors.Where(factor => factor.ConfirmedAt == null && factor.CreatedAt <= pending).ExecuteDeleteAsync(cancellationToken);
        // Last, for Entitlement may be away.
        await maker.SweepAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Turn, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception);
            }
        }
    }

    [LoggerMessage(2004, LogLevel.Warning, "what has expired could not be taken out of the store, next try in an hour")]
    private partial void LogFailed(Exception exception);
}
