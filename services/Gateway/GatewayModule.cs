using ModelGarden.Hosting;

namespace ModelGarden.Gateway;

/// <summary>Registers and maps the Gateway service.</summary>
public static class GatewayModule
{
    public static ServiceDefinition Definition { get; } = new(ServiceNames.Gateway, Add, Map);

    private static void Add(WebApplicationBuilder builder)
    {
    }

    private static void Map(WebApplication app)
    {
    }
}
