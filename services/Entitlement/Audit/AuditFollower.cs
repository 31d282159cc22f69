using Microsoft.EntityFrameworkCore;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Feeds;
using ModelGarden.Kernel;

namespace ModelGarden.Entitlement.Audit;

/// <summary>
/// Takes over what another service tells the audit trail, each event once: how far that has come is kept in the transaction of the records, with the ledger held. A process that is killed goes on
/// there, and of several replicas one writes.
/// </summary>
internal abstract class AuditFollower(string service, IDbContextFactory<EntitlementDbContext> contexts, Ledger ledger) : IFeedHandler, IHostedService
{
    private const string Prefix = "audit/";
    private const int LongestSubject = 512;
    private const int MostDetails = 16;
    private const int LongestDetail = 1000;
    private long _kept;

    public long Position { get; private set; }

    /// <summary>Before following begins: finds where it stopped.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        Position = _kept = (await context.AuditSources.FirstOrDefaultAsync(row => row.Service == service, cancellationToken))?.Position ?? 0;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>What is taken over stays; of what comes again the numbers say that it was taken.</summary>
    public ValueTask ResetAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public async ValueTask ApplyAsync(Change change, CancellationToken cancellationToken)
    {
        if (change.Sequence > _kept && change.Key.StartsWith(Prefix, StringComparison.Ordinal) && change.State is not null && change.State.TryUnpack<AuditEvent>(out var happened))
        {
            await ledger.WriteAsync<bool>(async page => await TakeAsync(page, change.Sequence, happened, cancellationToken), cancellationToken);
            _kept = change.Sequence;
        }

        Position = Math.Max(Position, change.Sequence);
    }

    /// <summary>What is no event is not looked at again.</summary>
    public async ValueTask CaughtUpAsync(long sequence, CancellationToken cancellationToken)
    {
        if (sequence > _kept)
        {
            await using var context = await contexts.CreateDbContextAsync(cancellationToken);
            await KeepAsync(context, sequence, cancellationToken);
            Position = _kept = sequence;
        }
    }

    private async Task<bool> TakeAsync(LedgerPage page, long sequence, AuditEvent happened, CancellationToken cancellationToken)
    {
        if (await page.Context.AuditSources.AnyAsync(row => row.Service == service && row.Position >= sequence, cancellationToken))
        {
            return false;
        }

        await KeepAsync(page.Context, sequence, cancellationToken);
        var subject = Text.Shorten(happened.Subject, LongestSubject);
        page.Record(
            DateTimeOffset.FromUnixTimeMilliseconds(happened.At.ToDateTimeOffset().ToUnixTimeMilliseconds()),
            Key.Of(happened.Tenant),
            happened.Account,
            happened.Action,
            happened.SubjectIsAccount ? Personal.Name(subject) : subject,
            [
                .. happened.Detail.Where(one => one.Key is not ("event" or "service")).OrderBy(one => one.Key, StringComparer.Ordinal).Take(MostDetails).Select(one => (one.Key, (object)Text.Shorten(one.Value, LongestDetail))),
                ("event", happened.Id),
                ("service", service),
            ]);
        return true;
    }

    private Task<int> KeepAsync(EntitlementDbContext context, long position, CancellationToken cancellationToken) => context.Database.ExecuteSqlAsync(
        $"""
        INSERT INTO audit_sources (service, position) VALUES ({service}, {position})
        ON CONFLICT (service) DO UPDATE SET position = excluded.position WHERE audit_sources.position < excluded.position
        """,
        cancellationToken);
}

/// <summary>Sign-ins and tokens.</summary>
internal sealed class IdentityEvents(IDbContextFactory<EntitlementDbContext> contexts, Ledger ledger) : AuditFollower(ServiceNames.Identity, contexts, ledger);

/// <summary>The life of repositories: curation, takedowns, moves.</summary>
internal sealed class CatalogEvents(IDbContextFactory<EntitlementDbContext> contexts, Ledger ledger) : AuditFollower(ServiceNames.Catalog, contexts, ledger);

/// <summary>Endpoints that people made, changed and deleted.</summary>
internal sealed class DeploymentEvents(IDbContextFactory<EntitlementDbContext> contexts, Ledger ledger) : AuditFollower(ServiceNames.Deployment, contexts, ledger);
