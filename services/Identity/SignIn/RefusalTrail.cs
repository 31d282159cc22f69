using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Contracts.V1;
using ModelGarden.Identity.Accounts;
using ModelGarden.Persistence;

namespace ModelGarden.Identity.SignIn;

/// <summary>
/// Tells the audit trail of sign-ins that were refused, as many as say something: of one account for one reason five at once and then one an hour, of a tenant 100 at once and then one a minute, for each
/// replica. Strangers make them: the rest is in the log and the metrics alone. They are written apart from the answer, whose time would tell whether there is such an account.
/// </summary>
internal sealed partial class RefusalTrail(IDbContextFactory<IdentityDbContext> contexts, TimeProvider clock, ILogger<RefusalTrail> logger) : BackgroundService
{
    private const int MostWaiting = 1000;
    private readonly Pace _accounts = new(clock, 5, TimeSpan.FromHours(1));
    private readonly Pace _tenants = new(clock, 100, TimeSpan.FromMinutes(1));
    private readonly Channel<AuditEvent> _waiting = Channel.CreateBounded<AuditEvent>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <param name="account">That somebody tried to come in as. Nothing is said of him: he has proven nothing.</param>
    /// <param name="reason">Why he did not.</param>
    public void Tell(AccountRow account, string reason)
    {
        if (_accounts.Take($"{account.Key}/{reason}") && _tenants.Take(account.TenantKey))
        {
            _waiting.Writer.TryWrite(AuditEvents.Of("session.refuse", account, "", clock.GetStoredNow(), ("reason", reason)));
        }
    }

    public override Task StopAsync(CancellationToken cancellationToken)
    {
        _waiting.Writer.TryComplete();
        return base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Not cut off by the stop: what was told by then is written.
        await foreach (var refused in _waiting.Reader.ReadAllAsync(CancellationToken.None))
        {
            try
            {
                await using var context = await contexts.CreateDbContextAsync(CancellationToken.None);
                context.Tell(refused);
                await context.SaveChangesAsync(CancellationToken.None);
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                LogFailed(exception);
            }
        }
    }

    [LoggerMessage(2013, LogLevel.Warning, "a refused sign-in could not be told to the audit trail")]
    private partial void LogFailed(Exception exception);
}
