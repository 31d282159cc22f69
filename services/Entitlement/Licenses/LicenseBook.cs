using Microsoft.EntityFrameworkCore;
using ModelGarden.Contracts.V1;
using ModelGarden.Entitlement.Audit;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;

namespace ModelGarden.Entitlement.Licenses;

/// <summary>The licences that the garden knows, each with every text it ever had.</summary>
internal sealed class LicenseBook(IDbContextFactory<EntitlementDbContext> contexts, Ledger ledger, TimeProvider clock)
{
    public Task<Result<License>> PutAsync(Caller caller, LicenseId id, LicenseText text, CancellationToken cancellationToken) =>
        ledger.WriteAsync<License>(
            async page => (await PutAsync(page, id, text, (Key.Of(caller.Principal.Tenant), caller.Principal.Name), cancellationToken)).ToMessage(text: text.Text),
            cancellationToken);

    public async Task<Result<License>> GetAsync(Caller caller, LicenseId id, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.Licenses.FirstOrDefaultAsync(license => license.Id == id.Value, cancellationToken) is not { } license)
        {
            return NotFound(id);
        }

        var text = await context.LicenseTexts.SingleAsync(row => row.License == id.Value && row.Version == license.Version, cancellationToken);
        var accepted = await AcceptedAsync(context, caller, [id.Value], cancellationToken);
        return license.ToMessage(accepted.Contains((license.Id, license.Version)), text.Text);
    }

    public async Task<License[]> ListAsync(Caller caller, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var licenses = await context.Licenses.OrderBy(license => license.Id).ToListAsync(cancellationToken);
        var accepted = await AcceptedAsync(context, caller, null, cancellationToken);
        return [.. licenses.Select(license => license.ToMessage(accepted.Contains((license.Id, license.Version))))];
    }

    public static Error NotFound(LicenseId id) => Error.NotFound("LICENSE_NOT_FOUND", $"the garden knows no licence '{id}': a curator can add it");

    /// <summary>A text that differs from the standing one becomes the next version; what is as it was is left alone.</summary>
    public static async Task<LicenseRow> PutAsync(LedgerPage page, LicenseId id, LicenseText text, (string Tenant, string Account) by, CancellationToken cancellationToken)
    {
        var standing = await page.Context.Licenses.FirstOrDefaultAsync(license => license.Id == id.Value, cancellationToken);
        if (standing is not null && standing.TextSha256 == text.Sha256 && standing.Title == text.Title && standing.RequiresAcceptance == text.RequiresAcceptance)
        {
            return standing;
        }

        var isNewText = standing?.TextSha256 != text.Sha256;
        var license = new LicenseRow
        {
            Id = id.Value,
            Title = text.Title,
            Version = (standing?.Version ?? 0) + (isNewText ? 1 : 0),
            TextSha256 = text.Sha256,
            RequiresAcceptance = text.RequiresAcceptance,
            UpdatedAt = page.Now,
        };
        page.Context.Entry(license).State = standing is null ? EntityState.Added : EntityState.Modified;
        if (isNewText)
        {
            page.Context.Add(new LicenseTextRow { License = id.Value, Version = license.Version, Text = text.Text, TextSha256 = text.Sha256, AddedBy = by.Account, AddedAt = page.Now });
        }

        page.Context.Announce($"license/{license.Id}", license.ToMessage());
        page.Record(
            by.Tenant,
            by.Account,
            "license.put",
            license.Id,
            ("title", license.Title),
            ("version", license.Version),
            ("text_sha256", license.TextSha256),
            ("requires_acceptance", license.RequiresAcceptance));
        return license;
    }

    private async Task<HashSet<(string License, int Version)>> AcceptedAsync(EntitlementDbContext context, Caller caller, string[]? ids, CancellationToken cancellationToken)
    {
        var tenant = Key.Of(caller.Principal.Tenant);
        var standing = context.Acceptances.Where(row => row.Tenant == tenant && row.WithdrawnAt == null);
        var acceptances = await (ids is null ? standing : standing.Where(row => ids.Contains(row.License))).ToListAsync(cancellationToken);
        return [.. acceptances.Where(row => row.Stands(clock.GetUtcNow())).Select(row => (row.License, row.LicenseVersion))];
    }
}
