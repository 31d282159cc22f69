using Microsoft.EntityFrameworkCore;
using ModelGarden.Contracts.V1;
using ModelGarden.Identity.Accounts;

namespace ModelGarden.Identity;

/// <summary>Gives a new garden the account <c>root</c> of the tenant <c>garden</c>; Entitlement gives it its roles in the same way.</summary>
internal sealed class Bootstrap(IDbContextFactory<IdentityDbContext> contexts, TimeProvider clock) : IHostedLifecycleService
{
    public const string Account = "root";
    public const string Tenant = "garden";

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var root = new AccountRow
        {
            Key = Account,
            Name = Account,
            Kind = PrincipalKind.Person,
            Tenant = Tenant,
            TenantKey = Tenant,
            DisplayName = "The garden's first operator",
            Email = "",
            CreatedAt = clock.GetUtcNow(),
        };
        if (await context.InsertIfNewAsync(root, cancellationToken))
        {
            context.Announce($"account/{Account}", root.ToMessage());
            await context.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
