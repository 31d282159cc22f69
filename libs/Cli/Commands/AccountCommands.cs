using System.CommandLine;
using ModelGarden.Cli.Garden;
using ModelGarden.Cli.Output;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Commands;

/// <summary><c>garden accounts …</c>: for operators and admins.</summary>
internal static class AccountCommands
{
    public static Command Build(App app) => new("accounts", "People and programs of a tenant") { Create(app), List(app), ResetPassword(app), RemoveSecondFactor(app), SignOut(app) };

    private static Command Create(App app)
    {
        var name = Parsed.Argument("NAME", "The account's name", ShortName.Create);
        var tenant = Parsed.Text("--tenant", "TENANT", "Its tenant; else yours");
        var program = new Option<bool>("--service") { Description = "It is a program, not a person" };
        var roles = Parsed.Texts("--role", "ROLE", "admin, legal, engineer; by an operator also operator, curator, auditor; engineer if none is given");
        var title = Parsed.Text("--display-name", "TEXT", "For people");
        var email = Parsed.Text("--email", "ADDRESS", "For mail");
        return app.Handle(
            new("create", "Make an account") { name, tenant, program, roles, title, email },
            async (session, parsed, cancellationToken) =>
            {
                var request = new CreateAccountRequest
                {
                    Name = parsed.GetRequiredValue(name),
                    Tenant = parsed.GetValue(tenant) ?? "",
                    Kind = parsed.GetValue(program) ? PrincipalKind.ServiceAccount : PrincipalKind.Person,
                    DisplayName = parsed.GetValue(title) ?? "",
                    Email = parsed.GetValue(email) ?? "",
                };
                request.Roles.Add(parsed.GetValue(roles));
                Show(session, await session.Garden.CreateAccountAsync(request, cancellationToken), request.Kind is PrincipalKind.Person
                    ? $"for a way in: garden accounts reset-password {request.Name}, or garden tokens create --account {request.Name}"
                    : $"give it a token: garden tokens create --account {request.Name}");
            });
    }

    private static Command List(App app)
    {
        var tenant = Parsed.Text("--tenant", "TENANT", "Another tenant's, for operators");
        return app.Handle(
            new("list", "The accounts of a tenant") { tenant },
            async (session, parsed, cancellationToken) =>
            {
                var accounts = await session.Garden.ListAccountsAsync(new() { Tenant = parsed.GetValue(tenant) ?? "" }, cancellationToken);
                if (session.Out.IsJson)
                {
                    session.Out.Json(accounts);
                    return;
                }

                session.Out.Table(
                    ["account", "kind", "tenant", "name", "created", "state"],
                    [.. accounts.Accounts.Select(account => new Cell[]
                    {
                        account.Name, Plain.Name(account.Kind), account.Tenant, account.DisplayName, Plain.Time(account.CreatedAt), StateOf(account),
                    })]);
            });
    }

    private static Command ResetPassword(App app)
    {
        var name = Parsed.Argument("NAME", "The account's name", ShortName.Create);
        return app.Handle(
            new("reset-password", "Make a link by which a person sets a password, good once and for a day; shown once, alone on the standard output") { name },
            async (session, parsed, cancellationToken) =>
            {
                var reset = await session.Garden.CreatePasswordResetAsync(new() { Account = parsed.GetRequiredValue(name) }, cancellationToken);
                if (session.Out.IsJson)
                {
                    session.Out.Json(reset);
                    return;
                }

                session.Out.Note($"good once, until {Plain.Time(reset.ExpiresAt)}; give it to {parsed.GetRequiredValue(name)}:");
                session.Out.Line($"{session.Address}{reset.Path}");
            });
    }

    private static Command RemoveSecondFactor(App app)
    {
        var name = Parsed.Argument("NAME", "The account's name", ShortName.Create);
        return app.Handle(
            new("remove-second-factor", "For a person who has lost it; signs the account out everywhere") { name },
            async (session, parsed, cancellationToken) =>
                Show(session, await session.Garden.RemoveSecondFactorAsync(new() { Account = parsed.GetRequiredValue(name) }, cancellationToken), "it signs in with its password alone until a second factor is set up"));
    }

    private static Command SignOut(App app)
    {
        var name = Parsed.Argument("NAME", "The account's name", ShortName.Create);
        return app.Handle(
            new("sign-out", "End all of an account's sessions in browsers; its tokens stay") { name },
            async (session, parsed, cancellationToken) =>
            {
                var ended = await session.Garden.EndSessionsAsync(new() { Account = parsed.GetRequiredValue(name) }, cancellationToken);
                if (session.Out.IsJson)
                {
                    session.Out.Json(ended);
                    return;
                }

                session.Out.Note($"{parsed.GetRequiredValue(name)} is signed out, sessions ended: {ended.Ended}");
            });
    }

    private static void Show(Session session, Account account, string note)
    {
        if (session.Out.IsJson)
        {
            session.Out.Json(account);
            return;
        }

        session.Out.Facts(("account", account.Name), ("kind", Plain.Name(account.Kind)), ("tenant", account.Tenant), ("state", StateOf(account)));
        session.Out.Note(note);
    }

    private static Cell StateOf(Account account) => account.Disabled ? new("disabled", Tone.Bad) : new("active", Tone.Good);
}
