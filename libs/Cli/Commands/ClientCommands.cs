using System.CommandLine;
using ModelGarden.Cli.Garden;
using ModelGarden.Cli.Output;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Commands;

/// <summary><c>garden clients …</c>: for operators and admins. A new secret is written once, as that command's result.</summary>
internal static class ClientCommands
{
    private const string DeviceCode = "device_code";
    private const string LongDeviceCode = "urn:ietf:params:oauth:grant-type:device_code";

    public static Command Build(App app) =>
        new("clients", "Programs that sign people in, or act for them, by OAuth") { Create(app), List(app), Show(app), RotateSecret(app), Delete(app) };

    private static Command Create(App app)
    {
        var name = Parsed.Argument("NAME", "What people see when they are asked whether it may act for them", Words);
        var tenant = Parsed.Text("--tenant", "TENANT", "Whose; else yours. One of the tenant garden is for everybody");
        var confidential = new Option<bool>("--confidential") { Description = "It can keep a secret, which is shown once, alone on the standard output" };
        var redirects = Parsed.Texts("--redirect-uri", "URI", "Where people are sent back to with a code: https, http with 127.0.0.1 or [::1], or a private scheme with a dot");
        var grants = Parsed.Texts("--grant", "GRANT", "authorization_code, refresh_token, client_credentials, device_code; the first two if none is given");
        var scopes = Parsed.Texts("--scope", "SCOPE", "What it may ask for: openid, profile, email, and read, write, deploy, call, curate, admin; openid, profile, email, read if none is given");
        var account = Parsed.Text("--account", "ACCOUNT", "The service account that it is by client_credentials");
        return app.Handle(
            new("create", "Register a program") { name, tenant, confidential, redirects, grants, scopes, account },
            async (session, parsed, cancellationToken) =>
            {
                var request = new CreateClientRequest
                {
                    Name = parsed.GetRequiredValue(name),
                    Tenant = parsed.GetValue(tenant) ?? "",
                    IsConfidential = parsed.GetValue(confidential),
                    Account = parsed.GetValue(account) ?? "",
                };
                request.RedirectUris.Add(parsed.GetValue(redirects));
                request.Grants.Add(parsed.GetValue(grants)!.Select(grant => grant is DeviceCode ? LongDeviceCode : grant));
                request.Scopes.Add(parsed.GetValue(scopes));
                ShowMade(session, await session.Garden.CreateClientAsync(request, cancellationToken));
            });
    }

    private static Command List(App app)
    {
        var tenant = Tenant();
        return app.Handle(
            new("list", "The programs of a tenant") { tenant },
            async (session, parsed, cancellationToken) =>
            {
                var clients = await session.Garden.ListClientsAsync(new() { Tenant = parsed.GetValue(tenant) ?? "" }, cancellationToken);
                if (session.Out.IsJson)
                {
                    session.Out.Json(clients);
                    return;
                }

                session.Out.Table(
                    ["id", "name", "kind", "grants", "scopes", "account", "by", "created"],
                    [.. clients.Clients.Select(client => new Cell[]
                    {
                        client.Id, client.Name, KindOf(client), GrantsOf(client), string.Join(", ", client.Scopes), client.Account, client.CreatedBy, Plain.Time(client.CreatedAt),
                    })]);
            });
    }

    private static Command Show(App app)
    {
        var (id, tenant) = (Id(), Tenant());
        return app.Handle(
            new("show", "One program, with the addresses to which it sends people back") { id, tenant },
            async (session, parsed, cancellationToken) =>
            {
                var clients = await session.Garden.ListClientsAsync(new() { Tenant = parsed.GetValue(tenant) ?? "" }, cancellationToken);
                var client = clients.Clients.FirstOrDefault(client => client.Id == parsed.GetRequiredValue(id))
                    ?? throw new ErrorException(Error.NotFound("CLIENT_NOT_FOUND", $"there is no client '{Text.Shorten(parsed.GetRequiredValue(id))}' of this tenant: see garden clients list"));
                if (session.Out.IsJson)
                {
                    session.Out.Json(client);
                    return;
                }

                ShowFacts(session, client);
            });
    }

    private static Command RotateSecret(App app)
    {
        var id = Id();
        return app.Handle(
            new("rotate-secret", "Give a program another secret, shown once, alone on the standard output; the one before is worth nothing from then on") { id },
            async (session, parsed, cancellationToken) => ShowMade(session, await session.Garden.RotateClientSecretAsync(new() { Id = parsed.GetRequiredValue(id) }, cancellationToken)));
    }

    private static Command Delete(App app)
    {
        var (id, yes) = (Id(), Parsed.Yes());
        return app.Handle(
            new("delete", "Take a program away, with every token that it was given") { id, yes },
            async (session, parsed, cancellationToken) =>
            {
                var client = parsed.GetRequiredValue(id);
                await session.ConfirmAsync($"Delete client {client}? Whoever is signed in by it is signed out there.", parsed.GetValue(yes), cancellationToken);
                await session.Garden.DeleteClientAsync(new() { Id = client }, cancellationToken);
                session.Out.Note($"client {client} is deleted, and its tokens have ended");
            });
    }

    private static Argument<string> Id() => new("ID") { Description = "The program's id, from garden clients list" };

    private static Option<string?> Tenant() => Parsed.Text("--tenant", "TENANT", "Another tenant's, for operators");

    private static Result<string> Words(string? text) => text?.Trim() is { Length: > 0 and <= 80 } words
        ? words
        : Error.Invalid("BAD_NAME", $"'{Text.Shorten(text)}' is not a name for people: 1 to 80 characters");

    private static void ShowMade(Session session, CreateClientResponse made)
    {
        if (session.Out.IsJson)
        {
            session.Out.Json(made);
            return;
        }

        var client = made.Client ?? new();
        if (made.Secret.Length is 0)
        {
            ShowFacts(session, client);
            return;
        }

        session.Out.Note($"client {client.Id} of {client.Tenant}, {client.Name}, for {string.Join(", ", client.Scopes)}; its secret is shown once:");
        session.Out.Line(made.Secret);
    }

    private static void ShowFacts(Session session, OAuthClient client) => session.Out.Facts(
        ("id", client.Id),
        ("name", client.Name),
        ("tenant", client.Tenant),
        ("kind", KindOf(client)),
        ("grants", GrantsOf(client)),
        ("scopes", string.Join(", ", client.Scopes)),
        ("redirect uris", string.Join(", ", client.RedirectUris)),
        ("account", client.Account),
        ("by", client.CreatedBy),
        ("created", Plain.Time(client.CreatedAt)));

    private static string KindOf(OAuthClient client) => client.IsConfidential ? "confidential" : "public";

    private static string GrantsOf(OAuthClient client) => string.Join(", ", client.Grants.Select(grant => grant is LongDeviceCode ? DeviceCode : grant));
}
