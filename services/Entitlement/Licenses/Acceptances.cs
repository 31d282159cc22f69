using Microsoft.EntityFrameworkCore;
using ModelGarden.Entitlement.Audit;
using ModelGarden.Entitlement.Tenants;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;
using ModelGarden.Rights.Licenses;

namespace ModelGarden.Entitlement.Licenses;

/// <summary>What an organisation says when it accepts: which text, what for, until when.</summary>
internal sealed record AcceptanceWish(LicenseId License, Sha256Digest Text, string Purpose, DateTimeOffset? Until)
{
    /// <summary>The member for whom alone; null: for all of it.</summary>
    public AccountName? For { get; init; }

    public string ForKey => For is { } account ? Key.Of(account.Value) : "";
}

/// <summary>Takes, keeps and withdraws organisations' acceptances.</summary>
internal sealed class Acceptances(IDbContextFactory<EntitlementDbContext> contexts, Ledger ledger, EvidenceBook evidence)
{
    private const int ListLimit = 1000;

    public async Task<Result<AcceptanceRow>> AcceptAsync(Caller caller, AcceptanceWish wish, CancellationToken cancellationToken)
    {
        var tenant = TenantErrors.OwnTenant(caller);
        return (tenant.Error ?? Text.Refusal("purpose", wish.Purpose, 0, 1000)) is { } refusal
            ? refusal
            : await ledger.WriteAsync(page => AcceptAsync(page, tenant.Value, caller.Principal.Name, wish, cancellationToken), cancellationToken);
    }

    public async Task<Result<AcceptanceRow>> WithdrawAsync(Caller caller, LicenseId license, AccountName? forAccount, CancellationToken cancellationToken)
    {
        var tenant = TenantErrors.OwnTenant(caller);
        return tenant.Error is not null
            ? tenant.Error
            : await ledger.WriteAsync(page => WithdrawAsync(page, (tenant.Value, caller.Principal.Name), license, forAccount is { } account ? Key.Of(account.Value) : "", cancellationToken), cancellationToken);
    }

