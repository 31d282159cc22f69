using ModelGarden.Hosting;

namespace ModelGarden.Catalog;

/// <summary>Registers and maps the Catalog service.</summary>
public static class CatalogModule
{
    public static ServiceDefinition Definition { get; } = new(ServiceNames.Catalog, Add, Map);

    private static void Add(WebApplicationBuilder builder)
    {
    }

    private static void Map(WebApplication app)
    {
    }
}
