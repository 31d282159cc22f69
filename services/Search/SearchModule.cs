using Microsoft.Extensions.Options;
using ModelGarden.Hosting;
using ModelGarden.Search.Engines.Embedded;
using ModelGarden.Search.Feeds;
using Contract = ModelGarden.Contracts.V1.Search;

namespace ModelGarden.Search;

/// <summary>Registers and maps the Search service.</summary>
public static class SearchModule
{
    public static ServiceDefinition Definition { get; } = new(ServiceNames.Search, Add, Map);

    private static void Add(WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<SearchMetrics>();
        builder.Services.AddSingleton(provider => new SearchIndexes(
            Path.Combine(provider.GetRequiredService<IOptions<GardenOptions>>().Value.Data, ServiceNames.Search), provider.GetRequiredService<ILogger<EmbeddedSearchEngine>>()));
        builder.Services.AddFeedFollower<CatalogFollower>(ServiceNames.Catalog);
        builder.Services.AddSingleton<SearchService>();
    }

    private static void Map(WebApplication app) => app.MapGarden<SearchService>(Contract.Descriptor);
}
