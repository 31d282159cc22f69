using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using ModelGarden.Cli.Tests.Doubles;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Tests.Commands;

public sealed class EndpointTests : IAsyncLifetime
{
    private static readonly string Commit = new('c', 40);
    private GardenDouble _garden = null!;
    private Machine _machine = null!;
    private CreateEndpointRequest? _created;

    public async ValueTask InitializeAsync()
    {
        _garden = await GardenDouble.StartAsync();
        _machine = new(_garden);
        _garden.On<CreateEndpointRequest>("CreateEndpoint", request =>
        {
            _created = request;
            return In(EndpointState.Fetching);
        });
        _garden.On<GetEndpointRequest>("GetEndpoint", _ => In(EndpointState.Ready));
        _garden.On<ListEndpointsRequest>("ListEndpoints", _ => new ListEndpointsResponse { Endpoints = { In(EndpointState.Asleep) } });
        Watch(In(EndpointState.Fetching, "2 of 4 MB", 0.5), In(EndpointState.Starting, "loading"), In(EndpointState.Ready));
    }

    public async ValueTask DisposeAsync()
    {
        _machine.Dispose();
        await _garden.DisposeAsync();
    }

    private static Endpoint In(EndpointState state, string reason = "", double progress = 0) => new()
    {
        Name = "tiny", Tenant = "acme", Repository = "acme/tiny", Revision = Commit, State = state, Reason = reason, Progress = progress, Generation = 1,
        Protocol = "openai", Runtime = "gguf-node", Licenses = { "kjv-1.0" },
        Scaling = new() { MaximumReplicas = 3, IdleTimeout = Duration.FromTimeSpan(TimeSpan.FromMinutes(15)) },
    };

    private void Watch(params Endpoint[] states) => _garden.OnStream<GetEndpointRequest>("WatchEndpoint", (_, _) => states.ToAsyncEnumerable());

    [Fact]
    public async Task Deploy_AModel_WaitsUntilItAnswers()
    {
        var ran = (await _machine.RunAsync("deploy", "acme/Tiny_Llama@v1", "--file", "a.gguf", "--min", "0", "--max", "2", "--idle", "1h30m")).Ok();

        Assert.Equal(
            new CreateEndpointRequest
            {
                Name = "tiny-llama", Repository = "acme/Tiny_Llama", Revision = "v1", File = "a.gguf",
                Scaling = new() { MaximumReplicas = 2, IdleTimeout = Duration.FromTimeSpan(TimeSpan.FromMinutes(90)) },
            },
            _created);
        Assert.Contains("tiny: fetching 50%: 2 of 4 MB\ntiny: starting: loading\ntiny: ready\n", ran.Err, StringComparison.Ordinal);
        Assert.Contains("garden chat tiny", ran.Err, StringComparison.Ordinal);
        Assert.Matches(@"state +ready\n", ran.Out);
    }

