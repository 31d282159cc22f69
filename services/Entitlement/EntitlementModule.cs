using ModelGarden.Hosting;

namespace ModelGarden.Entitlement;

/// <summary>Registers and maps the Entitlement service.</summary>
public static class EntitlementModule
{
    public static ServiceDefinition Definition { get; } = new(ServiceNames.Entitlement, Add, Map);

    private static void Add(WebApplicationBuilder builder)
    {
    }

    private static void Map(WebApplication app)
    {
    }
}
