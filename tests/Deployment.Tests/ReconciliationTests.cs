using ModelGarden.Contracts.V1;
using ModelGarden.Deployment.Endpoints;
using ModelGarden.Deployment.Reconciling;
using Scaling = ModelGarden.Deployment.Endpoints.Scaling;

namespace ModelGarden.Deployment.Tests;

public sealed class ReconciliationTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly Limits Limits = new(4, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(60));
    private static readonly Target New = TargetOf("new");
    private static readonly Target Old = TargetOf("old");
    private static readonly Attempt Done = new(Preparation.Done);
    private static readonly Failure Bad = new("it is broken", Severe: true);

    [Fact]
    public void Plan_NothingThere_Prepares() => Assert.Equal([new Step.Prepare(New)], Steps(Awake(New), View()));

    [Theory]
    [InlineData((int)Preparation.Fetching)]
    [InlineData((int)Preparation.Installing)]
    public void Plan_Preparing_Waits(int preparation) => Assert.Empty(Steps(Awake(New), View(new Attempt((Preparation)preparation))));

    [Fact]
    public void Plan_Prepared_StartsAsManyAsTheMinimum() =>
        Assert.Equal([new Step.Start(New), new Step.Start(New)], Steps(Awake(New) with { Scaling = new(2, 4, 1000) }, View(Done)));

    [Fact]
    public void Plan_Loading_IsLeftAlone() =>
        Assert.Empty(Steps(Awake(New), View(Done, Replica("a", New, ReplicaPhase.Starting, ago: 10_000)) with { IdleSince = Now.AddDays(-1) }));

    [Fact]
    public void Plan_FailedJustNow_LooksAgainWhenThePauseIsOver()
    {
        var decision = Reconciliation.Plan(Awake(New), View(new Attempt(Preparation.Done, 2, Now.AddSeconds(2), Bad)), Limits, Now);

        Assert.Empty(decision.Steps);
        Assert.Equal(Now.AddSeconds(2), decision.LookAt);
    }

    [Fact]
    public void Plan_FailedAndPaused_TriesOneAtATime() =>
        Assert.Equal([new Step.Start(New)], Steps(Awake(New) with { Scaling = new(3, 4, 1000) }, View(new Attempt(Preparation.Done, 2, Now, Bad))));

    [Theory]
    [InlineData(4, 1)]
    [InlineData(5, 2)]
    [InlineData(9, 3)]
    [InlineData(100, 3)]
    public void Plan_ManyCalls_ScalesUpWithinTheMaximum(int calls, int replicas)
    {
        var steps = Steps(Awake(New) with { Scaling = new(0, 3, 60_000) }, View(Done, Replica("a", New, calls: calls)));

        Assert.Equal(Enumerable.Repeat(new Step.Start(New), replicas - 1), steps);
    }

    [Fact]
    public void Plan_OneMoreThanNeededForAMinute_DrainsTheNewest()
    {
        var wanted = Awake(New) with { Scaling = new(0, 3, 600_000) };
        var observed = View(Done, Replica("a", New, calls: 1), Replica("b", New));

        Assert.Equal([new Step.Drain("b")], Steps(wanted, observed with { NeededAt = Now.AddSeconds(-60) }));
        Assert.Empty(Steps(wanted, observed with { NeededAt = Now.AddSeconds(-59) }));
    }

    [Theory]
    [InlineData(0, 0, 60, true)]
    [InlineData(0, 0, 59, false)]
    [InlineData(0, 1, 600, false)]
    [InlineData(1, 0, 600, false)]
    public void Plan_Idle_SleepsWhenItMay(int minimum, int calls, int idleSeconds, bool sleeps)
    {
        var wanted = Awake(New) with { Scaling = new(minimum, 1, 60_000) };
        var steps = Steps(wanted, View(Done, Replica("a", New, calls: calls)) with { IdleSince = Now.AddSeconds(-idleSeconds) });

        Assert.Equal(sleeps ? [new Step.Sleep()] : [], steps);
    }

    [Fact]
    public void Plan_Asleep_DrainsThenStops()
    {
        var asleep = Awake(New) with { Awake = false };

        Assert.Equal([new Step.Drain("a")], Steps(asleep, View(Done, Replica("a", New))));
        Assert.Empty(Steps(asleep, View(Done, Replica("a", New, ReplicaPhase.Draining, ago: 4))));
        Assert.Equal([new Step.Stop("a", TimeSpan.FromSeconds(25))], Steps(asleep, View(Done, Replica("a", New, ReplicaPhase.Draining, ago: 5))));
        Assert.Empty(Steps(asleep, View(Done)));
    }

    [Fact]
    public void Plan_NewRevision_StartsBesideTheOldOne() =>
        Assert.Equal([new Step.Start(New)], Steps(Awake(New, Old), View(Done, Replica("o", Old, calls: 3))));

    [Fact]
    public void Plan_NewRevisionReady_DrainsTheOldOne() =>
        Assert.Equal([new Step.Drain("o")], Steps(Awake(New, Old), View(Done, Replica("o", Old, calls: 3), Replica("n", New))));

    [Fact]
    public void Plan_NewRevisionReadyInPart_KeepsOldOnesForTheRest() =>
        Assert.Equal([new Step.Drain("o1")], Steps(Awake(New, Old) with { Scaling = new(2, 2, 1000) }, View(Done, Replica("o1", Old), Replica("o2", Old), Replica("n1", New), Replica("n2", New, ReplicaPhase.Starting))));

    [Fact]
    public void Plan_NewRevisionFailed_KeepsTheOldOne() =>
        Assert.Empty(Steps(Awake(New, Old), View(new Attempt(Preparation.Done, 3, Now.AddSeconds(4), Bad), Replica("o", Old, calls: 3))));

    [Fact]
    public void Plan_NewRevisionFailedAndNothingRuns_BringsTheOldOneBack() =>
        Assert.Equal([new Step.Prepare(Old)], Steps(Awake(New, Old), View(new Attempt(Preparation.None, 1, Now.AddSeconds(4), Bad))));

    [Fact]
    public void Plan_SupersededWhileLoading_StopsIt() =>
        Assert.Equal([new Step.Prepare(New), new Step.Stop("x", Limits.StopGrace)], Steps(Awake(New), View(Attempt.None, Replica("x", TargetOf("between"), ReplicaPhase.Starting))));

    [Theory]
    [InlineData(2, 59, false)]
    [InlineData(2, 60, true)]
    [InlineData(0, 4, false)]
    [InlineData(0, 5, true)]
    public void Plan_Draining_StopsWhenItsCallsAreOverOrTookTooLong(int calls, int ago, bool stops)
    {
        var steps = Steps(Awake(New, Old), View(Done, Replica("n", New), Replica("o", Old, ReplicaPhase.Draining, ago, calls)));

        Assert.Equal(stops, steps.OfType<Step.Stop>().Any());
    }

    [Fact]
    public void Plan_Blocked_StopsWhatStartsAndDrainsWhatRuns()
    {
        var blocked = Awake(New) with { Blocked = "acme has withdrawn" };

        Assert.Equal([new Step.Stop("b", Limits.StopGrace), new Step.Drain("a")], Steps(blocked, View(Done, Replica("a", New, calls: 1), Replica("b", New, ReplicaPhase.Starting))));
        Assert.Empty(Steps(blocked, View(Done, Replica("a", New, ReplicaPhase.Draining, ago: 59, calls: 1))));
        Assert.Empty(Steps(blocked, View()));
        Assert.Equal([new Step.Remove()], Steps(blocked with { Deleted = true }, View()));
        Assert.Equal((EndpointState.Blocked, "acme has withdrawn", 0), Summarise(blocked with { Awake = false }, View()));
    }

    [Fact]
    public void Plan_Deleted_DrainsStopsAndRemoves()
    {
        var deleted = Awake(New) with { Deleted = true };

        Assert.Equal([new Step.Drain("a"), new Step.Stop("b", Limits.StopGrace)], Steps(deleted, View(Done, Replica("a", New, calls: 1), Replica("b", New, ReplicaPhase.Starting))));
        Assert.Empty(Steps(deleted, View(Done, Replica("a", New, ReplicaPhase.Draining, ago: 29, calls: 1))));
        Assert.Equal([new Step.Stop("a", TimeSpan.FromSeconds(1))], Steps(deleted, View(Done, Replica("a", New, ReplicaPhase.Draining, ago: 30, calls: 1))));
        Assert.Equal([new Step.Stop("a", Limits.StopGrace)], Steps(deleted, View(Done, Replica("a", New, ReplicaPhase.Draining))));
        Assert.Empty(Steps(deleted, View(Done, Replica("a", New, ReplicaPhase.Stopping))));
        Assert.Equal([new Step.Remove()], Steps(deleted, View(Done)));
    }

    [Fact]
    public void Summary_FailedThreeTimes_IsAFailureThatSaysWhenNext()
    {
        var crash = new Failure("it crashed", Severe: false);

        Assert.Equal(EndpointState.Starting, Summarise(Awake(New), View(new Attempt(Preparation.Done, 2, Now, crash))).State);
        var (state, reason, _) = Summarise(Awake(New), View(new Attempt(Preparation.Done, 3, Now.AddSeconds(4), crash)));
        Assert.Equal((EndpointState.Failed, "it crashed; tried 3 times, next at 12:00:04 UTC"), (state, reason));
    }

    [Fact]
    public void Summary_FailedAndBeingTriedAgain_StaysAFailure() =>
        Assert.Equal(EndpointState.Failed, Summarise(Awake(New), View(new Attempt(Preparation.Done, 1, Now, Bad), Replica("a", New, ReplicaPhase.Starting))).State);

    [Fact]
    public void Summary_OldOneServesInPlaceOfAFailedOne_SaysSo()
    {
        var (state, reason, _) = Summarise(Awake(New, Old), View(new Attempt(Preparation.Done, 1, Now, Bad), Replica("o", Old)));

        Assert.Equal(EndpointState.Ready, state);
        Assert.StartsWith("new.gguf at newnewne did not start, old.gguf at oldoldol goes on serving: it is broken", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Summary_OldOneMayStillComeBack_IsNoFailure() =>
        Assert.NotEqual(EndpointState.Failed, Summarise(Awake(New, Old), View(new Attempt(Preparation.None, 1, Now, Bad))).State);

    private static IReadOnlyList<Step> Steps(Wanted wanted, Observed observed) => Reconciliation.Plan(wanted, observed, Limits, Now).Steps;

    private static (EndpointState State, string Reason, double Progress) Summarise(Wanted wanted, Observed observed) => Summary.Of(wanted, observed, "", 0);

    private static Wanted Awake(Target target, Target? standing = null) => new(target, standing, Scaling.Default, Deleted: false, Awake: true);

    private static Observed View(Attempt? target = null, params ReplicaView[] replicas) => new(replicas, target ?? Attempt.None, Attempt.None, Now, Now);

    private static ReplicaView Replica(string id, Target target, ReplicaPhase phase = ReplicaPhase.Ready, int ago = 0, int calls = 0) =>
        new(id, target.Key, phase, Now.AddSeconds(-ago), calls);

    private static Target TargetOf(string name) =>
        new() { Revision = string.Concat(Enumerable.Repeat(name, 10)), File = $"{name}.gguf", Files = [], Runtime = "gguf-node", Protocol = "openai" };
}
