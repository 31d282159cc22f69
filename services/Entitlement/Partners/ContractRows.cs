using Google.Protobuf.WellKnownTypes;
using ModelGarden.Contracts.V1;
using ModelGarden.Rights.Licenses;

namespace ModelGarden.Entitlement.Partners;

/// <summary>A partner's contract: a licence for some tenants, for a time, for so many accounts.</summary>
internal sealed class ContractRow
{
    public required string Id { get; init; }

    public required string Partner { get; init; }

    public required string License { get; init; }

    public required DateTimeOffset StartsAt { get; init; }

    /// <summary>Not part of it any more.</summary>
    public required DateTimeOffset EndsAt { get; init; }

    /// <summary>Of all its tenants together.</summary>
    public required int Seats { get; init; }

    /// <summary>As far as decisions depend on it.</summary>
    public ContractTerms ToTerms() => new(Id, Partner, StartsAt, EndsAt, Seats);

    public Contract ToMessage(IEnumerable<string> tenants, IReadOnlyCollection<SeatRow> seats, int taken) => new()
    {
        Id = Id,
        Partner = Partner,
        License = License,
        Tenants = { tenants.Order(StringComparer.Ordinal) },
        StartsAt = StartsAt.ToTimestamp(),
        EndsAt = EndsAt.ToTimestamp(),
        Seats = Seats,
        SeatsTaken = taken,
        Accounts = { seats.OrderBy(seat => seat.AccountKey, StringComparer.Ordinal).Take(1000).Select(seat => seat.Account) },
    };
}

/// <summary>A tenant that a contract names.</summary>
internal sealed class ContractTenantRow
{
    public required string Contract { get; init; }

    public required string Tenant { get; init; }
}

/// <summary>An account that uses a contract's licence.</summary>
internal sealed class SeatRow
{
    public required string Contract { get; init; }

    public required string Tenant { get; init; }

    public required string AccountKey { get; init; }

    public required string Account { get; init; }

    public required DateTimeOffset TakenAt { get; init; }

    public string FeedKey => $"seat/{Contract}/{Tenant}/{AccountKey}";

    public Seat ToMessage() => new() { Contract = Contract, Tenant = Tenant, Account = Account };
}
