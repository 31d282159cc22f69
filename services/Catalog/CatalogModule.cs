using Microsoft.Extensions.Options;
using ModelGarden.Catalog.Collections;
using ModelGarden.Catalog.Commits;
using ModelGarden.Catalog.Comparing;
using ModelGarden.Catalog.Discussions;
using ModelGarden.Catalog.Facts;
using ModelGarden.Catalog.Families;
using ModelGarden.Catalog.Lifecycles;
using ModelGarden.Catalog.Merging;
using ModelGarden.Catalog.Moderation;
using ModelGarden.Catalog.Objects;
using ModelGarden.Catalog.Origins;
using ModelGarden.Catalog.Packs;
using ModelGarden.Catalog.Popularity;
using ModelGarden.Catalog.Pushes;
using ModelGarden.Catalog.Reading;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Catalog.Revisions;
using ModelGarden.Catalog.Webhooks;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Outside;
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
        services.AddPrivateStore();
        services.AddSingleton<CatalogMetrics>();
        services.AddSingleton<TreeCache>();
        services.AddSingleton<ComparisonCache>();
        services.AddSingleton<RecordKeeper>();
        services.AddSingleton<RepositoryChanges>();
        services.AddSingleton<RepositoryDirectory>();
        services.AddSingleton<FileReading>();
        services.AddSingleton<TensorLists>();
        services.AddSingleton<RevisionComparison>();
        services.AddSingleton<LineComparison>();
        services.AddSingleton<LargeFileList>();
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
        services.AddSingleton<FeatureDesk>();
        services.AddSingleton<LikeDesk>();
        services.AddSingleton<DownloadCounter>();
        services.AddSingleton<RepositoryMoves>();
        services.AddSingleton<Duplicator>();
        services.AddSingleton<OriginDesk>();
        services.AddSingleton<OriginReading>();
        services.AddSingleton<References>();
        services.AddOptions<CurationOptions>().BindConfiguration(CurationOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<CurationOptions>, CurationOptionsValidator>();
        services.AddSingleton<PublicationChecks>();
        services.AddSingleton<LifecycleDesk>();
        services.AddSingleton<RatingDesk>();
        services.AddSingleton<ReportDesk>();
        services.AddSingleton<ReportDecisions>();
        AddWebhooks(services);
        services.AddHostedService<RetirementWorker>();
        services.AddHostedService<FamilyWorker>();
        services.AddSingleton<VariationReading>();
        // Before the follower: it finds the position from which following goes on.
        services.AddSingleton<FileFollower>();
        services.AddHostedService(provider => provider.GetRequiredService<FileFollower>());
        // Reading and committing small files goes on without Artifacts: readiness does not wait for it.
        services.AddHostedService<SmallFileWorker>();
        services.AddFeedFollower<FileFollower>(ServiceNames.Artifacts, required: false);
    }

    private static void AddWebhooks(IServiceCollection services)
    {
        services.AddOptions<WebhookOptions>().BindConfiguration(WebhookOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<WebhookOptions>, WebhookOptionsValidator>();
        services.AddSingleton<DeliveryBell>();
        services.AddSingleton<NameLookup>();
        services.AddSingleton<ReceiverAddresses>();
        services.AddSingleton<WebhookDesk>();
        services.AddSingleton<MakerStanding>();
        services.AddSingleton<EventSpreader>();
        services.AddSingleton<DeliveryQueue>();
        services.AddSingleton<DeliverySender>();
        services.AddHostedService<DeliveryWorker>();
        services.AddHostedService<DeliveryLog>();
    }

    private static void Map(WebApplication app)
    {
        app.MapGarden<CatalogService>(Contracts.V1.Catalog.Descriptor);
        app.MapChangeFeed<CatalogDbContext>();
    }
}
