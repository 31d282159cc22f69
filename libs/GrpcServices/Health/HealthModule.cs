using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace ModelGarden.GrpcServices.Health;

/// <summary>Adds the standard gRPC health service to a host.</summary>
public static class HealthModule
{
    extension(IServiceCollection services)
    {
        /// <summary>Adds gRPC and one <see cref="HealthRegistry"/>, which shuts down when the host begins to stop.</summary>
        public IServiceCollection AddGardenHealth()
        {
            services.AddGrpc();
            services.TryAddSingleton(provider =>
            {
                var registry = new HealthRegistry();
                provider.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(registry.Shutdown);
                return registry;
            });
            return services;
        }
    }

    extension(IEndpointRouteBuilder routes)
    {
        /// <summary>Maps the health service; who may call it is for the caller to say.</summary>
        public IEndpointConventionBuilder MapGardenHealth() => routes.MapGrpcService<HealthService>();
    }
}
