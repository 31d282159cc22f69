using Microsoft.EntityFrameworkCore;
using ModelGarden.Entitlement.Audit;
using ModelGarden.Entitlement.Keys;
using ModelGarden.Entitlement.Licenses;
using ModelGarden.Entitlement.Tenants;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;
using ModelGarden.Rights.Licenses;

namespace ModelGarden.Entitlement;

/// <summary>
/// Gives a new garden what it cannot do without: the tenant <c>garden</c> with its operator <c>root</c>, a key for its evidence, and two licences. Replicas that start
/// together do it once; what was changed since is left as it is.
/// </summary>
internal sealed class Bootstrap(Ledger ledger) : IHostedLifecycleService
{
    private const string By = "garden";

    public Task StartingAsync(CancellationToken cancellationToken) => ledger.WriteAsync<bool>(
        async page =>
        {
            await MakeTenantAsync(page, cancellationToken);
            await EvidenceSigner.KeepAsync(page, cancellationToken);
            await MakeLicenseAsync(page, "apache-2.0", "Apache License 2.0", cancellationToken);
            await MakeLicenseAsync(page, "mit", "MIT License", cancellationToken);
            return true;
        },
        cancellationToken);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static async Task MakeTenantAsync(LedgerPage page, CancellationToken cancellationToken)
    {
        var created = await TenantDirectory.CreateAsync(page, TenantName.Create("garden").Value, "Garden", By, cancellationToken);
        if (created.Error is null)
        {
            await Membership.SetAsync(
                page, created.Value, AccountName.Create("root").Value, [Roles.Operator, Roles.Curator, Roles.Admin], By, cancellationToken);
        }
    }

    private static async Task MakeLicenseAsync(LedgerPage page, string id, string title, CancellationToken cancellationToken)
    {
        if (!await page.Context.Licenses.AnyAsync(license => license.Id == id, cancellationToken))
        {
            var text = LicenseText.Create(title, TextOf(id), true).Value;
            await LicenseBook.PutAsync(page, LicenseId.Create(id).Value, text, ("garden", By), cancellationToken);
        }
    }

    private static string TextOf(string id)
    {
        using var reader = new StreamReader(typeof(Bootstrap).Assembly.GetManifestResourceStream($"licenses/{id}.txt")!);
        return reader.ReadToEnd();
    }
}
