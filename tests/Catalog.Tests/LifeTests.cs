using ModelGarden.Catalog.Lifecycles;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Catalog.Tests;

/// <summary>The state machine by itself.</summary>
public sealed class LifeTests
{
    private static readonly string[] Names = ["submit", "withdraw", "start_review", "approve", "reject", "publish", "deprecate", "retire", "take_down", "comment", "assign", "unassign", "request_changes"];

    [Theory]
    [InlineData("", "submit take_down")]
    [InlineData("submit", "withdraw start_review approve reject take_down comment assign unassign request_changes")]
    [InlineData("submit start_review", "withdraw approve reject take_down comment assign unassign request_changes")]
    [InlineData("submit approve", "withdraw reject publish take_down comment assign unassign request_changes")]
    [InlineData("submit request_changes", "submit withdraw reject take_down comment assign unassign")]
    [InlineData("submit approve request_changes submit", "withdraw start_review approve reject take_down comment assign unassign request_changes")]
    [InlineData("submit withdraw", "submit take_down")]
    [InlineData("submit reject", "submit take_down")]
    [InlineData("submit approve publish", "submit deprecate retire take_down")]
    [InlineData("submit approve publish deprecate", "submit deprecate retire take_down")]
    [InlineData("submit approve publish submit", "withdraw start_review approve reject deprecate retire take_down comment assign unassign request_changes")]
    [InlineData("submit approve publish retire", "submit take_down")]
    [InlineData("submit approve publish take_down", "")]
    [InlineData("submit take_down", "")]
    public void Possible_AfterSteps_IsExactlyThis(string steps, string possible)
    {
        var life = Walk(steps);

        Assert.Equal(possible.Split(' ', StringSplitOptions.RemoveEmptyEntries), life.Possible.Select(Life.Name));
        foreach (var name in Names.Except(possible.Split(' ')))
        {
            var error = life.Apply(Step(name)).Error;
            Assert.Equal("BAD_TRANSITION", error?.Reason);
            Assert.Contains(possible.Length > 0 ? possible.Replace(" ", ", ", StringComparison.Ordinal) : "nothing", error?.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("", Lifecycle.Draft, Lifecycle.Draft)]
    [InlineData("submit", Lifecycle.Submitted, Lifecycle.Submitted)]
    [InlineData("submit request_changes", Lifecycle.ChangesRequested, Lifecycle.ChangesRequested)]
    [InlineData("submit approve publish", Lifecycle.Published, Lifecycle.Published)]
    [InlineData("submit approve publish submit request_changes", Lifecycle.ChangesRequested, Lifecycle.Published)]
    [InlineData("submit approve publish submit", Lifecycle.Submitted, Lifecycle.Published)]
    [InlineData("submit approve publish deprecate submit start_review", Lifecycle.InReview, Lifecycle.Deprecated)]
    [InlineData("submit approve publish submit reject", Lifecycle.Published, Lifecycle.Published)]
    [InlineData("submit approve publish submit take_down", Lifecycle.TakenDown, Lifecycle.TakenDown)]
    public void State_AfterSteps_IsToldInwardAndOutward(string steps, Lifecycle inward, Lifecycle outward)
    {
        var life = Walk(steps);

        Assert.Equal((inward, outward), (life.Inward, life.Outward));
    }

    [Fact]
    public void Publish_SeveralRevisions_ListsNewestFirstAndEachOnce()
    {
        var life = new Life();
        foreach (var revision in new[] { "a", "b", "a", "c" })
        {
            life = life.Apply(new(LifecycleAction.Submit) { Revision = revision }).Value.Apply(Step("approve")).Value.Apply(Step("publish")).Value;
        }

        Assert.Equal(["c", "a", "b"], life.Published);
        Assert.Equal("", life.SubmittedRevision);
    }

    [Fact]
    public void Publish_Deprecated_ForgetsSuccessorAndDate()
    {
        var life = Walk("submit approve publish").Apply(Step("deprecate") with { Successor = "acme/next", RetiresAt = DateTimeOffset.UnixEpoch }).Value;
        Assert.Equal(("acme/next", DateTimeOffset.UnixEpoch), (life.Successor, life.RetiresAt));

        life = Walk("submit approve publish", life);

        Assert.Equal(("", null), (life.Successor, life.RetiresAt));
    }

    [Theory]
    [InlineData("submit:ann approve:cora", 1, "", "Approved cora")]
    [InlineData("submit:ann approve:cora", 2, "", "InReview cora")]
    [InlineData("submit:ann approve:cora approve:cyd", 2, "", "Approved cora,cyd")]
    [InlineData("submit:ann approve:cora approve:cora", 2, "", "APPROVED_ALREADY")]
    [InlineData("submit:cora approve:cora", 1, "", "FOUR_EYES")]
    [InlineData("submit:cora approve:cyd", 1, "", "Approved cyd")]
    [InlineData("submit:ann approve:cora", 1, "cyd", "NOT_A_REVIEWER")]
    [InlineData("submit:ann approve:cyd", 1, "cora cyd", "Approved cyd")]
    [InlineData("submit:ann approve:cora request_changes:cyd submit:ann", 2, "", "Submitted ")]
    [InlineData("submit:ann approve:cora request_changes:cyd submit:ben approve:cyd", 2, "", "InReview cyd")]
    [InlineData("submit:ann approve:cora request_changes:cyd submit:cora approve:cora", 1, "", "FOUR_EYES")]
    public void Approve_ByTheseAccounts_CountsEachOnceUnderTheRules(string steps, int required, string reviewers, string expected)
    {
        var (life, refused) = (new Life(), "");
        foreach (var (action, account) in steps.Split(' ').Select(step => step.Split(':')).Select(parts => (parts[0], parts[1])))
        {
            var next = life.Apply(Step(action) with { Account = account, RequiredApprovals = required, IsBoundByFourEyes = true });
            (life, refused) = next.Error is { } error ? (life, error.Reason) : (next.Value, "");
            life = life.Reviewers.Count > 0 ? life : reviewers.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Aggregate(life, (assigned, reviewer) => assigned.Apply(Step("assign") with { Reviewer = reviewer }).Value);
        }

        Assert.Equal(expected, refused.Length > 0 ? refused : $"{life.Submission} {string.Join(',', life.Approvals)}");
    }

    [Fact]
    public void Approve_NotBoundByFourEyes_IsTheSubmittersToo()
    {
        var life = new Life().Apply(Step("submit") with { Account = "root" }).Value;

        Assert.Equal(Lifecycle.Approved, life.Apply(Step("approve") with { Account = "root" }).Value.Submission);
    }

    [Fact]
    public void Assign_TooManyTwiceOrNotAssigned_IsRefused()
    {
        var life = Walk("submit");
        Assert.Equal("REVIEWER_NOT_FOUND", life.Apply(Step("unassign") with { Reviewer = "cora" }).Error?.Reason);
        life = Enumerable.Range(0, 20).Aggregate(life, (assigned, i) => assigned.Apply(Step("assign") with { Reviewer = $"c{i}" }).Value);

        Assert.Equal("TOO_MANY_REVIEWERS", life.Apply(Step("assign") with { Reviewer = "cora" }).Error?.Reason);
        Assert.Equal("REVIEWER_EXISTS", life.Apply(Step("assign") with { Reviewer = "c7" }).Error?.Reason);
        Assert.DoesNotContain("c7", life.Apply(Step("unassign") with { Reviewer = "c7" }).Value.Reviewers);
    }

    [Fact]
    public void Steps_AnyThousands_LeaveNothingOfASubmissionThatIsOver()
    {
        var (random, life, taken) = (new Random(9), new Life(), 0);
        for (var i = 0; i < 20_000; i++)
        {
            var step = Step(Names[random.Next(Names.Length)]) with { Account = $"c{random.Next(4)}", Reviewer = $"c{random.Next(4)}", Revision = $"r{i}", RequiredApprovals = 2, IsBoundByFourEyes = true };
            if (step.Action is not LifecycleAction.TakeDown && life.Apply(step) is { Error: null } next)
            {
                (life, taken) = (next.Value, taken + 1);
            }

            var isUnderWay = life.Submission is not Lifecycle.Unspecified;
            Assert.Equal(isUnderWay, life.SubmittedRevision.Length > 0);
            Assert.True(isUnderWay || (life.Submitter.Length is 0 && life.Reviewers.Count is 0 && life.Approvals.Count is 0));
            Assert.Equal(life.Submission is Lifecycle.Approved, life.Approvals.Count >= 2);
            Assert.DoesNotContain(life.Submitter, life.Approvals);
            Assert.Equal(life.Approvals.Distinct(), life.Approvals);
        }

        Assert.InRange(taken, 2000, 20_000);
        Assert.NotEmpty(life.Published);
    }

    private static Life Walk(string steps, Life? from = null) =>
        steps.Split(' ', StringSplitOptions.RemoveEmptyEntries).Aggregate(from ?? new Life(), (life, step) => life.Apply(Step(step)).Value);

    private static LifeStep Step(string name) => new(Enum.GetValues<LifecycleAction>().Single(action => Life.Name(action) == name)) { Account = "ann", Revision = "revision", Reviewer = "cora" };
}
