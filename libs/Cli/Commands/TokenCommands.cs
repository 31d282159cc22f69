using System.CommandLine;
using ModelGarden.Cli.Garden;
using ModelGarden.Cli.Output;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Commands;

/// <summary><c>garden tokens …</c>. A new token's secret is the one secret that is ever written, once, as that command's result.</summary>
internal static class TokenCommands
{
    public static Command Build(App app) => new("tokens", "Access tokens") { Create(app), List(app), Revoke(app) };

    private static Command Create(App app)
    {
        var account = Parsed.Text("--account", "ACCOUNT", "Whose; else yours");
        var title = Parsed.Text("--display-name", "TEXT", "What it is for");
        var scopes = Parsed.Texts("--scope", "SCOPE", "read, write, deploy, call, curate, admin; all that your own token has if none is given");
        var days = Parsed.Number("--days", "Good for so many days; 90 if not given", 1, 366);
        return app.Handle(
            new("create", "Make a token; its secret is shown once, alone on the standard output") { account, title, scopes, days },
            async (session, parsed, cancellationToken) =>
            {
                var request = new CreateTokenRequest
                {
                    Account = parsed.GetValue(account) ?? "",
                    DisplayName = parsed.GetValue(title) ?? "",
                    LifetimeDays = parsed.GetValue(days) ?? 0,
                };
                request.Scopes.Add(parsed.GetValue(scopes));
                Show(session, await session.Garden.CreateTokenAsync(request, cancellationToken));
            });
    }

    private static Command List(App app)
    {
        var account = Parsed.Text("--account", "ACCOUNT", "Whose; else yours");
        return app.Handle(
            new("list", "Tokens, without their secrets") { account },
            async (session, parsed, cancellationToken) =>
            {
                var tokens = await session.Garden.ListTokensAsync(new() { Account = parsed.GetValue(account) ?? "" }, cancellationToken);
                if (session.Out.IsJson)
                {
                    session.Out.Json(tokens);
                    return;
                }

                session.Out.Table(
                    ["id", "account", "name", "scopes", "created", "expires", "last used", "state"],
                    [.. tokens.Tokens.Select(token => Row(token, session.Terminal.Clock.GetUtcNow()))]);
            });
    }

    private static Command Revoke(App app)
    {
        var id = new Argument<string>("ID") { Description = "The token's id, from garden tokens list" };
        return app.Handle(
            new("revoke", "Make a token worthless at once") { id },
            async (session, parsed, cancellationToken) =>
            {
                var token = await session.Garden.RevokeTokenAsync(new() { Id = parsed.GetRequiredValue(id) }, cancellationToken);
                if (session.Out.IsJson)
                {
                    session.Out.Json(token);
                    return;
                }

                session.Out.Note($"token {token.Id} of {token.Account} is revoked");
            });
    }

    private static void Show(Session session, CreateTokenResponse created)
    {
        if (session.Out.IsJson)
        {
            session.Out.Json(created);
            return;
        }

        var token = created.Token ?? new();
        session.Out.Note($"token {token.Id} of {token.Account}, for {string.Join(", ", token.Scopes)}, until {Plain.Time(token.ExpiresAt)}; this is shown once:");
        session.Out.Line(created.Secret);
    }

    private static IReadOnlyList<Cell> Row(Token token, DateTimeOffset now) =>
    [
        token.Id,
        token.Account,
        token.DisplayName,
        string.Join(", ", token.Scopes),
        Plain.Time(token.CreatedAt),
        Plain.Time(token.ExpiresAt),
        Plain.Time(token.LastUsedAt),
        token switch
        {
            { RevokedAt: not null } => new Cell("revoked", Tone.Bad),
            { ExpiresAt: { } end } when end.ToDateTimeOffset() <= now => new Cell("expired", Tone.Bad),
            _ => new Cell("good", Tone.Good),
        },
    ];
}
