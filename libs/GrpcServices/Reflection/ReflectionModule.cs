using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace ModelGarden.GrpcServices.Reflection;

/// <summary>Adds the standard gRPC reflection services to a host.</summary>
public static class ReflectionModule
{
    extension(IServiceCollection services)
    {
        /// <summary>
        /// Adds gRPC and the description of the services given, or, if none are given, of every generated service that
        /// the host has mapped by the time of the first reflection call.
        /// </summary>
        public IServiceCollection AddGardenReflection(params ServiceDescriptor[] described)
        {
            services.AddGrpc();
            services.TryAddSingleton(provider => new ReflectionSchema(
                described.Length > 0 ? described : MappedServices.Describe(provider.GetRequiredService<EndpointDataSource>())));
            return services;
        }
    }

    extension(IEndpointRouteBuilder routes)
    {
        /// <summary>Maps reflection as v1 and v1alpha; who may call it is for the caller to say.</summary>
        public IEndpointConventionBuilder MapGardenReflection()
        {
            var group = routes.MapGroup(string.Empty);
            group.MapGrpcService<ReflectionService>();
            group.MapGrpcService<ReflectionAlphaService>();
            return group;
        }
    }
}
