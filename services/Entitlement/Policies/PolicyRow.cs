using Google.Protobuf.WellKnownTypes;

namespace ModelGarden.Entitlement.Policies;

/// <summary>Which version of a policy stands.</summary>
internal sealed class PolicyRow
{
    /// <summary>The tenant's key; empty: the garden's.</summary>
    public required string Scope { get; init; }

    public required string Tenant { get; init; }

    public required int Version { get; init; }
}

/// <summary>A policy as it was set once. Rows are only added.</summary>
internal sealed class PolicyVersionRow
{
    public required string Scope { get; init; }

    public required string Tenant { get; init; }

    public required int Version { get; init; }

    public required string Text { get; init; }

    public required int Rules { get; init; }

    public required string Author { get; init; }

    public required string Reason { get; init; }

    public required DateTimeOffset SetAt { get; init; }

    public Contracts.V1.Policy ToMessage(bool withText = true) => new()
    {
        Tenant = Tenant,
        Version = Version,
        Text = withText ? Text : "",
        Rules = Rules,
        Author = Author,
        Reason = Reason,
        SetAt = SetAt.ToTimestamp(),
    };
}
