using Microsoft.EntityFrameworkCore;
using ModelGarden.Identity.Accounts;
using ModelGarden.Identity.OAuth;
using ModelGarden.Identity.SecondFactors;
using ModelGarden.Identity.SignIn;

namespace ModelGarden.Identity;

/// <summary>Takes out of the store, once an hour, what is worth nothing any more: tries that are forgotten, sessions, links, codes, keys and programs' tokens that have ended, what was begun and left. Nobody depends on when.</summary>
internal sealed partial class Sweep(IDbContextFactory<IdentityDbContext> contexts, AccountMaker maker, TimeProvider clock, ILogger<Sweep> logger) : BackgroundService
{
    // People look for what became of an invitation.
    private static readonly TimeSpan InvitationsKept = TimeSpan.FromDays(90);
    private static readonly TimeSpan CodesKept = TimeSpan.FromDays(1);

    // As long as a grant can be without use: until then its tokens say when it was used, and secrets of one that has ended are known for what they are.
    private static readonly TimeSpan GrantsKept = GrantBook.RefreshIdle;
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
        await context.SigningKeys.Where(key => key.RetiresAt <= now).ExecuteDeleteAsync(cancellationToken);
        await SweepOAuthAsync(context, now, cancellationToken);
        // Last, for Entitlement may be away.
        await maker.SweepAsync(cancellationToken);
    }

    /// <summary>What was used stays for as long as someone could show it again.</summary>
    private static async Task SweepOAuthAsync(IdentityDbContext context, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (yesterday, old) = (now - CodesKept, now - GrantsKept);
        await context.AuthorizationCodes.Where(code => code.ExpiresAt <= yesterday).ExecuteDeleteAsync(cancellationToken);
        await context.DeviceCodes.Where(device => device.ExpiresAt <= yesterday).ExecuteDeleteAsync(cancellationToken);
        await context.RefreshTokens.Where(token => token.ExpiresAt <= now).ExecuteDeleteAsync(cancellationToken);
        await context.Grants.Where(grant => grant.ExpiresAt <= old || grant.EndedAt <= old || (grant.GoodUntil > DateTimeOffset.UnixEpoch && grant.GoodUntil <= old)).ExecuteDeleteAsync(cancellationToken);
        // Programs get one after the other; those that people made stay in their lists.
        await context.Tokens.Where(token => token.Client != "" && (token.ExpiresAt <= old || token.RevokedAt <= old)).ExecuteDeleteAsync(cancellationToken);
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
