using System.CommandLine;
using ModelGarden.Cli.Garden;
using ModelGarden.Cli.Output;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Commands;

/// <summary><c>garden invitations …</c>: for operators and admins. A new one's link is a secret that is written once, as that command's result.</summary>
internal static class InvitationCommands
{
    public static Command Build(App app) => new("invitations", "Ask people into a tenant") { Create(app), List(app), Revoke(app) };

    private static Command Create(App app)
    {
        var tenant = Parsed.Text("--tenant", "TENANT", "Into which; else yours");
        var name = Parsed.Text("--name", "NAME", "The account's name; else the person's own choice");
        var title = Parsed.Text("--display-name", "TEXT", "For people");
        var email = Parsed.Text("--email", "ADDRESS", "For you to know whom you asked; nothing is sent there");
        var roles = Parsed.Texts("--role", "ROLE", "admin, legal, engineer; by an operator also operator, curator, auditor; engineer if none is given");
        var days = Parsed.Number("--days", "Good for so many days; 7 if not given", 1, 30);
        return app.Handle(
            new("create", "Invite a person; the link is shown once, alone on the standard output") { tenant, name, title, email, roles, days },
            async (session, parsed, cancellationToken) =>
            {
                var request = new CreateInvitationRequest
                {
                    Tenant = parsed.GetValue(tenant) ?? "",
                    Name = parsed.GetValue(name) ?? "",
                    DisplayName = parsed.GetValue(title) ?? "",
                    Email = parsed.GetValue(email) ?? "",
                    LifetimeDays = parsed.GetValue(days) ?? 0,
                };
                request.Roles.Add(parsed.GetValue(roles));
                Show(session, await session.Garden.CreateInvitationAsync(request, cancellationToken));
            });
    }

    private static Command List(App app)
    {
        var tenant = Parsed.Text("--tenant", "TENANT", "Another tenant's, for operators");
        return app.Handle(
            new("list", "Who was invited, and what became of it") { tenant },
            async (session, parsed, cancellationToken) =>
            {
                var invitations = await session.Garden.ListInvitationsAsync(new() { Tenant = parsed.GetValue(tenant) ?? "" }, cancellationToken);
                if (session.Out.IsJson)
                {
                    session.Out.Json(invitations);
                    return;
                }

                session.Out.Table(
                    ["id", "email", "name", "roles", "by", "created", "expires", "state"],
                    [.. invitations.Invitations.Select(invitation => Row(invitation, session.Terminal.Clock.GetUtcNow()))]);
            });
    }

    private static Command Revoke(App app)
    {
        var id = new Argument<string>("ID") { Description = "The invitation's id, from garden invitations list" };
        return app.Handle(
            new("revoke", "Make an invitation's link worthless") { id },
            async (session, parsed, cancellationToken) =>
            {
                var invitation = await session.Garden.RevokeInvitationAsync(new() { Id = parsed.GetRequiredValue(id) }, cancellationToken);
                if (session.Out.IsJson)
                {
                    session.Out.Json(invitation);
                    return;
                }

                session.Out.Note($"invitation {invitation.Id} into {invitation.Tenant} is revoked");
            });
    }

    private static void Show(Session session, CreateInvitationResponse created)
    {
        if (session.Out.IsJson)
        {
            session.Out.Json(created);
            return;
        }

        var invitation = created.Invitation ?? new();
        session.Out.Note($"invitation {invitation.Id} into {invitation.Tenant} as {string.Join(", ", invitation.Roles)}, until {Plain.Time(invitation.ExpiresAt)}; its link is shown once, give it to the person:");
        session.Out.Line($"{session.Address}{created.Path}");
    }

    private static IReadOnlyList<Cell> Row(Invitation invitation, DateTimeOffset now) =>
    [
        invitation.Id,
        invitation.Email,
        invitation.AcceptedBy.Length > 0 ? invitation.AcceptedBy : invitation.Name,
        string.Join(", ", invitation.Roles),
        invitation.CreatedBy,
        Plain.Time(invitation.CreatedAt),
        Plain.Time(invitation.ExpiresAt),
        invitation switch
        {
            { AcceptedAt: not null } => new Cell("accepted", Tone.Good),
            { RevokedAt: not null } => new Cell("revoked", Tone.Bad),
            { ExpiresAt: { } end } when end.ToDateTimeOffset() <= now => new Cell("expired", Tone.Bad),
            _ => new Cell("open"),
        },
    ];
}
