using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Entitlement.Audit;

/// <summary>One link of the audit chain as it is stored.</summary>
internal sealed record AuditRow
{
    public required long Sequence { get; init; }

    public required DateTimeOffset At { get; init; }

    public required string Tenant { get; init; }

    public required string Account { get; init; }

    public required string Action { get; init; }

    public required string Subject { get; init; }

    public required string Detail { get; init; }

    public byte[] PreviousHash { get; init; } = [];

    public byte[] Hash { get; init; } = [];

    public AuditRecord ToMessage() => new()
    {
        Sequence = Sequence,
        At = At.ToTimestamp(),
        Tenant = Tenant,
        Account = Account,
        Action = Action,
        Subject = Subject,
        Detail = Detail,
        PreviousHash = ByteString.CopyFrom(PreviousHash),
        Hash = ByteString.CopyFrom(Hash),
    };
}
