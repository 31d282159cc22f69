using ModelGarden.Cli.Tests.Doubles;
using ModelGarden.Contracts.V1;
using Action = ModelGarden.Contracts.V1.Action;

namespace ModelGarden.Cli.Tests.Commands;

public sealed class PolicyTests : IAsyncLifetime
{
    private const string Rules = "rules:\n  - {id: a, effect: deny}\n";
    private GardenDouble _garden = null!;
    private Machine _machine = null!;
    private SetPolicyRequest? _set;
    private ReplayPolicyRequest? _replayed;
    private WhyRequest? _asked;

    public async ValueTask InitializeAsync()
    {
        _garden = await GardenDouble.StartAsync();
        _machine = new(_garden);
        _garden.On<GetPolicyRequest>("GetPolicy", request => new Policy { Tenant = request.Garden ? "" : "acme", Version = 4, Text = Rules, Author = "ada", Reason = "safety" });
        _garden.On<SetPolicyRequest>("SetPolicy", request =>
        {
            _set = request;
            return new Policy { Tenant = request.Tenant, Version = request.ExpectedVersion + 1, Rules = 1, Reason = request.Reason };
        });
        _garden.OnStream<ReplayPolicyRequest>("ReplayPolicy", (request, _) => Replay(request));
    }

    public async ValueTask DisposeAsync()
    {
        _machine.Dispose();
        await _garden.DisposeAsync();
    }

    [Fact]
    public async Task Get_PrintsTheTextAloneOnTheOutput()
    {
        var ran = (await _machine.RunAsync("policy", "get", "--version", "4")).Ok();

        Assert.Equal(Rules, ran.Out);
        Assert.Contains("version 4, by ada", ran.Err, StringComparison.Ordinal);
        Assert.Equal("/garden/v1/policy?version=4", _garden.Requests.Single().Path);
    }

    [Fact]
    public async Task Set_AFile_ReplacesWhatStandsOrWhatIsExpected()
    {
        var file = RulesFile();

        (await _machine.RunAsync("policy", "set", file, "--reason", "more care")).Ok();
        Assert.Equal((Rules, "more care", 4, false), (_set!.Text, _set.Reason, _set.ExpectedVersion, _set.Garden));
        (await _machine.RunAsync("policy", "set", file, "--reason", "r", "--expect", "0", "--whole-garden")).Ok();
        Assert.Equal((0, true), (_set!.ExpectedVersion, _set.Garden));
        Assert.Contains("there is no file", (await _machine.RunAsync("policy", "set", file + "x", "--reason", "r")).Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task History_OfManyVersions_ReadsAllPages()
    {
        _garden.On<ListPolicyVersionsRequest>("ListPolicyVersions", request => new ListPolicyVersionsResponse
        {
            Versions = { Enumerable.Range(1, 1001).Reverse().Where(version => request.Before is 0 || version < request.Before).Take(request.PageSize).Select(version => new Policy { Version = version, Author = "ada", Reason = "r" }) },
        });

        var ran = (await _machine.RunAsync("policy", "history", "--json")).Ok();

        Assert.Equal(1001, ran.Json["versions"]!.AsArray().Count);
    }

    [Fact]
    public async Task Test_ADraft_ShowsWhoWouldBeRefused()
    {
        var ran = (await _machine.RunAsync("policy", "test", RulesFile(), "--days", "7")).Ok();

        Assert.Equal((Rules, 7), (_replayed!.Text, _replayed.Days));
        Assert.Contains("would be refused   3", ran.Out, StringComparison.Ordinal);
        Assert.Contains("bob", ran.Out, StringComparison.Ordinal);
        Assert.Contains("rule 'a' forbids it", ran.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Why_TellsRuleByRule()
    {
        _garden.On<WhyRequest>("Why", request =>
        {
            _asked = request;
            return new Explanation
            {
                Decision = new() { Rule = "POLICY_DENIED", Message = "rule 'a' forbids it" },
                Account = "bob",
                Tenant = "acme",
                Steps = { new DecisionStep { Rule = "SIGN_IN", Outcome = StepOutcome.Passed, Message = "bob has signed in" }, new DecisionStep { Rule = "POLICY_DENIED", Outcome = StepOutcome.Refused, Message = "rule 'a' forbids it" } },
            };
        });

        var ran = (await _machine.RunAsync("why", "download", "meta/llama@main", "--account", "bob")).Ok();

        Assert.Equal((Action.Download, "meta/llama", "main", "bob"), (_asked!.Action, _asked.Repository, _asked.Revision, _asked.Account));
        Assert.Contains("refused", ran.Out, StringComparison.Ordinal);
        Assert.Contains("bob has signed in", ran.Out, StringComparison.Ordinal);
    }

    private string RulesFile()
    {
        _machine.Write("rules.yaml", Rules);
        return _machine.PathOf("rules.yaml");
    }

    private async IAsyncEnumerable<Google.Protobuf.IMessage> Replay(ReplayPolicyRequest request)
    {
        _replayed = request;
        await Task.Yield();
        yield return new ReplayProgress { Decisions = 10 };
        yield return new ReplayProgress
        {
            Decisions = 10,
            Done = 10,
            Report = new() { FirstDay = "2026-11-01", LastDay = "2026-11-21", Refused = 3, RefusalRows = 1, Refusals = { new ReplayRow { Account = "bob", Tenant = "acme", Action = Action.Deploy, Repository = "meta/llama", Count = 3, LastDay = "2026-11-20", Message = "rule 'a' forbids it" } } },
        };
    }
}
