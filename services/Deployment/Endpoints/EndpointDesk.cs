using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Options;
using ModelGarden.Contracts.V1;
using ModelGarden.Deployment.Reconciling;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;

namespace ModelGarden.Deployment.Endpoints;

/// <summary>Takes wishes, and hands them to the reconcilers once they are stored.</summary>
internal sealed class EndpointDesk(EndpointStore store, WishResolver resolver, Reconcilers reconcilers, IOptions<DeploymentOptions> options, TimeProvider clock)
{
    /// <summary>A new endpoint, or the standing one of the same wish.</summary>
    public async Task<Result<StoredEndpoint>> CreateAsync(EndpointKey key, WishRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var standing = await store.FindAsync(key, cancellationToken);
        if (standing.Error is null && (standing.Value.Deleted || IsAskedAgain(standing.Value.Wish, request)))
        {
            return standing.Value.Deleted ? DeploymentErrors.BeingDeleted(key) : standing;
        }

        var wish = await resolver.ResolveAsync(request, await KeptByOthersAsync(key, cancellationToken), cancellationToken);
        if (wish.Error is { } error)
        {
            return error;
        }

        if (standing.Error is null)
        {
            return IsSame(standing.Value.Wish, wish.Value) ? standing : DeploymentErrors.Exists(key);
        }

        var limit = options.Value.MaximumEndpoints;
        if ((await store.ListAsync(key.Tenant, cancellationToken)).Count >= limit)
        {
            return DeploymentErrors.TooMany(key.Tenant, limit);
        }

        var added = await store.AddAsync(NewEndpoint(key, wish.Value, caller), cancellationToken, EventOf("endpoint.create", key, caller, wish.Value));
        return added.Error is { Reason: "ENDPOINT_EXISTS" } ? await AfterRaceAsync(key, wish.Value, cancellationToken) : Told(added);
    }

    /// <summary>What is left out of the request stays as it is.</summary>
    public async Task<Result<StoredEndpoint>> UpdateAsync(EndpointKey key, UpdateEndpointRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var found = await store.FindAsync(key, cancellationToken);
        if (found.Error is not null || found.Value.Deleted)
        {
            return DeploymentErrors.NotFound(key);
        }

        var old = found.Value.Wish;
        var scaling = request.Scaling is null ? old.Scaling : Scaling.From(request.Scaling);
        if (scaling.Error is { } bad)
        {
            return bad;
        }

        var wish = await WishAfterAsync(key, old, request, new(RepositoryName.Create(old.Repository).OrThrow(), "", "", scaling.Value, caller.Principal.Name), cancellationToken);
        return wish.Error is { } error ? error : Told(await store.ChangeAsync(
            key,
            current => current.Deleted ? DeploymentErrors.NotFound(key)
                : IsSame(current.Wish, wish.Value) && RestsOnTheSame(current.Wish.Target, wish.Value.Target) ? current
                : current with { Wish = wish.Value, Generation = current.Generation + 1, UpdatedAt = clock.GetUtcNow() },
            cancellationToken,
            EventOf("endpoint.update", key, caller, wish.Value)));
    }

    /// <summary>Its replicas are stopped by its reconciler, which then forgets it.</summary>
    public async Task<Result<StoredEndpoint>> DeleteAsync(EndpointKey key, Caller caller, CancellationToken cancellationToken) => Told(await store.ChangeAsync(
        key,
        current => current.Deleted ? DeploymentErrors.NotFound(key) : current with
        {
            Deleted = true,
            UpdatedAt = clock.GetUtcNow(),
            Status = current.Status with { State = EndpointState.Deleting, Reason = "running calls end, then it is gone", Progress = 0 },
        },
        cancellationToken,
        EventOf("endpoint.delete", key, caller, null)));

