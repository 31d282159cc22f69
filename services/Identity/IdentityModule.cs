using ModelGarden.Hosting;

namespace ModelGarden.Identity;

/// <summary>Registers and maps the Identity service.</summary>
public static class IdentityModule
{
    public static ServiceDefinition Definition { get; } = new(ServiceNames.Identity, Add, Map);

    private static void Add(WebApplicationBuilder builder)
    {
    }

    private static void Map(WebApplication app)
    {
    }
}
