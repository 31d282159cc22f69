using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Calls;
using ModelGarden.Rights.Local;

namespace ModelGarden.Rights;

/// <summary>Registers decisions in the service that asks.</summary>
public static class RightsModule
{
    extension(IServiceCollection services)
    {
        /// <summary>A <see cref="RightsDesk"/> that follows Entitlement's feed. Not waited for: until it has caught up, Entitlement is asked.</summary>
        public IServiceCollection AddRights()
        {
            services.AddOptions<RightsOptions>().BindConfiguration(RightsOptions.Section).ValidateDataAnnotations().ValidateOnStart();
            services.TryAddSingleton<RightsMetrics>();
            services.TryAddSingleton<LocalDecider>();
            services.TryAddSingleton<DecisionCounts>();
            services.AddHostedService(provider => provider.GetRequiredService<DecisionCounts>());
            services.AddFeedFollower<RightsFeed>(ServiceNames.Entitlement, required: false);
            services.TryAddSingleton(provider => new RightsDesk(
                provider.GetRequiredService<LocalDecider>(),
                provider.GetRequiredService<DecisionCounts>(),
                provider.GetRequiredService<Peers>(),
                provider.GetRequiredService<IOptions<RightsOptions>>(),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<RightsMetrics>()));
            return services;
        }
    }
}
