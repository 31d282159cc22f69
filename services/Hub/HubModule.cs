using ModelGarden.Hosting;

namespace ModelGarden.Hub;

/// <summary>Registers and maps the Hub service.</summary>
public static class HubModule
{
    public static ServiceDefinition Definition { get; } = new(ServiceNames.Hub, Add, Map);

    private static void Add(WebApplicationBuilder builder)
    {
    }

    private static void Map(WebApplication app)
    {
    }
}
