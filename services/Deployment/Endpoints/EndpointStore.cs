using Microsoft.EntityFrameworkCore;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;
using ModelGarden.Persistence;

namespace ModelGarden.Deployment.Endpoints;

/// <summary>
/// Keeps endpoints. Every save is announced on the change feed in its own transaction. The wish is written by people and the status by
/// the reconciler; a change is therefore a function of the newest row, applied while that row is locked.
/// </summary>
internal sealed class EndpointStore(IDbContextFactory<DeploymentDbContext> contexts)
{
    private volatile TaskCompletionSource _saved = New();

    /// <summary>Completes with the next save in this process.</summary>
    public Task Saved => _saved.Task;

    public async Task<Result<StoredEndpoint>> FindAsync(EndpointKey key, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await QueryOne(context, key).FirstOrDefaultAsync(cancellationToken) is { } found ? found : DeploymentErrors.NotFound(key);
    }

    public async Task<IReadOnlyList<StoredEndpoint>> ListAsync(string tenant, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var tenantKey = EndpointKey.KeyOf(tenant);
        return await context.Endpoints.Where(row => row.TenantKey == tenantKey).OrderBy(row => row.Name).ToListAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<StoredEndpoint>> ListAllAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Endpoints.OrderBy(row => row.CreatedAt).ToListAsync(cancellationToken);
    }

    /// <summary>Stores a new endpoint, and tells the audit trail who made it; <c>ENDPOINT_EXISTS</c> when one of that name is there.</summary>
    public async Task<Result<StoredEndpoint>> AddAsync(StoredEndpoint endpoint, CancellationToken cancellationToken, AuditEvent? told = null)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        context.Add(endpoint);
        context.Announce(endpoint.FeedKey, endpoint.ToFeedState());
        Tell(context, told);
        try
        {
            await context.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException exception) when (exception.IsUniqueViolation())
        {
            return DeploymentErrors.Exists(endpoint.Key);
        }

        Pulse();
        return endpoint;
    }

    /// <summary>Swaps the newest row for what <paramref name="change"/> makes of it; the same row back means: leave it. What somebody did is told the audit trail.</summary>
    public async Task<Result<StoredEndpoint>> ChangeAsync(
        EndpointKey key, Func<StoredEndpoint, Result<StoredEndpoint>> change, CancellationToken cancellationToken, AuditEvent? told = null)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        if (await LockAsync(context, key, cancellationToken) is not { } current)
        {
            return DeploymentErrors.NotFound(key);
        }

        var changed = change(current);
        if (changed.Error is not null || changed.Value == current)
        {
            return changed;
        }

        context.Update(changed.Value);
        context.Announce(changed.Value.FeedKey, changed.Value.ToFeedState());
        Tell(context, told);
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        Pulse();
        return changed;
    }

    /// <summary>Forgets an endpoint whose replicas are stopped.</summary>
    public async Task RemoveAsync(StoredEndpoint endpoint, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        if (await context.Endpoints.Where(row => row.Id == endpoint.Id).ExecuteDeleteAsync(cancellationToken) is 0)
        {
            return;
        }

        context.Announce(endpoint.FeedKey, null);
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        Pulse();
    }

    /// <summary>The update of the version keeps everyone else off the row until the transaction ends, in either engine.</summary>
    private static async Task<StoredEndpoint?> LockAsync(DeploymentDbContext context, EndpointKey key, CancellationToken cancellationToken)
    {
        var row = QueryOne(context, key);
        return await row.ExecuteUpdateAsync(set => set.SetProperty(one => one.Version, one => one.Version + 1), cancellationToken) is 0
            ? null
            : await row.SingleAsync(cancellationToken);
    }

    private static void Tell(DeploymentDbContext context, AuditEvent? told)
    {
        if (told is not null)
        {
            context.Tell(told);
        }
    }

    private static IQueryable<StoredEndpoint> QueryOne(DeploymentDbContext context, EndpointKey key)
    {
        var (tenantKey, name) = (key.TenantKey, key.Name.Value);
        return context.Endpoints.Where(row => row.TenantKey == tenantKey && row.Name == name);
    }

    private void Pulse() => Interlocked.Exchange(ref _saved, New()).SetResult();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
