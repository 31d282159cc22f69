using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Contracts.V1;
using ModelGarden.Entitlement.Audit;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;
using ModelGarden.Rights.Licenses;

namespace ModelGarden.Entitlement.Licenses;

/// <summary>The licences that the garden knows, each with every text it ever had.</summary>
internal sealed class LicenseBook(IDbContextFactory<EntitlementDbContext> contexts, Ledger ledger, TimeProvider clock)
{
    public Task<Result<License>> PutAsync(Caller caller, LicenseId id, LicenseText text, CancellationToken cancellationToken) =>
        ledger.WriteAsync<License>(
            async page => (await PutAsync(page, id, text, (Key.Of(caller.Principal.Tenant), caller.Principal.Name), cancellationToken)).ToMessage(text: text.Text),
            cancellationToken);

    /// <summary>One of its texts: the present one, or that of a version or a digest.</summary>
    public async Task<Result<License>> GetAsync(Caller caller, LicenseId id, (int Version, string Sha256) which, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.Licenses.FirstOrDefaultAsync(license => license.Id == id.Value, cancellationToken) is not { } license)
        {
            return NotFound(id);
        }

        var text = await context.LicenseTexts
            .Where(row => row.License == id.Value && (which.Sha256 == "" || row.TextSha256 == which.Sha256) && (which.Version == 0 || row.Version == which.Version))
            .OrderByDescending(row => row.Version).FirstOrDefaultAsync(cancellationToken);
        if (text is null)
        {
            return Error.NotFound("TEXT_NOT_FOUND", $"{id} has no such text: its versions are 1 to {license.Version}, as ListLicenseVersions lists them");
        }

        var isPresent = text.Version == license.Version || which is (0, "");
        return isPresent ? license.ToMessage((await AcceptedAsync(context, caller, [license], cancellationToken)).Contains(license.Id), text.Text) : text.ToMessage(license);
    }

    /// <summary>All its texts, newest first.</summary>
    public async Task<Result<LicenseVersion[]>> VersionsAsync(LicenseId id, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var texts = await context.LicenseTexts.Where(row => row.License == id.Value).OrderByDescending(row => row.Version)
            .Select(row => new { row.Version, row.TextSha256, row.AddedAt, row.Obligations }).ToListAsync(cancellationToken);
        return texts.Count is 0 ? NotFound(id) : texts.Select(row => new LicenseVersion
        {
            Version = row.Version,
            TextSha256 = row.TextSha256,
            AddedAt = row.AddedAt.ToTimestamp(),
            Obligations = Obligations.Parser.ParseJson(row.Obligations),
        }).ToArray();
    }

    public async Task<License[]> ListAsync(Caller caller, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var licenses = await context.Licenses.OrderBy(license => license.Id).ToListAsync(cancellationToken);
        var accepted = await AcceptedAsync(context, caller, licenses, cancellationToken);
        return [.. licenses.Select(license => license.ToMessage(accepted.Contains(license.Id)))];
    }

    public static Error NotFound(LicenseId id) => Error.NotFound("LICENSE_NOT_FOUND", $"the garden knows no licence '{id}': a curator can add it");

    /// <summary>A text that differs from the standing one becomes the next version; what is as it was is left alone.</summary>
    public static async Task<LicenseRow> PutAsync(LedgerPage page, LicenseId id, LicenseText text, (string Tenant, string Account) by, CancellationToken cancellationToken)
    {
        var standing = await page.Context.Licenses.FirstOrDefaultAsync(license => license.Id == id.Value, cancellationToken);
        var license = Next(page, id, text, standing);
        if (standing is not null && IsSame(standing, license))
        {
            return standing;
        }

        page.Context.Entry(license).State = standing is null ? EntityState.Added : EntityState.Modified;
        await KeepTextAsync(page, license, text, by.Account, standing?.TextSha256 != text.Sha256, cancellationToken);
        page.Context.Announce($"license/{license.Id}", license.ToMessage());
        page.Record(
            by.Tenant,
            by.Account,
            "license.put",
            license.Id,
            ("title", license.Title),
            ("version", license.Version),
            ("text_sha256", license.TextSha256),
            ("requires_acceptance", license.RequiresAcceptance),
            ("requires_contract", license.RequiresContract),
            ("obligations", license.Obligations),
            ("grace_until", license.GraceUntil?.ToUnixTimeMilliseconds() ?? 0));
        return license;
    }

    private static bool IsSame(LicenseRow one, LicenseRow other) => new License(other.ToMessage()) { UpdatedAt = one.UpdatedAt.ToTimestamp() }.Equals(one.ToMessage());

    private static LicenseRow Next(LedgerPage page, LicenseId id, LicenseText text, LicenseRow? standing)
    {
        var isNewText = standing?.TextSha256 != text.Sha256;
        return new()
        {
            Id = id.Value,
            Title = text.Title,
            Version = (standing?.Version ?? 0) + (isNewText ? 1 : 0),
            TextSha256 = text.Sha256,
            RequiresAcceptance = text.RequiresAcceptance,
            RequiresContract = text.RequiresContract,
            Obligations = text.Obligations is { } said ? JsonFormatter.Default.Format(said) : standing?.Obligations ?? JsonFormatter.Default.Format(KnownLicenses.Find(id.Value) ?? new()),
            GraceUntil = !isNewText ? standing!.GraceUntil : standing is not null && text.GraceDays > 0 ? page.Now.AddDays(text.GraceDays) : null,
            UpdatedAt = page.Now,
        };
    }

    /// <summary>A new text is a row of its own; what a text asks for is a reading of it, which may be mended.</summary>
    private static async Task KeepTextAsync(LedgerPage page, LicenseRow license, LicenseText text, string account, bool isNew, CancellationToken cancellationToken)
    {
        if (isNew)
        {
            page.Context.Add(new LicenseTextRow
            {
                License = license.Id, Version = license.Version, Text = text.Text, TextSha256 = text.Sha256, Obligations = license.Obligations, AddedBy = account, AddedAt = page.Now,
            });
            return;
        }

        await page.Context.LicenseTexts.Where(row => row.License == license.Id && row.Version == license.Version)
            .ExecuteUpdateAsync(row => row.SetProperty(one => one.Obligations, license.Obligations), cancellationToken);
    }

    /// <summary>Those of the licences that the caller's tenant, or he himself, has accepted.</summary>
    private async Task<HashSet<string>> AcceptedAsync(EntitlementDbContext context, Caller caller, IReadOnlyList<LicenseRow> licenses, CancellationToken cancellationToken)
    {
        var acceptances = await Acceptances.Of(context, Key.Of(caller.Principal.Tenant), Key.Of(caller.Principal.Name), [.. licenses.Select(license => license.Id)]).ToListAsync(cancellationToken);
        var now = clock.GetUtcNow();
        return [.. licenses.Where(license => acceptances.Exists(row => license.IsMetBy(row, now))).Select(license => license.Id)];
    }
}
