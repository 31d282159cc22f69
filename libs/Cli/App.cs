using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using ModelGarden.Cli.Commands;
using ModelGarden.Cli.Output;

namespace ModelGarden.Cli;

/// <summary>The command line as a whole: builds the commands, runs one, and turns what went wrong into words and an exit code.</summary>
internal sealed class App
{
    private readonly Terminal _terminal;
    private readonly RootCommand _root = new("The command line of a model garden: find a model, accept its licence, deploy it, call it.");

    public App(Terminal terminal)
    {
        _terminal = terminal;
        // Without Windows' "/?" and "/h", which completions would offer too.
        _root.Options.Remove(_root.Options.OfType<HelpOption>().Single());
        _root.Options.Add(new HelpOption("--help", "-h", "-?"));
        _root.Options.Add(GardenOption);
        _root.Options.Add(JsonOption);
        foreach (var command in All())
        {
            _root.Subcommands.Add(command);
        }
    }

    public Option<string?> GardenOption { get; } = new("--garden")
    {
        Description = "The garden's address; else GARDEN_URL, else the one of the last login",
        HelpName = "URL",
        Recursive = true,
    };

    public Option<bool> JsonOption { get; } = new("--json")
    {
        Description = "Answer in JSON, for programs; streams one object a line",
        Recursive = true,
    };

    public async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        // No @file arguments: a message to a model may begin with @.
        var parsed = _root.Parse(arguments, new() { ResponseFileTokenReplacer = null });
        if (parsed.Action is ParseErrorAction)
        {
            return ShowMistakes(parsed, arguments.Count is 0);
        }

        var settings = new InvocationConfiguration
        {
            Output = _terminal.Out,
            Error = _terminal.Err,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        return await parsed.InvokeAsync(settings, cancellationToken);
    }

    /// <summary>Makes a command do something.</summary>
    public Command Handle(Command command, Func<Session, ParseResult, CancellationToken, Task> handler)
    {
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed, handler, cancellationToken));
        return command;
    }

    private IEnumerable<Command> All() =>
    [
        .. LoginCommands.Build(this),
        ModelCommands.Build(this),
        DatasetCommands.Build(this),
        LicenseCommands.Build(this),
        PolicyCommands.Build(this),
        WhyCommand.Build(this),
        AuditCommands.Build(this),
        CollectionCommands.Build(this),
        ReportCommands.Build(this),
        DeployCommand.Build(this),
        EndpointCommands.Build(this),
        ChatCommand.Build(this),
        UsageCommand.Build(this),
        AccountCommands.Build(this),
        InvitationCommands.Build(this),
        TokenCommands.Build(this),
        GrantCommands.Build(this),
        ClientCommands.Build(this),
        TrustCommands.Build(this),
        TenantCommands.Build(this),
        CompletionCommand.Build(_terminal),
    ];

    private async Task<int> RunAsync(ParseResult parsed, Func<Session, ParseResult, CancellationToken, Task> handler, CancellationToken cancellationToken)
    {
        using var session = new Session(_terminal, parsed.GetValue(GardenOption), parsed.GetValue(JsonOption));
        try
        {
            await handler(session, parsed, cancellationToken);
            return ExitCodes.Done;
        }
        catch (Exception exception) when (cancellationToken.IsCancellationRequested && IsBreak(exception))
        {
            session.Out.Note("interrupted");
            return ExitCodes.Interrupted;
        }
        catch (Exception exception) when (Judge(exception) is { } failure)
        {
            session.Out.Fail(failure.Error, failure.Next);
            return failure.ExitCode;
        }
    }

    private static bool IsBreak(Exception exception) => exception is OperationCanceledException or IOException or NotReachableException;

    /// <summary>What an expected failure means; null: a bug, to be seen with its stack.</summary>
    private static Failure? Judge(Exception exception) => exception switch
    {
        FailureException failure => new(ExitCodes.Failed, failure.Error, failure.Next),
        ErrorException failure => new(ExitCodes.Failed, failure.Error, NextAfter(failure.Error)),
        UsageException => new(ExitCodes.Usage, Error.Invalid("USAGE", exception.Message), null),
        NotReachableException => new(ExitCodes.NotReachable, Error.Unavailable("NOT_REACHABLE", exception.Message), null),
        HttpIOException => new(ExitCodes.NotReachable, Error.Unavailable("NOT_REACHABLE", exception.Message), null),
        UnauthorizedAccessException or IOException => new(ExitCodes.Failed, Error.Conflict("FILE_ERROR", exception.Message), null),
        _ => null,
    };

    private static NextStep? NextAfter(Error error) => error.Code is ErrorCode.Unauthenticated ? new("garden login") : null;

    private int ShowMistakes(ParseResult parsed, bool empty)
    {
        var command = parsed.CommandResult.Command;
        if (empty)
        {
            _root.Parse(["--help"]).Invoke(new() { Output = _terminal.Err });
            return ExitCodes.Usage;
        }

        foreach (var mistake in parsed.Errors)
        {
            _terminal.Err.WriteLine($"error: {Plain.Clean(mistake.Message)}");
        }

        var path = string.Join(' ', Path(command).Reverse());
        _terminal.Err.WriteLine($"see: {path} --help");
        return ExitCodes.Usage;
    }

    private static IEnumerable<string> Path(Symbol command)
    {
        for (var at = command; at is not null; at = at.Parents.FirstOrDefault())
        {
            yield return at is RootCommand ? "garden" : at.Name;
        }
    }

    private sealed record Failure(int ExitCode, Error Error, NextStep? Next);
}
