using ModelGarden.Catalog.Lifecycles;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Catalog.Tests;

/// <summary>The state machine by itself.</summary>
public sealed class LifeTests
{
    private static readonly string[] Names = ["submit", "withdraw", "start_review", "approve", "reject", "publish", "deprecate", "retire", "take_down"];

    [Theory]
    [InlineData("", "submit take_down")]
    [InlineData("submit", "withdraw start_review approve reject take_down")]
    [InlineData("submit start_review", "withdraw approve reject take_down")]
    [InlineData("submit approve", "withdraw reject publish take_down")]
    [InlineData("submit withdraw", "submit take_down")]
    [InlineData("submit reject", "submit take_down")]
    [InlineData("submit approve publish", "submit deprecate retire take_down")]
    [InlineData("submit approve publish deprecate", "submit deprecate retire take_down")]
    [InlineData("submit approve publish submit", "withdraw start_review approve reject deprecate retire take_down")]
    [InlineData("submit approve publish retire", "submit take_down")]
    [InlineData("submit approve publish take_down", "")]
    [InlineData("submit take_down", "")]
    public void Possible_AfterSteps_IsExactlyThis(string steps, string possible)
    {
        var life = Walk(steps);

        Assert.Equal(possible.Split(' ', StringSplitOptions.RemoveEmptyEntries), life.Possible.Select(Life.Name));
        foreach (var name in Names.Except(possible.Split(' ')))
        {
            var error = life.Apply(Action(name)).Error;
            Assert.Equal("BAD_TRANSITION", error?.Reason);
            Assert.Contains(possible.Length > 0 ? possible.Replace(" ", ", ", StringComparison.Ordinal) : "nothing", error?.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("", Lifecycle.Draft, Lifecycle.Draft)]
    [InlineData("submit", Lifecycle.Submitted, Lifecycle.Submitted)]
    [InlineData("submit approve publish", Lifecycle.Published, Lifecycle.Published)]
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
            life = life.Apply(LifecycleAction.Submit, revision).Value.Apply(LifecycleAction.Approve).Value.Apply(LifecycleAction.Publish).Value;
        }

        Assert.Equal(["c", "a", "b"], life.Published);
        Assert.Equal("", life.SubmittedRevision);
    }

    [Fact]
    public void Publish_Deprecated_ForgetsSuccessorAndDate()
    {
        var life = Walk("submit approve publish").Apply(LifecycleAction.Deprecate, "", "acme/next", DateTimeOffset.UnixEpoch).Value;
        Assert.Equal(("acme/next", DateTimeOffset.UnixEpoch), (life.Successor, life.RetiresAt));

        life = life.Apply(LifecycleAction.Submit, "r").Value.Apply(LifecycleAction.Approve).Value.Apply(LifecycleAction.Publish).Value;

        Assert.Equal(("", null), (life.Successor, life.RetiresAt));
    }

    private static Life Walk(string steps) =>
        steps.Split(' ', StringSplitOptions.RemoveEmptyEntries).Aggregate(new Life(), (life, step) => life.Apply(Action(step), "revision").Value);

    private static LifecycleAction Action(string name) => Enum.GetValues<LifecycleAction>().Single(action => Life.Name(action) == name);
}
