namespace ModelGarden.Catalog.Lifecycles;

/// <summary>
/// Where a repository stands in its life: its standing in the garden, and beside it the submission under way, so that what is published stays
/// published while its next revision is reviewed. Immutable and pure: an action answers the next state or why there is none.
/// </summary>
internal sealed record Life
{
    /// <summary>DRAFT, PUBLISHED, DEPRECATED, RETIRED or TAKEN_DOWN.</summary>
    public Lifecycle Standing { get; init; } = Lifecycle.Draft;

    /// <summary>SUBMITTED, IN_REVIEW or APPROVED; UNSPECIFIED: nothing is under way.</summary>
    public Lifecycle Submission { get; init; }

    public string SubmittedRevision { get; init; } = "";

    /// <summary>Newest first.</summary>
    public IReadOnlyList<string> Published { get; init; } = [];

    public string Successor { get; init; } = "";

    public DateTimeOffset? RetiresAt { get; init; }

    /// <summary>Other tenants may see it, if its visibility allows.</summary>
    public bool IsOffered => Standing is Lifecycle.Published or Lifecycle.Deprecated;

    /// <summary>For the owner's people and curators: the submission, while there is one.</summary>
    public Lifecycle Inward => Submission is not Lifecycle.Unspecified ? Submission : Standing;

    /// <summary>For everyone else and in the change feed: the standing; of a draft its submission.</summary>
    public Lifecycle Outward => Standing is Lifecycle.Draft ? Inward : Standing;

    /// <summary>What is possible from here.</summary>
    public IEnumerable<LifecycleAction> Possible => Enum.GetValues<LifecycleAction>().Where(IsPossible);

    public Result<Life> Apply(LifecycleAction action, string revision = "", string successor = "", DateTimeOffset? retiresAt = null)
    {
        if (!IsPossible(action))
        {
            return Error.Conflict("BAD_TRANSITION", $"{Name(action)} is not possible while the repository is {Description}; possible: {PossibleNames}");
        }

        return action switch
        {
            LifecycleAction.Submit => this with { Submission = Lifecycle.Submitted, SubmittedRevision = revision },
            LifecycleAction.StartReview => this with { Submission = Lifecycle.InReview },
            LifecycleAction.Approve => this with { Submission = Lifecycle.Approved },
            LifecycleAction.Withdraw or LifecycleAction.Reject => WithoutSubmission(),
            LifecycleAction.Publish => Publish(),
            LifecycleAction.Deprecate => this with { Standing = Lifecycle.Deprecated, Successor = successor, RetiresAt = retiresAt },
            LifecycleAction.Retire => this with { Standing = Lifecycle.Retired },
            _ => WithoutSubmission() with { Standing = Lifecycle.TakenDown },
        };
    }

    public static string Name(LifecycleAction action) => action switch
    {
        LifecycleAction.StartReview => "start_review",
        LifecycleAction.TakeDown => "take_down",
        _ => action.ToString().ToLowerInvariant(),
    };

    private string Description => Submission is Lifecycle.Unspecified ? Name(Standing)
        : Standing is Lifecycle.Draft ? Name(Submission)
        : $"{Name(Standing)} with a revision {Name(Submission)}";

    private string PossibleNames => Possible.Any() ? string.Join(", ", Possible.Select(Name)) : "nothing";

    private bool IsPossible(LifecycleAction action) => Standing is not Lifecycle.TakenDown && action switch
    {
        LifecycleAction.Submit => Submission is Lifecycle.Unspecified,
        LifecycleAction.Withdraw or LifecycleAction.Reject => Submission is not Lifecycle.Unspecified,
        LifecycleAction.StartReview => Submission is Lifecycle.Submitted,
        LifecycleAction.Approve => Submission is Lifecycle.Submitted or Lifecycle.InReview,
        LifecycleAction.Publish => Submission is Lifecycle.Approved,
        LifecycleAction.Deprecate or LifecycleAction.Retire => IsOffered,
        LifecycleAction.TakeDown => true,
        _ => false,
    };

    private Life Publish() => WithoutSubmission() with
    {
        Standing = Lifecycle.Published,
        Published = [SubmittedRevision, .. Published.Where(revision => revision != SubmittedRevision)],
        Successor = "",
        RetiresAt = null,
    };

    private Life WithoutSubmission() => this with { Submission = Lifecycle.Unspecified, SubmittedRevision = "" };

    private static string Name(Lifecycle state) => state switch
    {
        Lifecycle.InReview => "in_review",
        Lifecycle.TakenDown => "taken_down",
        _ => state.ToString().ToLowerInvariant(),
    };
}
