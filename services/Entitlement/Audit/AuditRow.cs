using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using ModelGarden.Contracts.V1;
using ModelGarden.Evidence;

namespace ModelGarden.Entitlement.Audit;

/// <summary>One link of the audit chain as it is stored, with commitments where it tells of persons.</summary>
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

    /// <summary>The record as the link behind another.</summary>
    public AuditRow Behind(AuditHead head)
    {
        var next = this with { Sequence = head.Sequence + 1, PreviousHash = head.Hash };
        return next with { Hash = AuditChain.HashOf(next.ToMessage()) };
    }

    /// <summary>In the form that the chain is of.</summary>
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

    public AuditLink ToLink() => AuditChain.LinkOf(ToMessage());
}

/// <summary>A record, and what is known of the persons that it tells of.</summary>
internal sealed record AuditPage(AuditRow Row, IReadOnlyList<AuditPersonRow> Persons)
{
    /// <summary>For whoever verifies it.</summary>
    public AuditRecord ToChained() => new(Row.ToMessage())
    {
        Personal = { Persons.Select(person => new PersonalValue { Commitment = person.Commitment, Salt = ByteString.CopyFrom(person.Salt), Value = person.Value }) },
    };

    /// <summary>For whoever reads it. Of those who were erased the commitment stays.</summary>
    public AuditRecord ToReadable()
    {
        var record = Row.ToMessage();
        foreach (var person in Persons)
        {
            record.Account = record.Account == person.Commitment ? person.Value : record.Account;
            record.Subject = record.Subject == person.Commitment ? person.Value : record.Subject;
            record.Detail = record.Detail.Replace(CanonicalJson.Quote(person.Commitment), CanonicalJson.Quote(person.Value), StringComparison.Ordinal);
        }

        return record;
    }
}
