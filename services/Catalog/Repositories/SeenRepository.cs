using Google.Protobuf.WellKnownTypes;
using ModelGarden.Hosting.Access;

namespace ModelGarden.Catalog.Repositories;

/// <summary>How much of a repository someone sees.</summary>
internal enum Sight
{
    /// <summary>Not even that it exists.</summary>
    Nothing,

    /// <summary>The published revisions.</summary>
    Published,

    /// <summary>Everything, drafts and history included.</summary>
    Everything,
}

/// <summary>A repository as one caller sees it: the one place that decides it.</summary>
internal sealed record SeenRepository(StoredRepository Row, Sight Sight, bool IsInsider)
{
    public string Id => Row.Id;

    public bool SeesAll => Sight is Sight.Everything;

    /// <summary>The caller may have files that are not clean.</summary>
    public bool IsReviewer { get; private init; }

    /// <summary>The head of the default branch for this caller; empty: no commit yet.</summary>
    public string Head => SeesAll ? Row.Head : Row.NewestPublished;

    /// <summary>Null: the caller may not know of it.</summary>
    public static SeenRepository? Of(StoredRepository row, Caller caller) => SightOf(row, caller) switch
    {
        Sight.Nothing => null,
        var sight => new(row, sight, sight is Sight.Everything && !caller.IsService) { IsReviewer = sight is Sight.Everything && (caller.IsService || caller.Reviews(row.Owner)) },
    };

    /// <summary>The change feed's view: everything, by the standing that holds for all.</summary>
    public static SeenRepository ForFeed(StoredRepository row) => new(row, Sight.Everything, false) { IsReviewer = true };

    public bool Sees(string commit) => SeesAll || Row.Life.Published.Contains(commit);

    public Repository Describe(ModelRecord? record)
    {
        var life = Row.Life;
        return new()
        {
            Id = Row.Id,
            Name = Row.Name,
            Kind = Row.Kind,
            Visibility = Row.Visibility,
            Lifecycle = IsInsider ? life.Inward : life.Outward,
            Source = SeesAll ? Row.Source : Row.SourceForOthers,
            Head = Head,
            PublishedRevisions = { life.Published },
            SubmittedRevision = SeesAll ? life.SubmittedRevision : "",
            CreatedAt = Timestamp.FromDateTimeOffset(Row.CreatedAt),
            UpdatedAt = Timestamp.FromDateTimeOffset(Row.UpdatedAt),
            Record = record,
            Successor = life.Successor,
            RetiresAt = life.RetiresAt is { } retiresAt ? Timestamp.FromDateTimeOffset(retiresAt) : null,
            Downloads = Row.Downloads,
            Likes = Row.Likes,
            Trend = Row.Trend,
            Gate = Row.Gate,
            Submission = IsInsider && life.Submission is not Lifecycle.Unspecified
                ? new() { Submitter = life.Submitter, Reviewers = { life.Reviewers }, Approvals = { life.Approvals } }
                : null,
            AttestedRating = Row.AttestedRating,
            ContentRating = ContentRatings.Of(Row.AttestedRating, record),
        };
    }

    /// <summary>It was taken down, and the caller would see it if it were not: its owner's people may know that it is there.</summary>
    public static bool IsWithdrawnFrom(StoredRepository row, Caller caller) => row.Standing is Lifecycle.TakenDown && caller.IsOf(row.Owner) && caller.MayLookInside;

    private static Sight SightOf(StoredRepository row, Caller caller) => caller switch
    {
        { IsService: true } => Sight.Everything,
        { IsCurator: true } when caller.MayLookInside => Sight.Everything,
        _ when row.Standing is Lifecycle.TakenDown => Sight.Nothing,
        _ when caller.IsOf(row.Owner) && caller.MayLookInside => Sight.Everything,
        _ => row.IsOffered ? Sight.Published : Sight.Nothing,
    };
}
