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
