using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Collections;
using ModelGarden.Catalog.Discussions;
using ModelGarden.Catalog.Facts;
using ModelGarden.Catalog.Families;
using ModelGarden.Catalog.Lifecycles;
using ModelGarden.Catalog.Moderation;
using ModelGarden.Catalog.Objects;
using ModelGarden.Catalog.Origins;
using ModelGarden.Catalog.Popularity;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Catalog.Revisions;
using ModelGarden.Catalog.Webhooks;
using ModelGarden.Persistence;
using ModelGarden.Scanning;

namespace ModelGarden.Catalog;

/// <summary>Catalog's store. Git's objects are written by <see cref="ObjectWriter"/>, everything else through here.</summary>
internal sealed class CatalogDbContext(DbContextOptions<CatalogDbContext> options, FileScanners scanners) : GardenDbContext(options)
{
    /// <summary>By which scanners small files are to have been looked at, to count as clean here.</summary>
    public string Scanners => scanners.Signature;

    public DbSet<StoredRepository> Repositories => Set<StoredRepository>();

    public DbSet<FormerName> FormerNames => Set<FormerName>();

    public DbSet<StoredDiscussion> Discussions => Set<StoredDiscussion>();

    public DbSet<StoredEvent> DiscussionEvents => Set<StoredEvent>();

    public DbSet<StoredCollection> Collections => Set<StoredCollection>();

    public DbSet<StoredItem> CollectionItems => Set<StoredItem>();

    public DbSet<StoredFeature> FeaturedCollections => Set<StoredFeature>();

    public DbSet<StoredLike> Likes => Set<StoredLike>();

    public DbSet<StoredWebhook> Webhooks => Set<StoredWebhook>();

    public DbSet<StoredWatch> WebhookWatches => Set<StoredWatch>();

    public DbSet<StoredWebhookEvent> WebhookEvents => Set<StoredWebhookEvent>();

    public DbSet<StoredDelivery> WebhookDeliveries => Set<StoredDelivery>();

    public DbSet<StoredTie> FamilyTies => Set<StoredTie>();

    public DbSet<StoredReport> Reports => Set<StoredReport>();

    public DbSet<StoredOrigin> Origins => Set<StoredOrigin>();

    public DbSet<StoredOriginFiles> OriginFiles => Set<StoredOriginFiles>();

    public DbSet<StoredSquash> Squashes => Set<StoredSquash>();

    public DbSet<StoredRef> Refs => Set<StoredRef>();

    public DbSet<StoredCommit> Commits => Set<StoredCommit>();

    public DbSet<StoredTree> Trees => Set<StoredTree>();

    public DbSet<StoredBlob> Blobs => Set<StoredBlob>();

    public DbSet<StoredLargeFile> LargeFiles => Set<StoredLargeFile>();

    public DbSet<StoredTag> Tags => Set<StoredTag>();

    public DbSet<StoredExamination> Examinations => Set<StoredExamination>();

    public DbSet<StoredRecord> Records => Set<StoredRecord>();

    public DbSet<StoredStep> LifecycleSteps => Set<StoredStep>();

    public DbSet<KnownFile> Files => Set<KnownFile>();

    public DbSet<FeedPosition> FeedPositions => Set<FeedPosition>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<StoredRepository>().HasKey(repository => repository.Id);
        modelBuilder.Entity<StoredRepository>().Ignore(repository => repository.Life).Ignore(repository => repository.Source).Ignore(repository => repository.SourceForOthers);
        modelBuilder.Entity<FormerName>().HasKey(row => new { row.Key, row.Kind });
        modelBuilder.Entity<StoredDiscussion>().HasKey(row => new { row.RepositoryId, row.Number });
        modelBuilder.Entity<StoredDiscussion>().Ignore(row => row.IsUnderWay);
        modelBuilder.Entity<StoredEvent>().HasKey(row => row.Id);
        modelBuilder.Entity<StoredCollection>().HasKey(row => row.Id);
        modelBuilder.Entity<StoredItem>().HasKey(row => row.Id);
        modelBuilder.Entity<StoredFeature>().HasKey(row => row.CollectionId);
        modelBuilder.Entity<StoredLike>().HasKey(row => new { row.RepositoryId, row.AccountKey });
        modelBuilder.Entity<StoredWebhook>().HasKey(row => row.Id);
        modelBuilder.Entity<StoredWatch>().HasKey(row => new { row.WebhookId, row.Place });
        modelBuilder.Entity<StoredWebhookEvent>().HasKey(row => row.Id);
        modelBuilder.Entity<StoredDelivery>().HasKey(row => row.Id);
        modelBuilder.Entity<StoredTie>().HasKey(row => new { row.RepositoryId, row.IsPublished, row.BaseKey });
        modelBuilder.Entity<StoredReport>().HasKey(row => row.Id);
        modelBuilder.Entity<StoredOrigin>().HasKey(row => new { row.RepositoryId, row.Number });
        modelBuilder.Entity<StoredOrigin>().Ignore(row => row.Source).Ignore(row => row.IsWhole).Ignore(row => row.Words);
        modelBuilder.Entity<StoredOriginFiles>().HasKey(row => new { row.RepositoryId, row.Number, row.Place });
        modelBuilder.Entity<StoredSquash>().HasKey(row => new { row.RepositoryId, row.Revision, row.Replaced });
        modelBuilder.Entity<StoredRef>().HasKey(row => new { row.RepositoryId, row.Name });
        modelBuilder.Entity<StoredCommit>().HasKey(row => new { row.RepositoryId, row.Oid });
        modelBuilder.Entity<StoredTree>().HasKey(row => new { row.RepositoryId, row.Oid });
        modelBuilder.Entity<StoredBlob>().HasKey(row => new { row.RepositoryId, row.Oid });
        modelBuilder.Entity<StoredLargeFile>().HasKey(row => new { row.RepositoryId, row.Oid });
        modelBuilder.Entity<StoredTag>().HasKey(row => new { row.RepositoryId, row.Oid });
        modelBuilder.Entity<StoredExamination>().HasKey(row => new { row.RepositoryId, row.Oid, row.Name });
        modelBuilder.Entity<StoredRecord>().HasKey(row => new { row.RepositoryId, row.Revision });
        modelBuilder.Entity<StoredStep>().HasKey(step => step.Id);
        modelBuilder.Entity<KnownFile>().HasKey(file => file.Sha256);
        modelBuilder.Entity<FeedPosition>().HasKey(position => position.Feed);
        base.OnModelCreating(modelBuilder);
    }
}
