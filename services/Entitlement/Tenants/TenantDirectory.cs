using Microsoft.EntityFrameworkCore;
using ModelGarden.Entitlement.Audit;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;

namespace ModelGarden.Entitlement.Tenants;

/// <summary>The tenants of the garden.</summary>
internal sealed class TenantDirectory(IDbContextFactory<EntitlementDbContext> contexts, Ledger ledger)
{
    // First segments of the Gateway's paths: a tenant of such a name could never be reached as a namespace.
    private static readonly HashSet<string> Reserved =
    [
        "api", "v1", "v2", "models", "datasets", "spaces", "replicate", "bedrock", "azure", "ollama", "kserve", "kaggle", "modelscope",
        "civitai", "tfhub", "onnx", "torch", "healthz", "metrics", "assets", "login", "settings", "account", "admin", "docs", "organizations",
    ];

    public async Task<Result<TenantRow>> CreateAsync(Caller caller, TenantName name, string displayName, CancellationToken cancellationToken)
    {
        if (Reserved.Contains(Key.Of(name.Value)))
        {
            return Error.Invalid("NAME_RESERVED", $"'{name}' is a path of the garden itself: choose another name for the tenant");
        }

        var shown = displayName.Length > 0 ? displayName : name.Value;
        return Text.Refusal("display_name", shown, 1, 128) is { } refusal
            ? refusal
            : await ledger.WriteAsync(page => CreateAsync(page, name, shown, caller.Principal.Name, cancellationToken), cancellationToken);
    }

    public async Task<TenantRow[]> ListAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Tenants.OrderBy(tenant => tenant.Key).ToArrayAsync(cancellationToken);
    }

    public static async Task<Result<TenantRow>> CreateAsync(LedgerPage page, TenantName name, string displayName, string account, CancellationToken cancellationToken)
    {
        var tenant = new TenantRow { Key = Key.Of(name.Value), Name = name.Value, DisplayName = displayName, CreatedAt = page.Now };
        if (await page.Context.Tenants.AnyAsync(other => other.Key == tenant.Key, cancellationToken))
        {
            return Error.Exists("TENANT_EXISTS", $"there is a tenant '{name}' already");
        }

        page.Context.Add(tenant);
        page.Context.Announce($"tenant/{tenant.Key}", tenant.ToMessage());
        page.Record(tenant.Key, account, "tenant.create", tenant.Name, ("display_name", displayName));
        return tenant;
    }
}
