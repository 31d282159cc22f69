using Google.Protobuf.WellKnownTypes;

namespace ModelGarden.Catalog.Moderation;

/// <summary>A report on disk; it stays when its repository is deleted.</summary>
internal sealed class StoredReport
{
    public required string Id { get; init; }

    public required string RepositoryId { get; init; }

    /// <summary>What the repository was called when it was made.</summary>
    public required string Repository { get; init; }

    public required RepositoryKind Kind { get; init; }

    public required string Reporter { get; init; }

    public required string ReporterKey { get; init; }

    public required ReportCategory Category { get; init; }

    public required string Text { get; init; }

    /// <summary>A commit; empty: there was none, or it is about a comment.</summary>
    public required string Revision { get; init; }

    public required string Path { get; init; }

    public required long Discussion { get; init; }

    /// <summary>0: it is about the repository itself.</summary>
    public required long Comment { get; init; }

    public required DateTimeOffset At { get; init; }

    public ReportState State { get; private set; } = ReportState.Open;

    /// <summary>Who has taken it on, in lower case; empty: nobody.</summary>
    public string Assignee { get; set; } = "";

    public ReportAction Action { get; private set; }

    /// <summary>For the action rated.</summary>
    public ContentRating Rating { get; private set; }

    public string Note { get; private set; } = "";

    public string ResolvedBy { get; private set; } = "";

    public DateTimeOffset? ResolvedAt { get; private set; }

    public bool IsOfComment => Comment is not 0;

    public void Resolve(Decision decision, string account, DateTimeOffset now) =>
        (State, Action, Rating, Note, ResolvedBy, ResolvedAt) = (decision.State, decision.Action, decision.Rating, decision.Note, account, now);

    public bool IsResolved(Decision decision, string account) => new Decision(State, Action, Rating, Note) == decision && ResolvedBy == account;

    /// <param name="name">The repository's, as the reader knows it.</param>
    /// <param name="isModerator">The reader moderates; else he has made the report.</param>
    public Report ToReport(string name, bool isModerator) => new()
    {
        Id = Id,
        Repository = new() { Name = name, Kind = Kind },
        Category = Category,
        Text = Text,
        Revision = Revision,
        Path = Path,
        Discussion = Discussion,
        Comment = Comment,
        Reporter = Reporter,
        CreatedAt = Timestamp.FromDateTimeOffset(At),
        State = State,
        Action = Action,
        Rating = Rating,
        Note = Note,
        ResolvedAt = ResolvedAt is { } at ? Timestamp.FromDateTimeOffset(at) : null,
        Assignee = isModerator ? Assignee : "",
        ResolvedBy = isModerator ? ResolvedBy : "",
    };
}

/// <summary>What becomes of a report.</summary>
internal sealed record Decision(ReportState State, ReportAction Action, ContentRating Rating, string Note)
{
    public Decision(ReportState state, ReportAction action, string note)
        : this(state, action, ContentRating.Unspecified, note)
    {
    }

    /// <summary>Such as <c>upheld, taken down</c>.</summary>
    public string Words => State is not ReportState.Upheld ? State.ToString().ToLowerInvariant() : Action switch
    {
        ReportAction.Rated => $"upheld, rated {Rating.ToString().ToLowerInvariant()}",
        ReportAction.TakenDown => "upheld, taken down",
        ReportAction.CommentHidden => "upheld, comment hidden",
        _ => "upheld",
    };
}
