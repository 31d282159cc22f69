using Google.Protobuf.WellKnownTypes;
using ModelGarden.Contracts.V1;
using ModelGarden.Rights.Licenses;

namespace ModelGarden.Entitlement.Licenses;

/// <summary>That an organisation, or a member of it alone, accepted a text. Nothing of it changes but that it may be withdrawn, once.</summary>
internal sealed class AcceptanceRow
{
    public required string Id { get; init; }

    /// <summary>The tenant's key.</summary>
    public required string Tenant { get; init; }

    public required string License { get; init; }

    public required int LicenseVersion { get; init; }

    public required string TextSha256 { get; init; }

    /// <summary>Who accepted.</summary>
    public required string Account { get; init; }

    /// <summary>The member for whom alone, in lower case; empty: for the organisation.</summary>
    public string ForAccount { get; init; } = "";

    public required string Purpose { get; init; }

    public required DateTimeOffset AcceptedAt { get; init; }

    public DateTimeOffset? Until { get; init; }

    public DateTimeOffset? WithdrawnAt { get; set; }

    /// <summary>Neither withdrawn nor over; whether it is about the current text is the licence's matter.</summary>
    public bool Stands(DateTimeOffset now) => WithdrawnAt is null && !ToFact().HasEnded(now);

    /// <summary>As far as decisions depend on it, where it was not withdrawn.</summary>
    public AcceptedText ToFact() => new(LicenseVersion, Until);

    public Acceptance ToMessage() => new()
    {
        Id = Id,
        Tenant = Tenant,
        License = License,
        LicenseVersion = LicenseVersion,
        TextSha256 = TextSha256,
        Account = Account,
        ForAccount = ForAccount,
        Purpose = Purpose,
        AcceptedAt = AcceptedAt.ToTimestamp(),
        Until = Until?.ToTimestamp(),
        WithdrawnAt = WithdrawnAt?.ToTimestamp(),
    };
}

/// <summary>A signed statement of an acceptance.</summary>
internal sealed class EvidenceRow
{
    public const int Accepted = 1;
    public const int Withdrawn = 2;

    public required string Acceptance { get; init; }

    /// <summary><see cref="Accepted"/> or <see cref="Withdrawn"/>.</summary>
    public required int Kind { get; init; }

    /// <summary>A DSSE envelope in JSON.</summary>
    public required string Envelope { get; init; }
}
