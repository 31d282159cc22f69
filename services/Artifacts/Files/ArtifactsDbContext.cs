using Microsoft.EntityFrameworkCore;
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

    public DbSet<UrlKey> Keys => Set<UrlKey>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<FileRow>().ToTable("files").HasKey(file => file.Sha256);
        modelBuilder.Entity<TenantFile>().ToTable("tenant_files").HasKey(file => new { file.Tenant, file.Sha256 });
        modelBuilder.Entity<UploadSession>().ToTable("upload_sessions").HasKey(session => session.Id);
        modelBuilder.Entity<UploadPart>().ToTable("upload_parts").HasKey(part => new { part.Session, part.Number });
        modelBuilder.Entity<UrlKey>().ToTable("url_keys").HasKey(key => key.Id);
        base.OnModelCreating(modelBuilder);
    }
}
