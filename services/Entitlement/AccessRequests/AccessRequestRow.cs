using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using ModelGarden.Contracts.V1;
using ModelGarden.Rights.Decisions;

namespace ModelGarden.Entitlement.AccessRequests;

/// <summary>How an account stands to a gated repository. Immutable: a change is the next row.</summary>
internal sealed record AccessRequestRow
{
    public required string RepositoryId { get; init; }

    public required string AccountKey { get; init; }

    /// <summary>As it was called when this was written.</summary>
    public required string Repository { get; init; }

    public required RepositoryKind Kind { get; init; }

    public required string Account { get; init; }

    /// <summary>Of the account, like name and address: empty where it never asked.</summary>
    public string Tenant { get; init; } = "";

    public string FullName { get; init; } = "";

    public string Email { get; init; } = "";

    public required AccessStatus Status { get; init; }

    /// <summary>What was answered to the form, as a JSON object of texts.</summary>
    public string Fields { get; init; } = "{}";

    /// <summary>Null: never, access was granted unasked.</summary>
    public DateTimeOffset? AskedAt { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>Empty: nobody did; it is pending, or the gate is automatic.</summary>
    public string DecidedBy { get; init; } = "";

    public string RejectionReason { get; init; } = "";

    public DateTimeOffset? Until { get; init; }

    public string FeedKey => $"access/{RepositoryId}/{AccountKey}";

    /// <summary>As far as decisions depend on it.</summary>
    public AccessFact ToFact() => new(Status, Until, RejectionReason);

    /// <summary>For the repository's owner.</summary>
    public AccessRequest ToMessage() => new()
    {
        RepositoryId = RepositoryId,
        Repository = Repository,
        Kind = Kind,
        Account = Account,
        Tenant = Tenant,
        FullName = FullName,
        Email = Email,
        Status = Status,
        Fields = { JsonSerializer.Deserialize<Dictionary<string, string>>(Fields)! },
        AskedAt = AskedAt?.ToTimestamp(),
        ChangedAt = ChangedAt.ToTimestamp(),
        DecidedBy = DecidedBy,
        RejectionReason = RejectionReason,
        Until = Until?.ToTimestamp(),
    };

    /// <summary>For the account itself: which of the owner's people decided is theirs to tell.</summary>
    public AccessRequest ToOwnMessage() => new(ToMessage()) { DecidedBy = "" };

    /// <summary>For those who go by it: nothing of the person.</summary>
    public AccessRequest ToFeedState() => new() { RepositoryId = RepositoryId, Account = Account, Status = Status, Until = Until?.ToTimestamp() };
}
