using Microsoft.EntityFrameworkCore;
using ModelGarden.Entitlement.Audit;
using ModelGarden.Entitlement.Tenants;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;

namespace ModelGarden.Entitlement.Licenses;

/// <summary>What an organisation says when it accepts: which text, what for, until when.</summary>
internal sealed record AcceptanceWish(LicenseId License, Sha256Digest Text, string Purpose, DateTimeOffset? Until);

/// <summary>Takes, keeps and withdraws organisations' acceptances.</summary>
internal sealed class Acceptances(IDbContextFactory<EntitlementDbContext> contexts, Ledger ledger)
{
    private const int ListLimit = 1000;

    public async Task<Result<AcceptanceRow>> AcceptAsync(Caller caller, AcceptanceWish wish, CancellationToken cancellationToken)
    {
        var tenant = TenantErrors.OwnTenant(caller);
        return (tenant.Error ?? Text.Refusal("purpose", wish.Purpose, 0, 1000)) is { } refusal
            ? refusal
            : await ledger.WriteAsync(page => AcceptAsync(page, tenant.Value, caller.Principal.Name, wish, cancellationToken), cancellationToken);
    }

    public async Task<Result<AcceptanceRow>> WithdrawAsync(Caller caller, LicenseId license, CancellationToken cancellationToken)
    {
        var tenant = TenantErrors.OwnTenant(caller);
        return tenant.Error is not null
            ? tenant.Error
            : await ledger.WriteAsync(page => WithdrawAsync(page, tenant.Value, caller.Principal.Name, license, cancellationToken), cancellationToken);
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

    private static async Task<Result<AcceptanceRow>> AcceptAsync(LedgerPage page, string tenant, string account, AcceptanceWish wish, CancellationToken cancellationToken)
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

        return await StandingAsync(page, tenant, license, cancellationToken) ?? Keep(page, tenant, account, license, wish);
    }

    private static AcceptanceRow Keep(LedgerPage page, string tenant, string account, LicenseRow license, AcceptanceWish wish)
    {
        var acceptance = new AcceptanceRow
        {
            Id = Guid.CreateVersion7(page.Now).ToString("n"),
            Tenant = tenant,
            License = license.Id,
            LicenseVersion = license.Version,
            TextSha256 = license.TextSha256,
            Account = account,
            Purpose = wish.Purpose,
            AcceptedAt = page.Now,
            Until = wish.Until,
        };
        page.Context.Add(acceptance);
        page.Context.Announce(FeedKey(acceptance), acceptance.ToMessage());
        page.Record(
            tenant,
            account,
            "license.accept",
            license.Id,
            ("acceptance", acceptance.Id),
            ("version", license.Version),
            ("text_sha256", license.TextSha256),
            ("purpose", wish.Purpose),
            ("until", wish.Until?.ToUnixTimeMilliseconds() ?? 0));
        return acceptance;
    }

    private static async Task<Result<AcceptanceRow>> WithdrawAsync(LedgerPage page, string tenant, string account, LicenseId id, CancellationToken cancellationToken)
    {
        var license = await page.Context.Licenses.FirstOrDefaultAsync(row => row.Id == id.Value, cancellationToken);
        if (license is null || await StandingAsync(page, tenant, license, cancellationToken) is not { } acceptance)
        {
            return license is null ? LicenseBook.NotFound(id) : Error.NotFound("NOT_ACCEPTED", $"{tenant} has no standing acceptance of {id}");
        }

        acceptance.WithdrawnAt = page.Now;
        var entry = page.Context.Attach(acceptance);
        entry.Property(row => row.WithdrawnAt).IsModified = true;
        page.Context.Announce(FeedKey(acceptance), acceptance.ToMessage());
        page.Record(tenant, account, "license.withdraw", id.Value, ("acceptance", acceptance.Id), ("version", acceptance.LicenseVersion));
        return acceptance;
    }

    private static async Task<AcceptanceRow?> StandingAsync(LedgerPage page, string tenant, LicenseRow license, CancellationToken cancellationToken)
    {
        var rows = await page.Context.Acceptances
            .Where(row => row.Tenant == tenant && row.License == license.Id && row.LicenseVersion == license.Version && row.WithdrawnAt == null)
            .ToListAsync(cancellationToken);
        return rows.Find(row => row.Stands(page.Now));
    }

    private static string FeedKey(AcceptanceRow acceptance) => $"acceptance/{acceptance.Tenant}/{acceptance.License}";
}
