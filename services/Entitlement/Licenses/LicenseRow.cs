using Google.Protobuf.WellKnownTypes;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Entitlement.Licenses;

/// <summary>A licence as it stands: which of its texts, and whether it has to be accepted.</summary>
internal sealed class LicenseRow
{
    public required string Id { get; init; }

    public required string Title { get; init; }

    public required int Version { get; init; }

    public required string TextSha256 { get; init; }

    public required bool RequiresAcceptance { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public License ToMessage(bool accepted = false, string text = "") => new()
    {
        Id = Id,
        Title = Title,
        Text = text,
        TextSha256 = TextSha256,
        Version = Version,
        RequiresAcceptance = RequiresAcceptance,
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

    public required string AddedBy { get; init; }

    public required DateTimeOffset AddedAt { get; init; }
}
