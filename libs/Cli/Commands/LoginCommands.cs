using System.CommandLine;
using System.Text.Json.Nodes;
using ModelGarden.Cli.Garden;
using ModelGarden.Cli.Output;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Commands;

/// <summary><c>garden login</c>, <c>logout</c>, <c>whoami</c>.</summary>
internal static class LoginCommands
{
    /// <summary>What engineers do all day; nobody's token decides what the garden shows, or administers it, because nothing was said.</summary>
    private static readonly string[] UsualScopes = ["read", "write", "deploy", "call"];

    public static IEnumerable<Command> Build(App app) => [Login(app), Logout(app), WhoAmI(app)];

    private static Command Login(App app)
    {
        var address = new Argument<string?>("URL") { Description = "The garden's address", Arity = ArgumentArity.ZeroOrOne };
        var token = Parsed.Text("--token", "TOKEN", "A token that you have; else GARDEN_TOKEN");
        var typed = new Option<bool>("--with-token") { Description = "A token that you have: it is asked for and not shown, or read from the standard input" };
        var device = new Option<bool>("--device") { Description = "By a code that you type in any browser, also where nobody types here" };
        var scopes = Parsed.Texts("--scope", "SCOPE", $"What to log in for by a code: read, write, deploy, call, curate, admin; {string.Join(", ", UsualScopes)} if none is given");
        return app.Handle(
            new("login", "Log in to a garden, and keep its token for the commands that follow: by a code that you type in any browser, or with a token that you have") { address, token, typed, device, scopes },
            async (session, parsed, cancellationToken) =>
            {
                var garden = parsed.GetValue(address) is { } given ? AddressOf(given) : session.Address;
                var (has, asked) = (parsed.GetValue(token), parsed.GetValue(scopes) is { Length: > 0 } some ? some : null);
                var byCode = parsed.GetValue(device) || asked is not null;
                if (byCode && (has is not null || parsed.GetValue(typed)))
                {
                    throw new UsageException("a token has its scopes, and needs no code: leave --device and --scope out, or --token and --with-token");
                }

                var secret = byCode || parsed.GetValue(typed) ? null : has ?? session.Terminal.Variable("GARDEN_TOKEN");
                await (secret is not null ? LogInAsync(session, garden, secret, "", cancellationToken)
                    : byCode || (session.Terminal.IsInputTerminal && !parsed.GetValue(typed)) ? LogInByCodeAsync(session, garden, asked ?? UsualScopes, cancellationToken)
                    : LogInAsync(session, garden, has ?? await AskAsync(session, garden, cancellationToken), "", cancellationToken));
            });
    }

    private static Command Logout(App app)
    {
        var address = new Argument<string?>("URL") { Description = "The garden's address; else the current one", Arity = ArgumentArity.ZeroOrOne };
        return app.Handle(
            new("logout", "Forget a garden's token here. One that you logged in to by a code ends everywhere; one that you had goes on being good: see garden tokens revoke") { address },
            async (session, parsed, cancellationToken) =>
            {
                var garden = parsed.GetValue(address) is { } given ? AddressOf(given) : session.Address;
                var (token, client) = (session.Settings.TokenOf(garden), session.Settings.ClientOf(garden));
                if (!session.Settings.Remove(garden))
                {
                    throw new ErrorException(Error.NotFound("NOT_LOGGED_IN", $"there is no login to {garden} here"));
                }

                if (client is DeviceLogin.Client && token is not null)
                {
                    await RevokeAsync(session, garden, token, cancellationToken);
                    session.Out.Note($"the token for {garden} is forgotten, and has ended");
                    return;
                }

                session.Out.Note($"the token for {garden} is forgotten");
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

    private static async Task LogInByCodeAsync(Session session, GardenAddress garden, string[] scopes, CancellationToken cancellationToken)
    {
        using var transport = session.Connect(garden, null);
        using var line = new StatusLine(session.Terminal, session.Out.IsJson);
        var token = await new DeviceLogin(session.Terminal, transport).RunAsync(
            scopes,
            invitation =>
            {
                session.Out.Ask(
                    $"open {invitation.Page} in any browser, sign in, and type the code {invitation.Code}",
                    new JsonObject { ["login"] = new JsonObject { ["page"] = invitation.Page, ["code"] = invitation.Code } });
                line.Show("waiting until you have");
            },
            cancellationToken);
        line.Dispose();
        await LogInAsync(session, garden, token, DeviceLogin.Client, cancellationToken);
    }

    private static async Task LogInAsync(Session session, GardenAddress garden, string token, string client, CancellationToken cancellationToken)
    {
        token = token.Trim();
        if (token.Length is 0)
        {
            throw new UsageException("no token was given: pass --token, set GARDEN_TOKEN, type it when asked, or log in with --device");
        }

        if (garden.IsPlainToOthers)
        {
            session.Out.Note($"warning: {garden} is not encrypted: whoever listens on the way can read the token");
        }

        using var transport = session.Connect(garden, token);
        var principal = await new GardenClient(transport).WhoAmIAsync(cancellationToken);
        session.Settings.Add(garden, token, (principal.Name, client));
        if (session.Out.IsJson)
        {
            session.Out.Json(principal);
        }
        else
        {
            Show(session, principal, garden);
        }
    }

    /// <summary>It is forgotten here already: a garden that does not answer keeps nobody logged in.</summary>
    private static async Task RevokeAsync(Session session, GardenAddress garden, string token, CancellationToken cancellationToken)
    {
        using var transport = session.Connect(garden, null);
        try
        {
            await new DeviceLogin(session.Terminal, transport).RevokeAsync(token, cancellationToken);
        }
        catch (Exception exception) when (exception is NotReachableException or ErrorException && !cancellationToken.IsCancellationRequested)
        {
            throw new NotReachableException($"the token is forgotten here and goes on being good, for {exception.Message}; end it at {garden}/account/programs", exception);
        }
    }

    private static void Show(Session session, Principal principal, GardenAddress garden) => session.Out.Facts(
        ("garden", garden.ToString()),
        ("account", principal.Name),
        ("kind", Plain.Name(principal.Kind)),
        ("tenant", principal.Tenant),
        ("roles", string.Join(", ", principal.Roles)),
        ("scopes", string.Join(", ", principal.Scopes)));
}
