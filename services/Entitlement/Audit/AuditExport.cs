using System.Runtime.CompilerServices;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Contracts.V1;
using ModelGarden.Entitlement.Keys;
using ModelGarden.Evidence;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;

namespace ModelGarden.Entitlement.Audit;

/// <summary>Gives the trail out: as the chain that it is, with its checkpoints, or as events for people's collectors.</summary>
internal sealed class AuditExport(IDbContextFactory<EntitlementDbContext> contexts, Checkpoints checkpoints, EvidenceSigner signer)
{
    private const int PageSize = 500;

    /// <summary>First the checkpoint of the end, so that whoever has only the beginning of an export knows; then the records up to there.</summary>
    public async IAsyncEnumerable<AuditEntry> EntriesAsync(Caller caller, ExportAuditRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var end = await checkpoints.TakeAsync(cancellationToken);
        yield return EntryOf(end);
        if (request.After is 0 && await BeginningAsync(cancellationToken) is { } beginning)
        {
            yield return EntryOf(beginning);
        }

        await foreach (var (page, signed) in PagesAsync(new(request.After, end.Sequence, request.Limit), "", cancellationToken))
        {
            yield return AuditTrail.SeesAll(caller) || page.Row.Tenant == Key.Of(caller.Principal.Tenant) ? new() { Record = page.ToChained() } : new() { Link = page.Row.ToLink() };
            if (signed is not null && signed.Sequence != end.Sequence)
            {
                yield return EntryOf(signed);
            }
        }
    }

    public async IAsyncEnumerable<AuditCloudEvent> EventsAsync(Caller caller, ExportAuditRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var tenant = AuditTrail.SeesAll(caller) ? "" : Key.Of(caller.Principal.Tenant);
        await foreach (var (page, _) in PagesAsync(new(request.After, long.MaxValue, request.Limit), tenant, cancellationToken))
        {
            var record = page.ToReadable();
            yield return new()
            {
                Specversion = "1.0",
                Id = $"{record.Sequence}",
                Source = signer.Garden,
                Type = $"modelgarden.audit.{record.Action}",
                Subject = record.Subject,
                Time = page.Row.At.ToTimestamp(),
                Datacontenttype = "application/json",
                Tenant = record.Tenant,
                Data = record,
            };
        }
    }

    public static Error? Fault(ExportAuditRequest request) => request.After < 0 || request.Limit < 0
        ? Error.Invalid("BAD_PAGE", "after and limit are not negative: after a sequence that has come, at most so many records, 0 for all")
        : null;

    private async IAsyncEnumerable<(AuditPage Page, CheckpointRow? Signed)> PagesAsync(Span span, string tenant, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (at, left) = (span.After, span.Limit is 0 ? long.MaxValue : span.Limit);
        while (left > 0)
        {
            await using var context = await contexts.CreateDbContextAsync(cancellationToken);
            var records = context.Audit.Where(record => record.Sequence > at && record.Sequence <= span.Until && (tenant == "" || record.Tenant == tenant));
            var pages = await AuditTrail.ReadAsync(context, records, (int)Math.Min(left, PageSize), cancellationToken);
            if (pages.Length is 0)
            {
                yield break;
            }

            var (from, to) = (at, pages[^1].Row.Sequence);
            var signed = await context.AuditCheckpoints.Where(row => row.Sequence > from && row.Sequence <= to).ToDictionaryAsync(row => row.Sequence, cancellationToken);
            foreach (var page in pages)
            {
                yield return (page, signed.GetValueOrDefault(page.Row.Sequence));
            }

            (at, left) = (to, left - pages.Length);
        }
    }

    /// <summary>The checkpoint behind which the trail begins, where older records were let go; null: it begins with the first.</summary>
    private async Task<CheckpointRow?> BeginningAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var before = await context.Audit.MinAsync(record => (long?)record.Sequence, cancellationToken) - 1;
        return await context.AuditCheckpoints.FirstOrDefaultAsync(row => row.Sequence == before, cancellationToken);
    }

    private static AuditEntry EntryOf(CheckpointRow row) => new() { Checkpoint = Envelopes.Read(row.Envelope).Value };

    private readonly record struct Span(long After, long Until, long Limit);
}
