using ModelGarden.Hosting;

namespace ModelGarden.Search;

/// <summary>Registers and maps the Search service.</summary>
public static class SearchModule
{
    public static ServiceDefinition Definition { get; } = new(ServiceNames.Search, Add, Map);

    private static void Add(WebApplicationBuilder builder)
    {
    }

    private static void Map(WebApplication app)
    {
    }
}
