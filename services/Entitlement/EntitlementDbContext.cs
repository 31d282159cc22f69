using Microsoft.EntityFrameworkCore;
using ModelGarden.Entitlement.AccessRequests;
using ModelGarden.Entitlement.Audit;
using ModelGarden.Entitlement.Decisions;
using ModelGarden.Entitlement.Licenses;
using ModelGarden.Entitlement.Policies;
using ModelGarden.Entitlement.Tenants;
using ModelGarden.Entitlement.Usage;
using ModelGarden.Persistence;

namespace ModelGarden.Entitlement;

/// <summary>Entitlement's store. Its tables are described in <c>Migrations</c>.</summary>
internal sealed class EntitlementDbContext(DbContextOptions<EntitlementDbContext> options) : GardenDbContext(options)
{
    public DbSet<TenantRow> Tenants => Set<TenantRow>();

    public DbSet<MemberRow> Members => Set<MemberRow>();

    public DbSet<LicenseRow> Licenses => Set<LicenseRow>();

    public DbSet<LicenseTextRow> LicenseTexts => Set<LicenseTextRow>();

    public DbSet<AcceptanceRow> Acceptances => Set<AcceptanceRow>();

    public DbSet<AccessRequestRow> AccessRequests => Set<AccessRequestRow>();

    public DbSet<DecisionMarkRow> DecisionMarks => Set<DecisionMarkRow>();

    public DbSet<QuotaRow> Quotas => Set<QuotaRow>();

    public DbSet<QuotaCounterRow> QuotaCounters => Set<QuotaCounterRow>();

    public DbSet<AuditRow> Audit => Set<AuditRow>();

    public DbSet<PolicyRow> Policies => Set<PolicyRow>();

    public DbSet<PolicyVersionRow> PolicyVersions => Set<PolicyVersionRow>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<TenantRow>().HasKey(tenant => tenant.Key);
        modelBuilder.Entity<MemberRow>().HasKey(member => new { member.Tenant, member.Key });
        modelBuilder.Entity<LicenseTextRow>().HasKey(text => new { text.License, text.Version });
        modelBuilder.Entity<AccessRequestRow>().HasKey(request => new { request.RepositoryId, request.AccountKey });
        modelBuilder.Entity<AccessRequestRow>().Ignore(request => request.FeedKey);
        modelBuilder.Entity<DecisionMarkRow>().HasKey(mark => new { mark.Tenant, mark.Account, mark.Action, mark.Repository, mark.Rule, mark.Day });
        modelBuilder.Entity<QuotaRow>().HasKey(quota => quota.Tenant);
        modelBuilder.Entity<QuotaCounterRow>().HasKey(counter => new { counter.Tenant, counter.Day });
        modelBuilder.Entity<AuditRow>().HasKey(record => record.Sequence);
        modelBuilder.Entity<AuditRow>().Property(record => record.Sequence).ValueGeneratedNever();
        modelBuilder.Entity<PolicyRow>().HasKey(policy => policy.Scope);
        modelBuilder.Entity<PolicyVersionRow>().HasKey(version => new { version.Scope, version.Version });
        Relate(modelBuilder);
        base.OnModelCreating(modelBuilder);
    }

    // So that one save writes rows in the order that the foreign keys need.
    private static void Relate(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<MemberRow>().HasOne<TenantRow>().WithMany().HasForeignKey(member => member.Tenant);
        modelBuilder.Entity<LicenseTextRow>().HasOne<LicenseRow>().WithMany().HasForeignKey(text => text.License);
        modelBuilder.Entity<AcceptanceRow>().HasOne<LicenseRow>().WithMany().HasForeignKey(acceptance => acceptance.License);
        modelBuilder.Entity<AcceptanceRow>().HasOne<TenantRow>().WithMany().HasForeignKey(acceptance => acceptance.Tenant);
        modelBuilder.Entity<QuotaRow>().HasOne<TenantRow>().WithMany().HasForeignKey(quota => quota.Tenant);
    }
}
