using System.CommandLine;
using ModelGarden.Cli.Garden;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Commands;

/// <summary><c>garden login</c>, <c>logout</c>, <c>whoami</c>.</summary>
internal static class LoginCommands
{
    public static IEnumerable<Command> Build(App app) => [Login(app), Logout(app), WhoAmI(app)];

    private static Command Login(App app)
    {
        var address = new Argument<string?>("URL") { Description = "The garden's address", Arity = ArgumentArity.ZeroOrOne };
        var token = Parsed.Text("--token", "TOKEN", "The token; else GARDEN_TOKEN, else it is asked for, else read from the standard input");
        return app.Handle(
            new("login", "Log in to a garden: checks a token and keeps it for the commands that follow") { address, token },
            async (session, parsed, cancellationToken) =>
            {
                var garden = parsed.GetValue(address) is { } given ? AddressOf(given) : session.Address;
                var secret = parsed.GetValue(token) ?? session.Terminal.Variable("GARDEN_TOKEN") ?? await AskAsync(session, garden, cancellationToken);
                await LogInAsync(session, garden, secret, cancellationToken);
            });
    }

    private static Command Logout(App app)
    {
        var address = new Argument<string?>("URL") { Description = "The garden's address; else the current one", Arity = ArgumentArity.ZeroOrOne };
        return app.Handle(
            new("logout", "Forget a garden's token here; the token itself goes on being good: see garden tokens revoke") { address },
            (session, parsed, _) =>
            {
                var garden = parsed.GetValue(address) is { } given ? AddressOf(given) : session.Address;
                if (!session.Settings.Remove(garden))
                {
                    throw new ErrorException(Error.NotFound("NOT_LOGGED_IN", $"there is no login to {garden} here"));
                }

                session.Out.Note($"the token for {garden} is forgotten");
                return Task.CompletedTask;
            });
    }

    private static Command WhoAmI(App app) => app.Handle(
        new("whoami", "Who the garden takes you for"),
        async (session, _, cancellationToken) =>
        {
            var principal = await session.Garden.WhoAmIAsync(cancellationToken);
            if (session.Out.IsJson)
            {
                session.Out.Json(principal);
            }
            else
            {
                Show(session, principal, session.Address);
            }
        });

    private static GardenAddress AddressOf(string text) =>
        GardenAddress.Create(text) switch { { Error: { } error } => throw new UsageException(error.Message), var address => address.Value };

    private static async Task<string> AskAsync(Session session, GardenAddress garden, CancellationToken cancellationToken)
    {
        if (!session.Terminal.IsInputTerminal)
        {
            return await session.Terminal.ReadLineAsync(cancellationToken) ?? "";
        }

        await session.Terminal.Err.WriteAsync($"token for {garden} (not shown): ");
        var secret = await session.Terminal.ReadSecretAsync(cancellationToken);
        await session.Terminal.Err.WriteLineAsync();
        return secret;
    }

    private static async Task LogInAsync(Session session, GardenAddress garden, string token, CancellationToken cancellationToken)
    {
        token = token.Trim();
        if (token.Length is 0)
        {
            throw new UsageException("no token was given: pass --token, set GARDEN_TOKEN, or type it when asked");
        }

        if (garden.IsPlainToOthers)
        {
            session.Out.Note($"warning: {garden} is not encrypted: whoever listens on the way can read the token");
        }

        using var transport = session.Connect(garden, token);
        var principal = await new GardenClient(transport).WhoAmIAsync(cancellationToken);
        session.Settings.Add(garden, token, principal.Name);
        if (session.Out.IsJson)
        {
            session.Out.Json(principal);
        }
        else
        {
            Show(session, principal, garden);
        }
    }

    private static void Show(Session session, Principal principal, GardenAddress garden) => session.Out.Facts(
        ("garden", garden.ToString()),
        ("account", principal.Name),
        ("kind", Output.Plain.Name(principal.Kind)),
        ("tenant", principal.Tenant),
        ("roles", string.Join(", ", principal.Roles)),
        ("scopes", string.Join(", ", principal.Scopes)));
}
