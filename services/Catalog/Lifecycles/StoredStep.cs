using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf.WellKnownTypes;

namespace ModelGarden.Catalog.Lifecycles;

/// <summary>One step of a repository's life on disk: written once, never changed, kept even when the repository is deleted.</summary>
internal sealed class StoredStep
{
    public long Id { get; init; }

    public required string RepositoryId { get; init; }

    /// <summary>The repository's name at that time, for whoever reads the history of a deleted one.</summary>
    public required string Repository { get; init; }

    public required LifecycleAction Action { get; init; }

    public required Lifecycle State { get; init; }

    public required string Revision { get; init; }

    public required string Account { get; init; }

    public required string Comment { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Who was assigned, or is no longer.</summary>
    public string Reviewer { get; init; } = "";

    /// <summary>What <see cref="HashAfter"/> said when it was written; empty: hashes were not kept yet.</summary>
    public string Hash { get; private set; } = "";

    /// <summary>Becomes the link behind another.</summary>
    public StoredStep Seal(string previous)
    {
        Hash = HashAfter(previous);
        return this;
    }

    /// <summary>The SHA-256 of all that it says and of the hash before it: a step that is changed, taken out or put in breaks every link behind it.</summary>
    public string HashAfter(string previous)
    {
        string[] fields =
        [
            previous, RepositoryId, Repository, $"{Action:d}", $"{State:d}", Revision, Account, Comment, At.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture), Reviewer,
        ];
        // With their lengths, so that nothing can pass from one field to the next.
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(fields.Select(field => string.Create(CultureInfo.InvariantCulture, $"{field.Length}:{field}"))))));
    }

    /// <summary>For the audit trail of the repository's owner.</summary>
    public AuditEvent ToEvent(RepositoryKind kind) => new()
    {
        At = Timestamp.FromDateTimeOffset(At),
        Tenant = RepositoryName.Create(Repository).Value.Owner.Value,
        Account = Account,
        Action = $"repository.{Life.Name(Action).Replace('_', '-')}",
        Subject = Repository,
        Detail = { ["kind"] = $"{kind}", ["revision"] = Revision, ["step"] = Hash },
    };

    public LifecycleStep ToStep() => new()
    {
        Action = Action,
        State = State,
        Revision = Revision,
        Account = Account,
        Comment = Comment,
        At = Timestamp.FromDateTimeOffset(At),
        Reviewer = Reviewer,
        Hash = Hash,
    };
}
