using System.CommandLine;
using Google.Protobuf.WellKnownTypes;
using ModelGarden.Cli.Garden;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Commands;

/// <summary><c>garden deploy</c>: wishes for an endpoint and waits until it answers.</summary>
internal static class DeployCommand
{
    public static Command Build(App app)
    {
        var model = Parsed.Model();
        var name = Parsed.Optional("--name", "ENDPOINT", "The endpoint's name; else after the model's", EndpointName.Create);
        var file = Parsed.Text("--file", "PATH", "The file to serve, where the model has several; else the garden chooses");
        var scaling = new ScalingOptions();
        var wait = new WaitOptions();
        var command = new Command("deploy", "Serve a model: make an endpoint and wait until it answers") { model, name, file };
        scaling.AddTo(command);
        wait.AddTo(command);
        return app.Handle(command, async (session, parsed, cancellationToken) =>
        {
            var reference = parsed.GetValue(model);
            var request = new CreateEndpointRequest
            {
                Name = (parsed.GetValue(name) ?? EndpointName.After(reference.Name).OrThrow()).Value,
                Repository = reference.Name.Value,
                Revision = reference.Revision,
                File = parsed.GetValue(file) ?? "",
                Scaling = scaling.IsGiven(parsed) ? scaling.Over(parsed, new()) : null,
            };
            var endpoint = await CreateAsync(session, request, reference, cancellationToken);
            await wait.ShowAsync(session, parsed, endpoint, cancellationToken);
        });
    }

    /// <summary>A refusal for a licence's sake says which command would accept it.</summary>
    private static async Task<Endpoint> CreateAsync(Session session, CreateEndpointRequest request, ModelReference model, CancellationToken cancellationToken)
    {
        try
        {
            return await session.Garden.CreateEndpointAsync(request, cancellationToken);
        }
        catch (ErrorException exception) when (exception.Error is { Code: ErrorCode.PermissionDenied, Reason: "LICENSE_NOT_ACCEPTED" })
        {
            throw await LicenseStanding.NextStepAsync(session.Garden, model, cancellationToken) is { } next ? new FailureException(exception.Error, next) : exception;
        }
    }
}

/// <summary>How many replicas, and when they may sleep.</summary>
internal sealed class ScalingOptions
{
    private readonly Option<int?> _minimum = Parsed.Number("--min", "Replicas that always run; 0 lets the endpoint sleep", 0, 16);
    private readonly Option<int?> _maximum = Parsed.Number("--max", "Replicas at most", 1, 16);
    private readonly Option<TimeSpan?> _idle = Parsed.Optional("--idle", "SPAN", "Sleep after so long without a call, such as 15m", Durations.Create);

    public void AddTo(Command command)
    {
        command.Options.Add(_minimum);
        command.Options.Add(_maximum);
        command.Options.Add(_idle);
    }

    public bool IsGiven(ParseResult parsed) => parsed.GetValue(_minimum) is not null || parsed.GetValue(_maximum) is not null || parsed.GetValue(_idle) is not null;

    /// <summary>What was given over what stands: the garden takes a scaling whole.</summary>
    public Scaling Over(ParseResult parsed, Scaling standing)
    {
        var scaling = standing.Clone();
        scaling.MinimumReplicas = parsed.GetValue(_minimum) ?? scaling.MinimumReplicas;
        scaling.MaximumReplicas = parsed.GetValue(_maximum) ?? scaling.MaximumReplicas;
        scaling.IdleTimeout = parsed.GetValue(_idle) is { } idle ? Duration.FromTimeSpan(idle) : scaling.IdleTimeout;
        return scaling;
    }
}

/// <summary>Whether a command waits until an endpoint answers, and for how long.</summary>
internal sealed class WaitOptions
{
    private readonly Option<bool> _wait = new("--wait") { Description = "Wait until it answers; so it is if nothing is said", DefaultValueFactory = _ => true };
    private readonly Option<bool> _noWait = new("--no-wait") { Description = "Come back at once" };
    private readonly Option<TimeSpan?> _patience = Parsed.Optional("--patience", "SPAN", "Wait no longer than that; 30m if not given", PatienceOf);

    private static Result<TimeSpan> PatienceOf(string? text) => Durations.Create(text) is { Error: null, Value.TotalDays: > 7 }
        ? Error.Invalid("BAD_DURATION", $"'{Text.Shorten(text)}' is too long: 7d at most")
        : Durations.Create(text);

    public void AddTo(Command command)
    {
        command.Options.Add(_wait);
        command.Options.Add(_noWait);
        command.Options.Add(_patience);
    }

    public async Task ShowAsync(Session session, ParseResult parsed, Endpoint endpoint, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(_wait) && !parsed.GetValue(_noWait))
        {
            endpoint = await new EndpointWaiting(session, parsed.GetValue(_patience) ?? TimeSpan.FromMinutes(30)).UntilReadyAsync(endpoint, cancellationToken);
        }

        EndpointView.Show(session, endpoint);
        if (endpoint is { Protocol: "openai", State: EndpointState.Ready or EndpointState.Asleep })
        {
            session.Out.Note($"talk to it: garden chat {endpoint.Name} \"Hello\"");
        }
    }
}
