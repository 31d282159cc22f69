using ModelGarden.Catalog.Collections;
using ModelGarden.Catalog.Commits;
using ModelGarden.Catalog.Comparing;
using ModelGarden.Catalog.Discussions;
using ModelGarden.Catalog.Facts;
using ModelGarden.Catalog.Lifecycles;
using ModelGarden.Catalog.Merging;
using ModelGarden.Catalog.Objects;
using ModelGarden.Catalog.Packs;
using ModelGarden.Catalog.Popularity;
using ModelGarden.Catalog.Pushes;
using ModelGarden.Catalog.Reading;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Catalog.Revisions;
using ModelGarden.Hosting;
using ModelGarden.Persistence;
using ModelGarden.Scanning;

namespace ModelGarden.Catalog;

/// <summary>Registers and maps the Catalog service.</summary>
public static class CatalogModule
{
    public static ServiceDefinition Definition { get; } = new(ServiceNames.Catalog, Add, Map);

    private static void Add(WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddGardenStore<CatalogDbContext>();
        services.AddSingleton<CatalogMetrics>();
        services.AddSingleton<TreeCache>();
        services.AddSingleton<RecordKeeper>();
        services.AddSingleton<RepositoryChanges>();
        services.AddSingleton<RepositoryDirectory>();
        services.AddSingleton<FileReading>();
        services.AddSingleton<RevisionComparison>();
        services.AddSingleton<HeldFiles>();
        services.AddFileScanners();
        services.AddSingleton<SmallFileScans>();
        services.AddSingleton<Committer>();
        services.AddSingleton<PackReading>();
        services.AddSingleton<PushRoom>();
        services.AddSingleton<PushCheck>();
        services.AddSingleton<Pusher>();
        services.AddSingleton<Squasher>();
        services.AddSingleton<Merger>();
        services.AddSingleton<DiscussionDesk>();
        services.AddSingleton<CollectionDesk>();
        services.AddSingleton<LikeDesk>();
        services.AddSingleton<DownloadCounter>();
        services.AddSingleton<RepositoryMoves>();
        services.AddSingleton<Duplicator>();
        services.AddSingleton<References>();
        services.AddSingleton<LifecycleDesk>();
        // Before the follower: it finds the position from which following goes on.
        services.AddSingleton<FileFollower>();
        services.AddHostedService(provider => provider.GetRequiredService<FileFollower>());
        // Reading and committing small files goes on without Artifacts: readiness does not wait for it.
        services.AddHostedService<SmallFileWorker>();
        services.AddFeedFollower<FileFollower>(ServiceNames.Artifacts, required: false);
    }

    private static void Map(WebApplication app)
    {
        app.MapGarden<CatalogService>(Contracts.V1.Catalog.Descriptor);
        app.MapChangeFeed<CatalogDbContext>();
    }
}
