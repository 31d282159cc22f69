using System.CommandLine;
using ModelGarden.Cli.Garden;
using ModelGarden.Cli.Output;

namespace ModelGarden.Cli.Commands;

/// <summary><c>garden grants …</c>: what somebody lets programs do for him.</summary>
internal static class GrantCommands
{
    public static Command Build(App app) => new("grants", "What you let programs do for you") { List(app), Revoke(app) };

    private static Command List(App app)
    {
        var account = Parsed.Text("--account", "ACCOUNT", "Whose, for admins; else yours");
        return app.Handle(
            new("list", "The programs that act for you, and since when") { account },
            async (session, parsed, cancellationToken) =>
            {
                var grants = await session.Garden.ListGrantsAsync(new() { Account = parsed.GetValue(account) ?? "" }, cancellationToken);
                if (session.Out.IsJson)
                {
                    session.Out.Json(grants);
                    return;
                }

                session.Out.Table(
                    ["id", "account", "program", "of", "scopes", "since", "last used", "good until"],
                    [.. grants.Grants.Select(grant => new Cell[]
                    {
                        grant.Id, grant.Account, grant.ClientName, grant.ClientTenant, string.Join(", ", grant.Scopes), Plain.Time(grant.CreatedAt), Plain.Time(grant.LastUsedAt), Plain.Time(grant.ExpiresAt),
                    })]);
            });
    }

    private static Command Revoke(App app)
    {
        var id = new Argument<string>("ID") { Description = "The grant's id, from garden grants list" };
        return app.Handle(
            new("revoke", "End what a program may do, at once; it has to ask anew") { id },
            async (session, parsed, cancellationToken) =>
            {
                var grant = parsed.GetRequiredValue(id);
                await session.Garden.EndGrantAsync(new() { Id = grant }, cancellationToken);
                session.Out.Note($"grant {grant} has ended, and its tokens with it");
            });
    }
}