    public async Task<Result<AcceptanceRow[]>> ListAsync(Caller caller, CancellationToken cancellationToken)
    {
        var tenant = TenantErrors.OwnTenant(caller);
        if (tenant.Error is not null)
        {
            return tenant.Error;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Acceptances.Where(row => row.Tenant == tenant.Value)
            .OrderByDescending(row => row.AcceptedAt).ThenByDescending(row => row.Id).Take(ListLimit).ToArrayAsync(cancellationToken);
    }

    private async Task<Result<AcceptanceRow>> AcceptAsync(LedgerPage page, string tenant, string account, AcceptanceWish wish, CancellationToken cancellationToken)
    {
        var license = await page.Context.Licenses.FirstOrDefaultAsync(row => row.Id == wish.License.Value, cancellationToken);
        if (license is null || !await page.Context.Tenants.AnyAsync(row => row.Key == tenant, cancellationToken))
        {
            return license is null ? LicenseBook.NotFound(wish.License) : TenantErrors.NotFound(tenant);
        }

        if (license.TextSha256 != wish.Text.Hex)
        {
            return Error.Conflict("TEXT_CHANGED", $"the text of {license.Id} is another by now (version {license.Version}, sha256 {license.TextSha256}): read it, then accept that one");
        }

        if (wish.Until <= page.Now)
        {
            return Error.Invalid("BAD_UNTIL", $"until is {wish.Until:u}, which is past: an acceptance lasts to a time to come");
        }

        if (wish.For is { } member && !await page.Context.Members.AnyAsync(row => row.Tenant == tenant && row.Key == wish.ForKey, cancellationToken))
        {
            return Error.NotFound("MEMBER_NOT_FOUND", $"{member} is no member of {tenant}: a licence is accepted for the organisation, or for one of its members");
        }

        return await StandingAsync(page, tenant, license, (license.Version, wish.ForKey), cancellationToken) ?? await KeepAsync(page, tenant, account, license, wish, cancellationToken);
    }

    private async Task<AcceptanceRow> KeepAsync(LedgerPage page, string tenant, string account, LicenseRow license, AcceptanceWish wish, CancellationToken cancellationToken)
    {
        var acceptance = new AcceptanceRow
        {
            Id = Guid.CreateVersion7(page.Now).ToString("n"),
            Tenant = tenant,
            License = license.Id,
            LicenseVersion = license.Version,
            TextSha256 = license.TextSha256,
            Account = account,
            ForAccount = wish.ForKey,
            Purpose = wish.Purpose,
            AcceptedAt = page.Now,
            Until = wish.Until,
        };
        page.Context.Add(acceptance);
        var signed = await evidence.SignAsync(page, license.Title, acceptance, cancellationToken);
        var before = await StandingAsync(page, tenant, license, (license.Version - 1, wish.ForKey), cancellationToken);
        page.Context.Announce(FeedKey(acceptance), new Contracts.V1.Acceptance(acceptance.ToMessage()) { Before = before?.ToMessage() });
        page.Record(
            tenant,
            account,
            "license.accept",
            license.Id,
            ("acceptance", acceptance.Id),
            ("version", license.Version),
            ("text_sha256", license.TextSha256),
            ("purpose", wish.Purpose),
            ("for", Personal.Name(acceptance.ForAccount)),
            ("until", wish.Until?.ToUnixTimeMilliseconds() ?? 0),
            ("evidence_sha256", signed));
        return acceptance;
    }

    private async Task<Result<AcceptanceRow>> WithdrawAsync(LedgerPage page, (string Tenant, string Account) by, LicenseId id, string forAccount, CancellationToken cancellationToken)
    {
        var license = await page.Context.Licenses.FirstOrDefaultAsync(row => row.Id == id.Value, cancellationToken);
        if (license is null)
        {
            return LicenseBook.NotFound(id);
        }

        // Of whichever text: what is withdrawn is not to stand again by the grace for a change.
        var rows = await Of(page.Context, by.Tenant, forAccount, [id.Value]).Where(row => row.ForAccount == forAccount).OrderBy(row => row.AcceptedAt).ThenBy(row => row.Id).ToListAsync(cancellationToken);
        var standing = rows.FindAll(row => row.Stands(page.Now));
        if (!standing.Exists(row => license.IsMetBy(row, page.Now)))
        {
            return Error.NotFound("NOT_ACCEPTED", $"{by.Tenant} has no standing acceptance of {id}{(forAccount.Length > 0 ? $" for {forAccount}" : "")}");
        }

        foreach (var acceptance in standing)
        {
            await WithdrawAsync(page, by, license, acceptance, cancellationToken);
        }

        return standing[^1];
    }

    private async Task WithdrawAsync(LedgerPage page, (string Tenant, string Account) by, LicenseRow license, AcceptanceRow acceptance, CancellationToken cancellationToken)
    {
        acceptance.WithdrawnAt = page.Now;
        page.Context.Attach(acceptance).Property(row => row.WithdrawnAt).IsModified = true;
        page.Context.Announce(FeedKey(acceptance), acceptance.ToMessage());
        var signed = await evidence.SignWithdrawalAsync(page, license.Title, acceptance, by.Account, cancellationToken);
        page.Record(
            by.Tenant,
            by.Account,
            "license.withdraw",
            license.Id,
            ("acceptance", acceptance.Id),
            ("version", acceptance.LicenseVersion),
            ("for", Personal.Name(acceptance.ForAccount)),
            ("evidence_sha256", signed));
    }

    /// <summary>What a tenant has accepted of these licences for itself or for this account, and not withdrawn.</summary>
    public static IQueryable<AcceptanceRow> Of(EntitlementDbContext context, string tenant, string account, string[] licenses) =>
        context.Acceptances.Where(row => row.Tenant == tenant && licenses.Contains(row.License) && row.WithdrawnAt == null && (row.ForAccount == "" || row.ForAccount == account));

    /// <summary>The one of a text.</summary>
    private static async Task<AcceptanceRow?> StandingAsync(LedgerPage page, string tenant, LicenseRow license, (int Version, string ForAccount) which, CancellationToken cancellationToken)
    {
        var rows = await Of(page.Context, tenant, which.ForAccount, [license.Id]).Where(row => row.ForAccount == which.ForAccount && row.LicenseVersion == which.Version).ToListAsync(cancellationToken);
        return rows.Find(row => row.Stands(page.Now));
    }

    private static string FeedKey(AcceptanceRow acceptance) => acceptance.ForAccount.Length > 0
        ? $"acceptance/{acceptance.Tenant}/{acceptance.License}/{acceptance.ForAccount}"
        : $"acceptance/{acceptance.Tenant}/{acceptance.License}";
}
