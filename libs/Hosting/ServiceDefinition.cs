using Microsoft.AspNetCore.Builder;

namespace ModelGarden.Hosting;

/// <summary>
/// All that a host needs to know of a service. The service's own <c>Program</c> runs one; AppHost runs all of them in one process,
/// each in a host of its own.
/// </summary>
/// <param name="Name">One of <see cref="ServiceNames"/>.</param>
/// <param name="Add">Registers the service's parts.</param>
/// <param name="Map">Maps its gRPC services and HTTP endpoints.</param>
public sealed record ServiceDefinition(string Name, Action<WebApplicationBuilder> Add, Action<WebApplication> Map)
{
    /// <summary>Strangers talk to it: it takes their credentials, not internal tokens. The Gateway alone.</summary>
    public bool IsFrontDoor { get; init; }
}
