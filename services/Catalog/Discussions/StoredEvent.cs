using Google.Protobuf.WellKnownTypes;

namespace ModelGarden.Catalog.Discussions;

/// <summary>What an event on disk is; the first four are shown, the others change how a comment is.</summary>
internal enum StoredEventKind
{
    Comment = 1,
    Title = 2,
    Status = 3,
    Commit = 4,
    Edit = 5,
    Hide = 6,
}

/// <summary>An event of a discussion on disk: written once, never changed.</summary>
internal sealed class StoredEvent
{
    public long Id { get; init; }

    public required string RepositoryId { get; init; }

    public required long Number { get; init; }

    public required StoredEventKind Kind { get; init; }

    public required string Author { get; init; }

    public required DateTimeOffset At { get; init; }

    public string Text { get; init; } = "";

    public string Detail { get; init; } = "";

    public DiscussionStatus Status { get; init; }

    /// <summary>The comment that is edited or hidden; 0: none.</summary>
    public long Subject { get; init; }

    /// <summary>The events as they are shown: comments as they are by now.</summary>
    public static IEnumerable<DiscussionEvent> Shown(IReadOnlyCollection<StoredEvent> events)
    {
        var changes = events.Where(one => one.Subject > 0).ToLookup(one => one.Subject);
        return events.Where(one => one.Subject is 0).Select(one => one.As([.. changes[one.Id]]));
    }

    private DiscussionEvent As(List<StoredEvent> changes)
    {
        var edits = changes.FindAll(change => change.Kind is StoredEventKind.Edit);
        var isHidden = changes.Exists(change => change.Kind is StoredEventKind.Hide);
        return new()
        {
            Id = Id,
            Kind = (DiscussionEventKind)Kind,
            Author = Author,
            At = Timestamp.FromDateTimeOffset(At),
            Text = isHidden ? "" : edits is [.., var last] ? last.Text : Text,
            Detail = Detail,
            Status = Status,
            Hidden = isHidden,
            Edits = edits.Count,
            EditedAt = changes is [.., var newest] ? Timestamp.FromDateTimeOffset(newest.At) : null,
            History = { isHidden ? [] : edits.Prepend(this).SkipLast(1).Select(one => new FormerText { Text = one.Text, At = Timestamp.FromDateTimeOffset(one.At) }) },
        };
    }
}
