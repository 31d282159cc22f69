using System.Reflection;
using Google.Protobuf.Reflection;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Routing;

namespace ModelGarden.GrpcServices.Reflection;

/// <summary>Finds the descriptors of the gRPC services that a host maps.</summary>
internal static class MappedServices
{
    public static IEnumerable<ServiceDescriptor> Describe(EndpointDataSource endpoints) => endpoints.Endpoints
        .Select(endpoint => endpoint.Metadata.GetMetadata<GrpcMethodMetadata>()?.ServiceType)
        .OfType<Type>()
        .Distinct()
        .Select(Describe)
        .OfType<ServiceDescriptor>();

    /// <summary>The descriptor that generated code keeps beside a service's base class; null for services of another make.</summary>
    private static ServiceDescriptor? Describe(Type service) => service
        .GetCustomAttribute<BindServiceMethodAttribute>(inherit: true)?.BindType
        .GetProperty("Descriptor", BindingFlags.Public | BindingFlags.Static)?
        .GetValue(null) as ServiceDescriptor;
}
