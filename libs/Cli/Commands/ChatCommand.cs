using System.CommandLine;
using System.Globalization;
using System.Text;
using ModelGarden.Cli.Garden;
using ModelGarden.Cli.Output;

namespace ModelGarden.Cli.Commands;

/// <summary><c>garden chat</c>: one question, from the command line or a pipe, or a conversation.</summary>
internal static class ChatCommand
{
    private const int LongestMessage = 1 << 20;

    public static Command Build(App app)
    {
        var endpoint = Parsed.Endpoint();
        var message = new Argument<string?>("MESSAGE") { Description = "What to say; from the standard input if it is a pipe; neither: a conversation", Arity = ArgumentArity.ZeroOrOne };
        var system = Parsed.Text("--system", "TEXT", "What the model is told beforehand");
        var tokens = Parsed.Number("--max-tokens", "The answer has at most so many tokens", 1, 1_000_000);
        var temperature = Parsed.Optional("--temperature", "T", "0 to 2: how freely it chooses its words", TemperatureOf);
        return app.Handle(
            new("chat", "Talk to an endpoint") { endpoint, message, system, tokens, temperature },
            async (session, parsed, cancellationToken) =>
            {
                var chat = new Conversation(session, parsed.GetValue(endpoint), parsed.GetValue(system), parsed.GetValue(tokens), parsed.GetValue(temperature));
                var only = parsed.GetValue(message) ?? await PipedAsync(session.Terminal, cancellationToken);
                await HelpAsync(session, parsed.GetValue(endpoint), only is null ? chat.RunAsync(cancellationToken) : chat.SayAsync(only, cancellationToken), cancellationToken);
            });
    }

    /// <summary>A refusal for a licence's sake says which command would accept it.</summary>
    private static async Task HelpAsync(Session session, EndpointName endpoint, Task talk, CancellationToken cancellationToken)
    {
        try
        {
            await talk;
        }
        catch (ErrorException exception) when (exception.Error.Reason is "LICENSE_NOT_ACCEPTED")
        {
            throw await LicenseStanding.NextStepAsync(session.Garden, endpoint, cancellationToken) is { } next ? new FailureException(exception.Error, next) : exception;
        }
    }

    private static Result<double> TemperatureOf(string? text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value is >= 0 and <= 2
            ? value
            : Error.Invalid("BAD_TEMPERATURE", $"'{Text.Shorten(text)}' is not a temperature: a number from 0 to 2 is expected");

    /// <summary>Null: there is no pipe but a person.</summary>
    private static async Task<string?> PipedAsync(Terminal terminal, CancellationToken cancellationToken)
    {
        if (terminal.IsInputTerminal)
        {
            return null;
        }

        var text = new StringBuilder();
        var buffer = new char[4096];
        for (int read; (read = await Task.Run(() => terminal.In().Read(buffer), CancellationToken.None).WaitAsync(cancellationToken)) > 0;)
        {
            text.Append(buffer, 0, read);
            if (text.Length > LongestMessage)
            {
                throw new ErrorException(Error.Invalid("MESSAGE_TOO_LONG", $"the standard input has more than {LongestMessage} characters"));
            }
        }

        return text.Length > 0 ? text.ToString() : throw new UsageException("the standard input is empty: give a message");
    }
}

/// <summary>What was said so far with one endpoint.</summary>
internal sealed class Conversation(Session session, EndpointName endpoint, string? system, int? maximumTokens, double? temperature)
{
    private readonly List<ChatMessage> _said = system is null ? [] : [new("system", system)];

    /// <summary>Until the end of the input, or <c>/exit</c>.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        session.Out.Note($"talking to {endpoint}; /reset begins anew, /exit or Ctrl-D ends");
        while (await AskAsync(cancellationToken) is { } line and not "/exit")
        {
            if (line is "/reset")
            {
                _said.RemoveAll(message => message.Role is not "system");
            }
            else if (line.Length > 0)
            {
                await TryAsync(line, cancellationToken);
            }
        }
    }

    public async Task SayAsync(string message, CancellationToken cancellationToken)
    {
        _said.Add(new("user", message));
        var answer = new StringBuilder();
        string? finish = null;
        using var status = new StatusLine(session.Terminal, session.Out.IsJson || !session.Terminal.IsErrorTerminal);
        status.Show($"waiting for {endpoint}…");
        await foreach (var piece in session.Chat.AskAsync(new(endpoint.Value, _said, maximumTokens, temperature), cancellationToken))
        {
            status.Dispose();
            answer.Append(piece.Text);
            finish = piece.Finish ?? finish;
            Show(piece);
        }

        End(answer.ToString(), finish);
    }

    private void Show(ChatPiece piece)
    {
        if (session.Out.IsJson)
        {
            session.Out.JsonLine(piece.Json);
        }
        else if (piece.Text.Length > 0)
        {
            session.Out.Piece(piece.Text);
        }
    }

    private void End(string answer, string? finish)
    {
        _said.Add(new("assistant", answer));
        if (!session.Out.IsJson)
        {
            session.Out.Line();
        }

        if (finish is "length" && session.Terminal.IsErrorTerminal)
        {
            session.Out.Note("(cut off at the token limit)");
        }
    }

    private async Task<string?> AskAsync(CancellationToken cancellationToken)
    {
        await session.Terminal.Err.WriteAsync("> ");
        return (await session.Terminal.ReadLineAsync(cancellationToken))?.Trim();
    }

    /// <summary>A refused or broken answer does not end the conversation; what was not answered was not said.</summary>
    private async Task TryAsync(string line, CancellationToken cancellationToken)
    {
        var before = _said.Count;
        try
        {
            await SayAsync(line, cancellationToken);
        }
        catch (ErrorException exception) when (exception.Error.Code is ErrorCode.Unavailable or ErrorCode.ResourceExhausted)
        {
            _said.RemoveRange(before, _said.Count - before);
            session.Out.Line();
            session.Out.Fail(exception.Error, null);
        }
    }
}
