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

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<AccountRow>().HasKey(account => account.Key);
        modelBuilder.Entity<TokenRow>().HasOne<AccountRow>().WithMany().HasForeignKey(token => token.Account);
        base.OnModelCreating(modelBuilder);
    }
}
