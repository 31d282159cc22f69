using Google.Protobuf.WellKnownTypes;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Hosting.Access;

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

    /// <summary>A step that a repository, as it is by now, has taken.</summary>
    public static StoredStep Of(StoredRepository repository, LifecycleAction action, string revision, string comment, Caller caller, DateTimeOffset at) => new()
    {
        RepositoryId = repository.Id,
        Repository = repository.Name,
        Action = action,
        State = repository.Life.Inward,
        Revision = revision,
        Account = caller.Principal.Name,
        Comment = comment,
        At = at,
    };

    public LifecycleStep ToStep() => new()
    {
        Action = Action,
        State = State,
        Revision = Revision,
        Account = Account,
        Comment = Comment,
        At = Timestamp.FromDateTimeOffset(At),
    };
}
