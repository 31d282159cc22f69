using Microsoft.Extensions.DependencyInjection.Extensions;
using ModelGarden.Entitlement.AccessRequests;
using ModelGarden.Entitlement.Audit;
using ModelGarden.Entitlement.Decisions;
using ModelGarden.Entitlement.Licenses;
using ModelGarden.Entitlement.Policies;
using ModelGarden.Entitlement.Tenants;
using ModelGarden.Entitlement.Usage;
using ModelGarden.Hosting;
using ModelGarden.Persistence;

namespace ModelGarden.Entitlement;

/// <summary>Registers and maps the Entitlement service.</summary>
public static class EntitlementModule
{
    public static ServiceDefinition Definition { get; } = new(ServiceNames.Entitlement, Add, Map);

    private static void Add(WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddGardenStore<EntitlementDbContext>();
        services.AddHostedService<Bootstrap>();
        services.TryAddSingleton<EntitlementMetrics>();
        services.TryAddSingleton<Ledger>();
        services.TryAddSingleton<AuditTrail>();
        services.TryAddSingleton<TenantDirectory>();
        services.TryAddSingleton<Membership>();
        services.TryAddSingleton<LicenseBook>();
        services.TryAddSingleton<Acceptances>();
        services.TryAddSingleton<AccessDesk>();
        services.TryAddSingleton<AccessLists>();
        services.TryAddSingleton<DecisionDesk>();
        services.TryAddSingleton<DecisionAudit>();
        services.AddOptions<DecisionOptions>().BindConfiguration(DecisionOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton<DecisionTally>();
        services.AddHostedService(provider => provider.GetRequiredService<DecisionTally>());
        services.TryAddSingleton<Explaining>();
        services.TryAddSingleton<PolicyBook>();
        services.TryAddSingleton<PolicyReplays>();
        services.TryAddSingleton<UsageBook>();
        services.TryAddSingleton<Quotas>();
        services.TryAddSingleton<EntitlementService>();
    }

    private static void Map(WebApplication app)
    {
        app.MapGarden<EntitlementService>(Contracts.V1.Entitlement.Descriptor);
        app.MapChangeFeed<EntitlementDbContext>();
    }
}
