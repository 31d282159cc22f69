using ModelGarden.Hosting;

namespace ModelGarden.Serving;

/// <summary>Registers and maps the Serving service.</summary>
public static class ServingModule
{
    public static ServiceDefinition Definition { get; } = new(ServiceNames.Serving, Add, Map);

    private static void Add(WebApplicationBuilder builder)
    {
    }

    private static void Map(WebApplication app)
    {
    }
}
