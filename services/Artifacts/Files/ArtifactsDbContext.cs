using Microsoft.EntityFrameworkCore;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Collection;
using ModelGarden.Artifacts.Conversion;
using ModelGarden.Artifacts.Quotas;
using ModelGarden.Artifacts.Uploads;
using ModelGarden.Artifacts.Urls;
using ModelGarden.Persistence;

namespace ModelGarden.Artifacts.Files;

internal sealed class ArtifactsDbContext(DbContextOptions<ArtifactsDbContext> options) : GardenDbContext(options)
{
    public DbSet<FileRow> Files => Set<FileRow>();

    public DbSet<TenantFile> TenantFiles => Set<TenantFile>();

    public DbSet<UploadSession> Sessions => Set<UploadSession>();

    public DbSet<UploadPart> Parts => Set<UploadPart>();

    public DbSet<XorbRow> Xorbs => Set<XorbRow>();

    public DbSet<ChunkRow> Chunks => Set<ChunkRow>();

    public DbSet<LayoutRow> Layouts => Set<LayoutRow>();

    public DbSet<FileXorb> FileXorbs => Set<FileXorb>();

    public DbSet<TenantXorb> TenantXorbs => Set<TenantXorb>();

    public DbSet<GarbageObject> Garbage => Set<GarbageObject>();

    public DbSet<TenantUsage> Usages => Set<TenantUsage>();

    public DbSet<TenantChunks> TenantChunks => Set<TenantChunks>();

    public DbSet<TenantReturn> Returns => Set<TenantReturn>();

    public DbSet<TenantQuota> Quotas => Set<TenantQuota>();

    public DbSet<CollectionScheduleRow> CollectionSchedules => Set<CollectionScheduleRow>();

    public DbSet<UrlKey> Keys => Set<UrlKey>();

    public DbSet<ConversionRow> Conversions => Set<ConversionRow>();

    public DbSet<StatementKey> StatementKeys => Set<StatementKey>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<FileRow>().ToTable("files").HasKey(file => file.Sha256);
        modelBuilder.Entity<TenantFile>().ToTable("tenant_files").HasKey(file => new { file.Tenant, file.Sha256 });
        modelBuilder.Entity<UploadSession>().ToTable("upload_sessions").HasKey(session => session.Id);
        modelBuilder.Entity<UploadPart>().ToTable("upload_parts").HasKey(part => new { part.Session, part.Number });
        modelBuilder.Entity<XorbRow>().ToTable("xorbs").HasKey(xorb => xorb.Id);
        modelBuilder.Entity<ChunkRow>().ToTable("chunks").HasKey(chunk => new { chunk.Key, chunk.Place });
        modelBuilder.Entity<LayoutRow>().ToTable("file_layouts").HasKey(layout => layout.Sha256);
        modelBuilder.Entity<FileXorb>().ToTable("file_xorbs").HasKey(needed => new { needed.Sha256, needed.Xorb });
        modelBuilder.Entity<TenantXorb>().ToTable("tenant_xorbs").HasKey(known => new { known.Tenant, known.Xorb });
        modelBuilder.Entity<GarbageObject>().ToTable("garbage").HasKey(garbage => garbage.Object);
        modelBuilder.Entity<TenantUsage>().ToTable("tenant_usage").HasKey(usage => usage.Tenant);
        modelBuilder.Entity<TenantChunks>().ToTable("tenant_chunks").HasKey(known => new { known.Tenant, known.Xorb });
        modelBuilder.Entity<TenantReturn>().ToTable("tenant_returns").HasKey(given => given.Id);
        modelBuilder.Entity<TenantQuota>().ToTable("tenant_quotas").HasKey(quota => quota.Tenant);
        modelBuilder.Entity<CollectionScheduleRow>().ToTable("collection_schedule").HasKey(row => row.Id);
        modelBuilder.Entity<UrlKey>().ToTable("url_keys").HasKey(key => key.Id);
        modelBuilder.Entity<ConversionRow>().ToTable("conversions").HasKey(row => row.Source);
        modelBuilder.Entity<StatementKey>().ToTable("statement_keys").HasKey(key => key.Id);
        base.OnModelCreating(modelBuilder);
    }
}
