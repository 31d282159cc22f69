using Microsoft.EntityFrameworkCore;
using ModelGarden.Identity.Accounts;
using ModelGarden.Identity.Invitations;
using ModelGarden.Identity.Keys;
using ModelGarden.Identity.OAuth;
using ModelGarden.Identity.Passwords;
using ModelGarden.Identity.SecondFactors;
using ModelGarden.Identity.Sessions;
using ModelGarden.Identity.SignIn;
using ModelGarden.Identity.Tokens;
using ModelGarden.Identity.Trust;
using ModelGarden.Persistence;

namespace ModelGarden.Identity;

/// <summary>Identity's store. Its tables are described in <c>Migrations</c>.</summary>
internal sealed class IdentityDbContext(DbContextOptions<IdentityDbContext> options) : GardenDbContext(options)
{
    public DbSet<SigningKeyRow> SigningKeys => Set<SigningKeyRow>();

    public DbSet<AccountRow> Accounts => Set<AccountRow>();

    public DbSet<TokenRow> Tokens => Set<TokenRow>();

    public DbSet<PasswordRow> Passwords => Set<PasswordRow>();

    public DbSet<PasswordResetRow> PasswordResets => Set<PasswordResetRow>();

    public DbSet<TryRow> Tries => Set<TryRow>();

    public DbSet<SessionRow> Sessions => Set<SessionRow>();

    public DbSet<SecondFactorRow> SecondFactors => Set<SecondFactorRow>();

    public DbSet<RecoveryCodeRow> RecoveryCodes => Set<RecoveryCodeRow>();

    public DbSet<SignInRuleRow> SignInRules => Set<SignInRuleRow>();

    public DbSet<InvitationRow> Invitations => Set<InvitationRow>();

    public DbSet<ClientRow> Clients => Set<ClientRow>();

    public DbSet<GrantRow> Grants => Set<GrantRow>();

    public DbSet<AuthorizationCodeRow> AuthorizationCodes => Set<AuthorizationCodeRow>();

    public DbSet<RefreshTokenRow> RefreshTokens => Set<RefreshTokenRow>();

    public DbSet<DeviceCodeRow> DeviceCodes => Set<DeviceCodeRow>();

    public DbSet<ConsentRow> Consents => Set<ConsentRow>();

    public DbSet<TrustedIssuerRow> TrustedIssuers => Set<TrustedIssuerRow>();

    /// <summary>Adds the account at once unless its name is taken, which is not a failure; false: it is.</summary>
    public async Task<bool> InsertIfNewAsync(AccountRow account, CancellationToken cancellationToken) => await Database.ExecuteSqlAsync(
        $"""
        INSERT INTO accounts (key, name, kind, tenant, tenant_key, display_name, email, disabled, pending, owner, created_at)
        VALUES ({account.Key}, {account.Name}, {(int)account.Kind}, {account.Tenant}, {account.TenantKey}, {account.DisplayName}, {account.Email},
            {account.Disabled}, {account.Pending}, {account.Owner}, {account.CreatedAt.ToUnixTimeMilliseconds()})
        ON CONFLICT (key) DO NOTHING
        """,
        cancellationToken) is 1;

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<AccountRow>().HasKey(account => account.Key);
        modelBuilder.Entity<TokenRow>().HasOne<AccountRow>().WithMany().HasForeignKey(token => token.Account);
        modelBuilder.Entity<PasswordRow>().HasKey(password => password.Account);
        modelBuilder.Entity<PasswordResetRow>().HasKey(reset => reset.Account);
        modelBuilder.Entity<TryRow>().HasKey(row => row.What);
        modelBuilder.Entity<SecondFactorRow>().HasKey(factor => factor.Account);
        modelBuilder.Entity<RecoveryCodeRow>().HasKey(code => new { code.Account, code.Hash });
        modelBuilder.Entity<SignInRuleRow>().HasKey(rule => rule.Tenant);
        modelBuilder.Entity<AuthorizationCodeRow>().HasKey(code => code.Hash);
        modelBuilder.Entity<RefreshTokenRow>().HasKey(token => token.Hash);
        modelBuilder.Entity<DeviceCodeRow>().HasKey(device => device.Hash);
        modelBuilder.Entity<ConsentRow>().HasKey(consent => new { consent.Account, consent.Client });
        base.OnModelCreating(modelBuilder);
    }
}
