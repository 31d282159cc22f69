using Microsoft.EntityFrameworkCore;
using ModelGarden.Entitlement.AccessRequests;
using ModelGarden.Entitlement.Audit;
using ModelGarden.Entitlement.Decisions;
using ModelGarden.Entitlement.Keys;
using ModelGarden.Entitlement.Licenses;
using ModelGarden.Entitlement.Partners;
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
    public DbSet<AuditPersonRow> AuditPersons => Set<AuditPersonRow>();

    public DbSet<CheckpointRow> AuditCheckpoints => Set<CheckpointRow>();

    public DbSet<AuditSourceRow> AuditSources => Set<AuditSourceRow>();

    public DbSet<EvidenceKeyRow> EvidenceKeys => Set<EvidenceKeyRow>();

    public DbSet<EvidenceRow> AcceptanceEvidence => Set<EvidenceRow>();

    public DbSet<ContractRow> Contracts => Set<ContractRow>();

    public DbSet<ContractTenantRow> ContractTenants => Set<ContractTenantRow>();

    public DbSet<SeatRow> ContractSeats => Set<SeatRow>();

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
        modelBuilder.Entity<AuditPersonRow>().HasKey(person => person.Commitment);
        modelBuilder.Entity<CheckpointRow>().HasKey(checkpoint => checkpoint.Sequence);
        modelBuilder.Entity<CheckpointRow>().Property(checkpoint => checkpoint.Sequence).ValueGeneratedNever();
        modelBuilder.Entity<AuditSourceRow>().HasKey(source => source.Service);
        modelBuilder.Entity<EvidenceRow>().HasKey(evidence => new { evidence.Acceptance, evidence.Kind });
        modelBuilder.Entity<ContractTenantRow>().HasKey(tenant => new { tenant.Contract, tenant.Tenant });
        modelBuilder.Entity<SeatRow>().HasKey(seat => new { seat.Contract, seat.Tenant, seat.AccountKey });
        modelBuilder.Entity<SeatRow>().Ignore(seat => seat.FeedKey);
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
        modelBuilder.Entity<EvidenceRow>().HasOne<AcceptanceRow>().WithMany().HasForeignKey(evidence => evidence.Acceptance);
        modelBuilder.Entity<ContractRow>().HasOne<LicenseRow>().WithMany().HasForeignKey(contract => contract.License);
        modelBuilder.Entity<ContractTenantRow>().HasOne<ContractRow>().WithMany().HasForeignKey(tenant => tenant.Contract);
        modelBuilder.Entity<ContractTenantRow>().HasOne<TenantRow>().WithMany().HasForeignKey(tenant => tenant.Tenant);
        modelBuilder.Entity<SeatRow>().HasOne<ContractRow>().WithMany().HasForeignKey(seat => seat.Contract);
        modelBuilder.Entity<QuotaRow>().HasOne<TenantRow>().WithMany().HasForeignKey(quota => quota.Tenant);
    }
}
