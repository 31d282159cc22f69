using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using ModelGarden.Entitlement.AccessRequests;
using ModelGarden.Entitlement.Audit;
using ModelGarden.Entitlement.Decisions;
using ModelGarden.Entitlement.Keys;
using ModelGarden.Entitlement.Licenses;
using ModelGarden.Entitlement.Partners;
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
        services.AddOptions<EntitlementOptions>().BindConfiguration(GardenOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<EntitlementOptions>, EntitlementOptionsValidator>();
        services.AddGardenStore<EntitlementDbContext>();
        services.AddPrivateStore();
        services.AddHostedService<Bootstrap>();
        services.TryAddSingleton<EntitlementMetrics>();
        services.TryAddSingleton<Ledger>();
        services.TryAddSingleton<AuditTrail>();
        services.TryAddSingleton<AuditExport>();
        services.TryAddSingleton<AuditErasure>();
        services.TryAddSingleton<EvidenceSigner>();
        services.TryAddSingleton<Checkpoints>();
        services.AddHostedService<CheckpointKeeper>();
        Follow<IdentityEvents>(services, ServiceNames.Identity);
        Follow<CatalogEvents>(services, ServiceNames.Catalog);
        Follow<DeploymentEvents>(services, ServiceNames.Deployment);
        services.TryAddSingleton<TenantDirectory>();
        services.TryAddSingleton<Membership>();
        services.TryAddSingleton<LicenseBook>();
        services.TryAddSingleton<Acceptances>();
        services.TryAddSingleton<EvidenceBook>();
        services.TryAddSingleton<ContractBook>();
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

    /// <summary>Not waited for: what happened there is taken over when it is there.</summary>
    private static void Follow<TEvents>(IServiceCollection services, string service)
        where TEvents : AuditFollower
    {
        services.AddSingleton<TEvents>();
        services.AddHostedService(provider => provider.GetRequiredService<TEvents>());
        services.AddFeedFollower<TEvents>(service, required: false);
    }

    private static void Map(WebApplication app)
    {
        app.MapGarden<EntitlementService>(Contracts.V1.Entitlement.Descriptor);
        app.MapChangeFeed<EntitlementDbContext>();
    }
}
