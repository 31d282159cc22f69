using ModelGarden.Hosting;

namespace ModelGarden.Artifacts;

/// <summary>Registers and maps the Artifacts service.</summary>
public static class ArtifactsModule
{
    public static ServiceDefinition Definition { get; } = new(ServiceNames.Artifacts, Add, Map);

    private static void Add(WebApplicationBuilder builder)
    {
    }

    private static void Map(WebApplication app)
    {
    }
}
