using System.Globalization;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Contracts.V1;
using ModelGarden.Entitlement.Audit;
using ModelGarden.Entitlement.Keys;
using ModelGarden.Evidence;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;

namespace ModelGarden.Entitlement.Licenses;

/// <summary>States acceptances and withdrawals so that a stranger can verify them: signed, about the text by its digest. The digest of what was signed is part of the audit record.</summary>
internal sealed class EvidenceBook(IDbContextFactory<EntitlementDbContext> contexts, EvidenceSigner signer, EntitlementMetrics metrics)
{
    /// <summary>The digest of the statement that it was accepted.</summary>
    public Task<string> SignAsync(LedgerPage page, string title, AcceptanceRow acceptance, CancellationToken cancellationToken) =>
        KeepAsync(page, acceptance.Id, EvidenceRow.Accepted, garden => StatementOf(garden, title, acceptance), cancellationToken);

    /// <summary>The digest of the statement that it was withdrawn.</summary>
    public async Task<string> SignWithdrawalAsync(LedgerPage page, string title, AcceptanceRow acceptance, string by, CancellationToken cancellationToken)
    {
        var accepted = await page.Context.AcceptanceEvidence.FirstOrDefaultAsync(row => row.Acceptance == acceptance.Id && row.Kind == EvidenceRow.Accepted, cancellationToken);
        return await KeepAsync(page, acceptance.Id, EvidenceRow.Withdrawn, garden => WithdrawalOf(garden, title, acceptance, (by, accepted)), cancellationToken);
    }

    /// <summary>Both statements of an acceptance, as far as there are any.</summary>
    public async Task<Result<Contracts.V1.Evidence>> GetAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var acceptance = Guid.TryParseExact(id, "n", out _) ? await context.Acceptances.FirstOrDefaultAsync(row => row.Id == id, cancellationToken) : null;
        if (acceptance is null || !(AuditTrail.SeesAll(caller) || acceptance.Tenant == Key.Of(caller.Principal.Tenant)))
        {
            return Error.NotFound("ACCEPTANCE_NOT_FOUND", $"there is no acceptance '{Text.Shorten(id)}' of your tenant: ListAcceptances lists them");
        }

        var rows = await context.AcceptanceEvidence.Where(row => row.Acceptance == id).ToDictionaryAsync(row => row.Kind, row => Envelopes.Read(row.Envelope).Value, cancellationToken);
        return rows.Count is 0
            ? Error.NotFound("NO_EVIDENCE", $"acceptance {id} is from before evidence was signed: withdraw it and accept again")
            : new Contracts.V1.Evidence { Acceptance = rows.GetValueOrDefault(EvidenceRow.Accepted), Withdrawal = rows.GetValueOrDefault(EvidenceRow.Withdrawn) };
    }

    private async Task<string> KeepAsync(LedgerPage page, string acceptance, int kind, Func<string, Statement> statement, CancellationToken cancellationToken)
    {
        var envelope = await signer.SignAsync(page, statement, cancellationToken);
        page.Context.Add(new EvidenceRow { Acceptance = acceptance, Kind = kind, Envelope = Envelopes.Write(envelope) });
        metrics.Signed(kind is EvidenceRow.Accepted ? "acceptance" : "withdrawal");
        return DigestOf(envelope.Payload);
    }

    private static Statement StatementOf(string garden, string title, AcceptanceRow acceptance)
    {
        var predicate = Describe(garden, title, acceptance);
        predicate["signatory"] = acceptance.Account;
        predicate["purpose"] = acceptance.Purpose;
        predicate["acceptedAt"] = TimeOf(acceptance.AcceptedAt);
        predicate["until"] = acceptance.Until is { } until ? TimeOf(until) : null;
        return new(NameOf(acceptance), acceptance.TextSha256, Predicates.Acceptance, predicate);
    }

    private static Statement WithdrawalOf(string garden, string title, AcceptanceRow acceptance, (string Account, EvidenceRow? Accepted) by)
    {
        var predicate = Describe(garden, title, acceptance);
        predicate["signatory"] = by.Account;
        predicate["acceptedAt"] = TimeOf(acceptance.AcceptedAt);
        predicate["withdrawnAt"] = TimeOf(acceptance.WithdrawnAt!.Value);
        predicate["acceptanceSha256"] = by.Accepted is null ? "" : DigestOf(Envelopes.Read(by.Accepted.Envelope).Value.Payload);
        return new(NameOf(acceptance), acceptance.TextSha256, Predicates.Withdrawal, predicate);
    }

    private static JsonObject Describe(string garden, string title, AcceptanceRow acceptance) => new()
    {
        ["garden"] = garden,
        ["acceptance"] = acceptance.Id,
        ["license"] = acceptance.License,
        ["version"] = acceptance.LicenseVersion,
        ["title"] = title,
        ["organisation"] = acceptance.Tenant,
        ["party"] = acceptance.ForAccount.Length > 0 ? "person" : "organisation",
        ["person"] = acceptance.ForAccount,
    };

    private static string NameOf(AcceptanceRow acceptance) => string.Create(CultureInfo.InvariantCulture, $"license/{acceptance.License}/{acceptance.LicenseVersion}");

    private static string TimeOf(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static string DigestOf(ByteString payload) => Sha256Digest.Of(payload.Span).Hex;
}
