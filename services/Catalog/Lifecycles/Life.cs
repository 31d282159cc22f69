namespace ModelGarden.Catalog.Lifecycles;

/// <summary>
/// Where a repository stands in its life: its standing in the garden, and beside it the submission under way, so that what is published stays
/// published while its next revision is reviewed. Immutable and pure: an action answers the next state or why there is none.
/// </summary>
internal sealed record Life
{
    private const int MaximumReviewers = 20;

    /// <summary>DRAFT, PUBLISHED, DEPRECATED, RETIRED or TAKEN_DOWN.</summary>
    public Lifecycle Standing { get; init; } = Lifecycle.Draft;

    /// <summary>SUBMITTED, IN_REVIEW, APPROVED or CHANGES_REQUESTED; UNSPECIFIED: nothing is under way.</summary>
    public Lifecycle Submission { get; init; }

    public string SubmittedRevision { get; init; } = "";

    /// <summary>The account that submitted it, in small letters as all accounts here.</summary>
    public string Submitter { get; init; } = "";

    /// <summary>Who approve; none: any curator may.</summary>
    public IReadOnlyList<string> Reviewers { get; init; } = [];

    /// <summary>Who has approved of the submitted revision.</summary>
    public IReadOnlyList<string> Approvals { get; init; } = [];

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

    public Result<Life> Apply(LifeStep step)
    {
        if (!IsPossible(step.Action))
        {
            return Error.Conflict("BAD_TRANSITION", $"{Name(step.Action)} is not possible while the repository is {Description}; possible: {PossibleNames}");
        }

        return step.Action switch
        {
            LifecycleAction.Submit => this with { Submission = Lifecycle.Submitted, SubmittedRevision = step.Revision, Submitter = step.Account, Approvals = [] },
            LifecycleAction.StartReview => this with { Submission = Lifecycle.InReview },
            LifecycleAction.Assign => Assign(step.Reviewer),
            LifecycleAction.Unassign => Unassign(step.Reviewer),
            LifecycleAction.Approve => Approve(step),
            LifecycleAction.RequestChanges => this with { Submission = Lifecycle.ChangesRequested, Approvals = [] },
            LifecycleAction.Withdraw or LifecycleAction.Reject => WithoutSubmission(),
            LifecycleAction.Publish => Publish(),
            LifecycleAction.Deprecate => this with { Standing = Lifecycle.Deprecated, Successor = step.Successor, RetiresAt = step.RetiresAt },
            LifecycleAction.Retire => this with { Standing = Lifecycle.Retired },
            LifecycleAction.Comment => this,
            _ => WithoutSubmission() with { Standing = Lifecycle.TakenDown },
        };
    }

    /// <summary>What is known of a submission once a step is made up for that an earlier version took, which kept neither who submits nor who reviews and approves.</summary>
    public Life MakeUp(LifecycleAction action, string account) => action switch
    {
        LifecycleAction.Submit => this with { Submitter = account, Approvals = [] },
        LifecycleAction.Approve => this with { Approvals = [.. Approvals.Except([account]), account] },
        LifecycleAction.Withdraw or LifecycleAction.Reject or LifecycleAction.Publish or LifecycleAction.TakeDown => this with { Submitter = "", Reviewers = [], Approvals = [] },
        _ => this,
    };

    public static string Name(LifecycleAction action) => action switch
    {
        LifecycleAction.StartReview => "start_review",
        LifecycleAction.TakeDown => "take_down",
        LifecycleAction.RequestChanges => "request_changes",
        LifecycleAction.DecideReport => "decide_report",
        _ => action.ToString().ToLowerInvariant(),
    };

    private string Description => Submission is Lifecycle.Unspecified ? Name(Standing)
        : Standing is Lifecycle.Draft ? Name(Submission)
        : $"{Name(Standing)} with a revision {Name(Submission)}";

    private string PossibleNames => Possible.Any() ? string.Join(", ", Possible.Select(Name)) : "nothing";

    private bool IsPossible(LifecycleAction action) => Standing is not Lifecycle.TakenDown && action switch
    {
        LifecycleAction.Submit => Submission is Lifecycle.Unspecified or Lifecycle.ChangesRequested,
        LifecycleAction.Withdraw or LifecycleAction.Reject or LifecycleAction.Comment or LifecycleAction.Assign or LifecycleAction.Unassign => Submission is not Lifecycle.Unspecified,
        LifecycleAction.StartReview => Submission is Lifecycle.Submitted,
        LifecycleAction.Approve => Submission is Lifecycle.Submitted or Lifecycle.InReview,
        LifecycleAction.RequestChanges => Submission is Lifecycle.Submitted or Lifecycle.InReview or Lifecycle.Approved,
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

    private Life WithoutSubmission() => this with { Submission = Lifecycle.Unspecified, SubmittedRevision = "", Submitter = "", Reviewers = [], Approvals = [] };

    private Result<Life> Assign(string reviewer) =>
        Reviewers.Contains(reviewer) ? Error.Exists("REVIEWER_EXISTS", $"{reviewer} is assigned already")
        : Reviewers.Count >= MaximumReviewers ? Error.Exhausted("TOO_MANY_REVIEWERS", $"the submission has {MaximumReviewers} reviewers, which is as many as may be: unassign one")
        : this with { Reviewers = [.. Reviewers, reviewer] };

    private Result<Life> Unassign(string reviewer) => Reviewers.Contains(reviewer)
        ? this with { Reviewers = [.. Reviewers.Where(other => other != reviewer)] }
        : Error.NotFound("REVIEWER_NOT_FOUND", $"{reviewer} is not assigned; {(Reviewers.Count > 0 ? $"assigned: {string.Join(", ", Reviewers)}" : "nobody is")}");

    private Result<Life> Approve(LifeStep step)
    {
        if (step.IsBoundByFourEyes && step.Account == Submitter)
        {
            return Error.Denied("FOUR_EYES", $"{step.Account} has submitted the revision: another curator approves of it");
        }

        if (Reviewers.Count > 0 && !Reviewers.Contains(step.Account))
        {
            return Error.Denied("NOT_A_REVIEWER", $"the submission is reviewed by {string.Join(", ", Reviewers)}: assign {step.Account} as well, or leave it to them");
        }

        if (Approvals.Contains(step.Account))
        {
            return Error.Conflict("APPROVED_ALREADY", $"{step.Account} has approved of it already: {Approvals.Count} of {step.RequiredApprovals} approvals are there");
        }

        IReadOnlyList<string> approvals = [.. Approvals, step.Account];
        return this with { Approvals = approvals, Submission = approvals.Count >= step.RequiredApprovals ? Lifecycle.Approved : Lifecycle.InReview };
    }

    private static string Name(Lifecycle state) => state switch
    {
        Lifecycle.InReview => "in_review",
        Lifecycle.TakenDown => "taken_down",
        Lifecycle.ChangesRequested => "changes_requested",
        _ => state.ToString().ToLowerInvariant(),
    };
}
