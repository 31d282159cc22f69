using ModelGarden.Hosting;
using ModelGarden.Search.Engines;
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
        builder.Services.AddSingleton<Func<ISearchEngine>>(() => new InMemorySearchEngine());
        builder.Services.AddFeedFollower<CatalogFollower>(ServiceNames.Catalog);
        builder.Services.AddSingleton<SearchService>();
    }

    private static void Map(WebApplication app) => app.MapGarden<SearchService>(Contract.Descriptor);
}
