using Google.Protobuf.WellKnownTypes;

namespace ModelGarden.Catalog.Discussions;

/// <summary>A discussion or pull request on disk.</summary>
internal sealed class StoredDiscussion
{
    public required string RepositoryId { get; init; }

    public required long Number { get; init; }

    public required string Title { get; set; }

    public required DiscussionStatus Status { get; set; }

    public required bool IsPullRequest { get; init; }

    public required string Author { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public string MergeCommit { get; set; } = "";

    public bool IsUnderWay => Status is DiscussionStatus.Draft or DiscussionStatus.Open;

    public Discussion ToDiscussion() => new()
    {
        Number = Number,
        Title = Title,
        Status = Status,
        PullRequest = IsPullRequest,
        Author = Author,
        CreatedAt = Timestamp.FromDateTimeOffset(CreatedAt),
        MergeCommit = MergeCommit,
    };
}
