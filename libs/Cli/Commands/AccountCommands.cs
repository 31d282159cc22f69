using System.CommandLine;
using ModelGarden.Cli.Garden;
using ModelGarden.Cli.Output;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Commands;

/// <summary><c>garden accounts …</c>: for operators and admins.</summary>
internal static class AccountCommands
{
    public static Command Build(App app) => new("accounts", "People and programs of a tenant") { Create(app), List(app) };

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
                Show(session, await session.Garden.CreateAccountAsync(request, cancellationToken));
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

    private static void Show(Session session, Account account)
    {
        if (session.Out.IsJson)
        {
            session.Out.Json(account);
            return;
        }

        session.Out.Facts(("account", account.Name), ("kind", Plain.Name(account.Kind)), ("tenant", account.Tenant), ("state", StateOf(account)));
        session.Out.Note($"give it a token: garden tokens create --account {account.Name}");
    }

    private static Cell StateOf(Account account) => account.Disabled ? new("disabled", Tone.Bad) : new("active", Tone.Good);
}
