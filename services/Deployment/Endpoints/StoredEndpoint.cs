using ModelGarden.Contracts.V1;
using Endpoint = ModelGarden.Contracts.V1.Endpoint;

namespace ModelGarden.Deployment.Endpoints;

/// <summary>An endpoint as it is stored: the wish, and what has become of it. Immutable; <see cref="EndpointStore"/> swaps one state for the next.</summary>
internal sealed record StoredEndpoint
{
    public required string Id { get; init; }

    public required string Tenant { get; init; }

    public required string TenantKey { get; init; }

    public required string Name { get; init; }

    /// <summary>Grows with every save: who holds two states knows which is newer.</summary>
    public long Version { get; init; }

    /// <summary>Grows with every change of the wish.</summary>
    public long Generation { get; init; } = 1;

    /// <summary>Its replicas are being stopped; then the row goes.</summary>
    public bool Deleted { get; init; }

    public required Wish Wish { get; init; }

    /// <summary>The last target that became ready: it serves on, or again, when a newer one fails.</summary>
    public Target? Standing { get; init; }

    public EndpointStatus Status { get; init; } = EndpointStatus.New;

    public required string CreatedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public DateTimeOffset? LastCallAt { get; init; }

    public EndpointKey Key => new(Tenant, EndpointName.Create(Name).OrThrow());

    public string FeedKey => $"endpoint/{Tenant}/{Name}";

    /// <summary>With where its replicas are: for Serving only.</summary>
    public Endpoint ToFeedState() => ToMessage(withAddresses: true);

    public Endpoint ToAnswer() => ToMessage(withAddresses: false);

    private Endpoint ToMessage(bool withAddresses) => new()
    {
        Tenant = Tenant,
        Name = Name,
        Id = Id,
        Repository = Wish.Repository,
        Revision = Wish.Target.Revision,
        File = Wish.Target.File,
        Runtime = Wish.Target.Runtime,
        Protocol = Wish.Target.Protocol,
        Scaling = EndpointMessages.ToMessage(Wish.Scaling),
        State = Status.State,
        Reason = Status.Reason,
        Progress = Status.Progress,
        Replicas = { Status.Replicas.Select(replica => EndpointMessages.ToMessage(replica, withAddresses)) },
        CreatedBy = CreatedBy,
        CreatedAt = EndpointMessages.ToMessage(CreatedAt),
        UpdatedAt = EndpointMessages.ToMessage(UpdatedAt),
        LastCallAt = LastCallAt is { } at ? EndpointMessages.ToMessage(at) : null,
        Generation = Generation,
        Licenses = { Wish.Target.Licenses },
        MemoryEstimate = Wish.Target.MemoryEstimate,
        RepositoryId = Wish.Target.RepositoryId,
        Gate = Wish.Target.Gate,
        PinnedBy = Wish.Target.PinnedBy,
        Facts = Wish.Target.Facts.Length > 0 ? ModelFacts.Parser.ParseFrom(Wish.Target.Facts) : null,
    };
}