    private AuditEvent EventOf(string action, EndpointKey key, Caller caller, Wish? wish)
    {
        var told = new AuditEvent { At = clock.GetUtcNow().ToTimestamp(), Tenant = key.Tenant, Account = caller.Principal.Name, Action = action, Subject = key.Name.Value };
        if (wish is not null)
        {
            told.Detail.Add("repository", wish.Repository);
            told.Detail.Add("revision", wish.Target.Revision);
        }

        return told;
    }

    private async Task<Result<Wish>> WishAfterAsync(EndpointKey key, Wish old, UpdateEndpointRequest request, WishRequest wanted, CancellationToken cancellationToken)
    {
        if (request.Revision.Length is 0 && request.File.Length is 0)
        {
            return old with { Scaling = wanted.Scaling };
        }

        var revision = request.Revision.Length > 0 ? request.Revision : old.Target.Revision;
        var kept = request.File.Length > 0 ? request.File : old.RequestedFile;
        var memory = await KeptByOthersAsync(key, cancellationToken);
        var wish = await resolver.ResolveAsync(wanted with { Revision = revision, File = kept }, memory, cancellationToken);

        // The file that was asked for once may not be in the new revision: then the planner chooses.
        return wish.Error is { Reason: "NO_RUNTIME" } && request.File.Length is 0 && kept.Length > 0
            ? await resolver.ResolveAsync(wanted with { Revision = revision }, memory, cancellationToken)
            : wish;
    }

    /// <summary>Memory of this machine, whoever's the endpoints are. Those that may sleep give theirs back.</summary>
    private async Task<long> KeptByOthersAsync(EndpointKey key, CancellationToken cancellationToken) =>
        (await store.ListAllAsync(cancellationToken)).Where(other => !other.Deleted && (other.TenantKey, other.Name) != (key.TenantKey, key.Name.Value)).Sum(other => other.Wish.Scaling.Minimum * other.Wish.Target.MemoryEstimate);

    private async Task<Result<StoredEndpoint>> AfterRaceAsync(EndpointKey key, Wish wish, CancellationToken cancellationToken)
    {
        var winner = await store.FindAsync(key, cancellationToken);
        return winner.Error is null && !winner.Value.Deleted && IsSame(winner.Value.Wish, wish) ? winner : DeploymentErrors.Exists(key);
    }

    private StoredEndpoint NewEndpoint(EndpointKey key, Wish wish, Caller caller)
    {
        var now = clock.GetUtcNow();
        return new()
        {
            Id = Guid.CreateVersion7(now).ToString("n"),
            Tenant = key.Tenant,
            TenantKey = key.TenantKey,
            Name = key.Name.Value,
            Wish = wish,
            CreatedBy = caller.Principal.Name,
            CreatedAt = now,
            UpdatedAt = now,
        };
    }

    private static bool IsAskedAgain(Wish wish, WishRequest request) =>
        RepositoryName.Create(wish.Repository).OrThrow() == request.Repository && wish.Scaling == request.Scaling
        && wish.RequestedRevision == request.Revision && wish.RequestedFile == request.File;

    private static bool IsSame(Wish standing, Wish wish) =>
        string.Equals(standing.Repository, wish.Repository, StringComparison.OrdinalIgnoreCase) && standing.Scaling == wish.Scaling && standing.Target.Key == wish.Target.Key;

    /// <summary>Of a gated repository it matters who pinned it: another's access may outlast his. Of any, what policies look at.</summary>
    private static bool RestsOnTheSame(Target standing, Target wished) =>
        standing.Facts.AsSpan().SequenceEqual(wished.Facts) && standing.Gate == wished.Gate && (wished.Gate is AccessGate.None or AccessGate.Unspecified || string.Equals(standing.PinnedBy, wished.PinnedBy, StringComparison.OrdinalIgnoreCase));

    private Result<StoredEndpoint> Told(Result<StoredEndpoint> saved)
    {
        if (saved.Error is null)
        {
            reconcilers.Tell(saved.Value);
        }

        return saved;
    }
}