    [Fact]
    public async Task Deploy_OnATerminal_ChangesOneLine()
    {
        _machine.IsTerminal = true;

        var ran = (await _machine.RunAsync("deploy", "acme/tiny")).Ok();

        Assert.Contains("\r\u001b[Ktiny: fetching 50%: 2 of 4 MB\r\u001b[K", ran.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deploy_NoWait_ComesBackAtOnce()
    {
        var ran = (await _machine.RunAsync("deploy", "acme/tiny", "--name", "other", "--no-wait", "--json")).Ok();

        Assert.Equal("ENDPOINT_STATE_FETCHING", (string?)ran.Json["state"]);
        Assert.Equal(("other", null), (_created!.Name, _created.Scaling));
        Assert.Single(_garden.Requests);
    }

    [Fact]
    public async Task Deploy_InJson_IsOneDocument() =>
        Assert.Equal("ENDPOINT_STATE_READY", (string?)(await _machine.RunAsync("deploy", "acme/tiny", "--json")).Ok().Json["state"]);

    [Fact]
    public async Task Deploy_LicenceNotAccepted_SaysTheNextCommand()
    {
        _garden.Refuse("CreateEndpoint", 403, "LICENSE_NOT_ACCEPTED", "kjv-1.0 is not accepted by acme");
        _garden.On<ResolveRevisionRequest>("ResolveRevision", _ => new ResolveRevisionResponse { Record = new() { Declared = new() { Licenses = { "kjv-1.0", "mit" } } } });
        _garden.On<GetLicenseRequest>("GetLicense", request => new License { Id = request.Id, RequiresAcceptance = request.Id is "kjv-1.0" });

        var ran = await _machine.RunAsync("deploy", "acme/tiny");

        Assert.Equal(ExitCodes.Failed, ran.Code);
        Assert.Equal("error: kjv-1.0 is not accepted by acme (LICENSE_NOT_ACCEPTED)\nnext: garden licenses accept kjv-1.0   (by an admin or legal of your tenant)\n", ran.Err);
    }

    [Fact]
    public async Task Deploy_RefusalThatNamesTheCommand_IsNotSaidTwice()
    {
        _garden.Refuse("CreateEndpoint", 403, "LICENSE_NOT_ACCEPTED", "acme has not accepted kjv-1.0; admin of acme can change that: garden licenses accept kjv-1.0");
        _garden.On<ResolveRevisionRequest>("ResolveRevision", _ => new ResolveRevisionResponse { Record = new() { Declared = new() { Licenses = { "kjv-1.0" } } } });
        _garden.On<GetLicenseRequest>("GetLicense", request => new License { Id = request.Id, RequiresAcceptance = true });

        var ran = await _machine.RunAsync("deploy", "acme/tiny");

        Assert.Equal("error: acme has not accepted kjv-1.0; admin of acme can change that: garden licenses accept kjv-1.0 (LICENSE_NOT_ACCEPTED)\n", ran.Err);
    }

    [Fact]
    public async Task Deploy_EngineFails_SaysWhy()
    {
        Watch(In(EndpointState.Failed, "the engine ended with code 1"));

        var ran = await _machine.RunAsync("deploy", "acme/tiny");

        Assert.Equal(ExitCodes.Failed, ran.Code);
        Assert.Contains("cannot run: the engine ended with code 1 (ENDPOINT_FAILED)\nnext: garden endpoints logs tiny", ran.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deploy_LicenceWithdrawnMeanwhile_SaysWhy()
    {
        Watch(In(EndpointState.Blocked, "acme has withdrawn its acceptance of mit"));

        var ran = await _machine.RunAsync("deploy", "acme/tiny");

        Assert.Equal(ExitCodes.Failed, ran.Code);
        Assert.Contains("endpoint 'tiny' is blocked: acme has withdrawn its acceptance of mit (ENDPOINT_BLOCKED)\n", ran.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deploy_WatchBreaks_LooksAgain()
    {
        var calls = 0;
        _garden.OnStream<GetEndpointRequest>("WatchEndpoint", (_, context) => calls++ is 0
            ? Broken(In(EndpointState.Fetching), context.Abort)
            : new[] { In(EndpointState.Ready) }.ToAsyncEnumerable());

        (await _machine.RunAsync("deploy", "acme/tiny")).Ok();

        Assert.Equal(2, calls);
    }

    [Fact]
    public async Task Deploy_WatchBreaksWithAnError_SaysIt()
    {
        _garden.OnStream<GetEndpointRequest>("WatchEndpoint", (_, _) => Broken(In(EndpointState.Fetching), () => throw new Refused(503, "GOING_DOWN", "the service stops")));

        var ran = await _machine.RunAsync("deploy", "acme/tiny");

        Assert.Equal(ExitCodes.Failed, ran.Code);
        Assert.Contains("the service stops (GOING_DOWN)", ran.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deploy_Interrupted_EndsWith130()
    {
        using var interrupt = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        _garden.OnStream<GetEndpointRequest>("WatchEndpoint", (_, context) => Waiting(In(EndpointState.Fetching), interrupt, context.RequestAborted));

        Assert.Equal(ExitCodes.Interrupted, (await _machine.RunAsync(interrupt.Token, "deploy", "acme/tiny")).Code);
    }

    [Theory]
    [InlineData("--idle", "soon")]
    [InlineData("--min", "-1")]
    [InlineData("--max", "17")]
    [InlineData("--name", "No Good")]
    [InlineData("--patience", "8d")]
    public async Task Deploy_BadOption_IsWrongUsage(string option, string value)
    {
        var ran = await _machine.RunAsync("deploy", "acme/tiny", option, value);

        Assert.Equal(ExitCodes.Usage, ran.Code);
        Assert.Contains("see: garden deploy --help", ran.Err, StringComparison.Ordinal);
        Assert.Empty(_garden.Requests);
    }

    [Fact]
    public async Task List_Endpoints_InTableAndJson()
    {
        Assert.Contains("tiny      asleep  acme/tiny@cccccccccccc  gguf-node", (await _machine.RunAsync("endpoints", "list")).Ok().Out, StringComparison.Ordinal);
        Assert.Equal("tiny", (string?)(await _machine.RunAsync("endpoints", "list", "--json")).Ok().Json["endpoints"]![0]!["name"]);
    }

    [Fact]
    public async Task Show_AnEndpoint_SaysHowToCallIt() =>
        Assert.Contains($"{_garden.Address}/v1, model tiny", (await _machine.RunAsync("endpoints", "show", "tiny")).Ok().Out, StringComparison.Ordinal);

    [Fact]
    public async Task Logs_Follow_ComeAsTheyAreWritten()
    {
        ReadLogsRequest? asked = null;
        using var interrupt = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        _garden.OnStream<ReadLogsRequest>("ReadLogs", (request, context) =>
        {
            asked = request;
            return Waiting(new LogLine { Replica = "r1", Text = "loaded \u001b[1mall" }, interrupt, context.RequestAborted);
        });
        _machine.Out = new InterruptingWriter(interrupt, "loaded");

        var ran = await _machine.RunAsync(interrupt.Token, "endpoints", "logs", "tiny", "--follow", "--tail", "5");

        Assert.Equal((true, 5), (asked!.Follow, asked.Tail));
        Assert.Equal(ExitCodes.Interrupted, ran.Code);
    }

    [Fact]
    public async Task Logs_InJson_AreALineEach()
    {
        _garden.OnStream<ReadLogsRequest>("ReadLogs", (_, _) => new[] { new LogLine { Text = "one" }, new LogLine { Text = "two" } }.ToAsyncEnumerable());

        var lines = (await _machine.RunAsync("endpoints", "logs", "tiny", "--json")).Ok().Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(["one", "two"], lines.Select(line => (string?)System.Text.Json.Nodes.JsonNode.Parse(line)!["text"]));
    }

    [Fact]
    public async Task Update_IdleOnly_KeepsTheRestOfTheScaling()
    {
        UpdateEndpointRequest? sent = null;
        _garden.On<UpdateEndpointRequest>("UpdateEndpoint", request =>
        {
            sent = request;
            return In(EndpointState.Ready);
        });

        (await _machine.RunAsync("endpoints", "update", "tiny", "--idle", "5m", "--no-wait")).Ok();

        Assert.Equal(new Scaling { MaximumReplicas = 3, IdleTimeout = Duration.FromTimeSpan(TimeSpan.FromMinutes(5)) }, sent!.Scaling);
        Assert.Equal(ExitCodes.Usage, (await _machine.RunAsync("endpoints", "update", "tiny")).Code);
    }

    [Fact]
    public async Task Update_Revision_WaitsForThatRevision()
    {
        var wished = In(EndpointState.Ready);
        (wished.Revision, wished.Generation) = (new('e', 40), 2);
        var beside = wished.Clone();
        beside.Replicas.Add(new Replica { State = ReplicaState.Ready, Revision = Commit });
        var done = wished.Clone();
        done.Replicas.Add(new Replica { State = ReplicaState.Ready, Revision = wished.Revision });
        _garden.On<UpdateEndpointRequest>("UpdateEndpoint", _ => beside);
        Watch(In(EndpointState.Ready), beside, done);

        var ran = (await _machine.RunAsync("endpoints", "update", "tiny", "--revision", "v2", "--json")).Ok();

        Assert.Equal(wished.Revision, (string?)ran.Json["replicas"]![0]!["revision"]);
    }

    [Fact]
    public async Task Delete_Confirmed_IsAsked()
    {
        _garden.On<DeleteEndpointRequest>("DeleteEndpoint", _ => new DeleteEndpointResponse());

        Assert.Equal(ExitCodes.Usage, (await _machine.RunAsync("endpoints", "delete", "tiny")).Code);
        Assert.Empty(_garden.Requests);
        (await _machine.RunAsync("endpoints", "delete", "tiny", "--yes")).Ok();
        Assert.Equal("DELETE", _garden.Requests.Single().Verb);
    }

    private static async IAsyncEnumerable<IMessage> Broken(IMessage first, System.Action end)
    {
        yield return first;
        await Task.Yield();
        end();
    }

    private static async IAsyncEnumerable<IMessage> Waiting(IMessage first, CancellationTokenSource interrupt, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken aborted)
    {
        yield return first;
        if (first is Endpoint)
        {
            await interrupt.CancelAsync();
        }

        await Task.Delay(Timeout.Infinite, aborted);
    }

    /// <summary>A person who presses Ctrl-C when he has read enough.</summary>
    private sealed class InterruptingWriter(CancellationTokenSource interrupt, string enough) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            if (value!.Contains(enough, StringComparison.Ordinal))
            {
                interrupt.Cancel();
            }
        }
    }
}
