using Microsoft.EntityFrameworkCore;
using ModelGarden.Identity.Accounts;
using ModelGarden.Identity.Keys;
using ModelGarden.Identity.Tokens;
using ModelGarden.Persistence;

namespace ModelGarden.Identity;

/// <summary>Identity's store. Its tables are described in <c>Migrations/0001_initial.sql</c>.</summary>
internal sealed class IdentityDbContext(DbContextOptions<IdentityDbContext> options) : GardenDbContext(options)
{
    public DbSet<SigningKeyRow> SigningKeys => Set<SigningKeyRow>();

    public DbSet<AccountRow> Accounts => Set<AccountRow>();

    public DbSet<TokenRow> Tokens => Set<TokenRow>();

    /// <summary>Adds the account at once unless its name is taken, which is not a failure; false: it is.</summary>
    public async Task<bool> InsertIfNewAsync(AccountRow account, CancellationToken cancellationToken) => await Database.ExecuteSqlAsync(
        $"""
        INSERT INTO accounts (key, name, kind, tenant, tenant_key, display_name, email, disabled, pending, created_at)
        VALUES ({account.Key}, {account.Name}, {(int)account.Kind}, {account.Tenant}, {account.TenantKey}, {account.DisplayName}, {account.Email},
            {account.Disabled}, {account.Pending}, {account.CreatedAt.ToUnixTimeMilliseconds()})
        ON CONFLICT (key) DO NOTHING
        """,
        cancellationToken) is 1;

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<AccountRow>().HasKey(account => account.Key);
        modelBuilder.Entity<TokenRow>().HasOne<AccountRow>().WithMany().HasForeignKey(token => token.Account);
        base.OnModelCreating(modelBuilder);
    }
}
