using Google.Protobuf.WellKnownTypes;
using ModelGarden.Contracts.V1;
using ModelGarden.Rights.Licenses;

namespace ModelGarden.Entitlement.Licenses;

/// <summary>A licence as it stands: which of its texts, and whether it has to be accepted.</summary>
internal sealed class LicenseRow
{
    public required string Id { get; init; }

    public required string Title { get; init; }

    public required int Version { get; init; }

    public required string TextSha256 { get; init; }

    public required bool RequiresAcceptance { get; init; }

    /// <summary>Only tenants that a contract names may use it.</summary>
    public bool RequiresContract { get; init; }

    /// <summary>What the text asks for, in protobuf's JSON.</summary>
    public string Obligations { get; init; } = "{}";

    /// <summary>So long an acceptance of the text before counts too; null: it does not.</summary>
    public DateTimeOffset? GraceUntil { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The acceptance stands, and is of this text or, while the grace lasts, of the one before.</summary>
    public bool IsMetBy(AcceptanceRow acceptance, DateTimeOffset now) => acceptance.License == Id && acceptance.WithdrawnAt is null && ToTerms().IsMetBy(acceptance.ToFact(), now);

    /// <summary>As far as decisions depend on it.</summary>
    public LicenseTerms ToTerms() => new(Title, Version, RequiresAcceptance, RequiresContract, GraceUntil);

    public License ToMessage(bool accepted = false, string text = "") => new()
    {
        Id = Id,
        Title = Title,
        Text = text,
        TextSha256 = TextSha256,
        Version = Version,
        RequiresAcceptance = RequiresAcceptance,
        RequiresContract = RequiresContract,
        Obligations = Contracts.V1.Obligations.Parser.ParseJson(Obligations),
        GraceUntil = GraceUntil?.ToTimestamp(),
        Accepted = accepted,
        UpdatedAt = UpdatedAt.ToTimestamp(),
    };
}

/// <summary>One of a licence's texts, for ever.</summary>
internal sealed class LicenseTextRow
{
    public required string License { get; init; }

    public required int Version { get; init; }

    public required string Text { get; init; }

    public required string TextSha256 { get; init; }

    /// <summary>As <see cref="LicenseRow.Obligations"/>.</summary>
    public string Obligations { get; init; } = "{}";

    public required string AddedBy { get; init; }

    public required DateTimeOffset AddedAt { get; init; }

    /// <summary>The licence as it was with this text, as far as that is the text's.</summary>
    public License ToMessage(LicenseRow license) => new()
    {
        Id = License,
        Title = license.Title,
        Text = Text,
        TextSha256 = TextSha256,
        Version = Version,
        RequiresAcceptance = license.RequiresAcceptance,
        RequiresContract = license.RequiresContract,
        Obligations = Contracts.V1.Obligations.Parser.ParseJson(Obligations),
        UpdatedAt = AddedAt.ToTimestamp(),
    };
}
