using Google.Protobuf.WellKnownTypes;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Identity.Sessions;

/// <summary>One browser that someone is signed in with, without its secret.</summary>
internal sealed class SessionRow
{
    public required string Id { get; init; }

    public required string Hash { get; init; }

    /// <summary>The account's key.</summary>
    public required string Account { get; init; }

    /// <summary>The second factor was given.</summary>
    public required bool IsStrong { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the person last proved himself.</summary>
    public required DateTimeOffset ProvedAt { get; init; }

    public required DateTimeOffset LastSeenAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public required string Address { get; init; }

    public required string Agent { get; init; }

    public Session ToMessage(string account) => new()
    {
        Id = Id,
        Account = account,
        CreatedAt = CreatedAt.ToTimestamp(),
        LastSeenAt = LastSeenAt.ToTimestamp(),
        ExpiresAt = ExpiresAt.ToTimestamp(),
        Address = Address,
        Agent = Agent,
        IsStrong = IsStrong,
    };
}
