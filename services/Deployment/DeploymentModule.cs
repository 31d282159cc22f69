using ModelGarden.Hosting;

namespace ModelGarden.Deployment;

/// <summary>Registers and maps the Deployment service.</summary>
public static class DeploymentModule
{
    public static ServiceDefinition Definition { get; } = new(ServiceNames.Deployment, Add, Map);

    private static void Add(WebApplicationBuilder builder)
    {
    }

    private static void Map(WebApplication app)
    {
    }
}
