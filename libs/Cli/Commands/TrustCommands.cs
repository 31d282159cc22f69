using System.CommandLine;
using ModelGarden.Cli.Garden;
using ModelGarden.Cli.Output;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Commands;

/// <summary><c>garden trust …</c>: for operators and admins.</summary>
internal static class TrustCommands
{
    public static Command Build(App app) => new("trust", "Jobs of a CI that get tokens for one repository by those of their own issuer") { Create(app), List(app), Delete(app) };

    private static Command Create(App app)
    {
        var repository = Parsed.Argument("NAMESPACE/NAME", "The one repository that its tokens are for: a model's; datasets/… and spaces/… those of others", BoundRepository.Create);
        var issuer = new Option<string>("--issuer") { Description = "Who signs the jobs' tokens, as they have it in iss", HelpName = "URL", Required = true };
        var account = Parsed.Required("--account", "ACCOUNT", "The service account that the jobs are", ShortName.Create);
        var claims = Parsed.Texts("--claim", "NAME=PATTERN", "What the jobs' tokens must say, such as sub=repo:acme/app:*");
        var audience = Parsed.Text("--audience", "TEXT", "What they must have in aud; else the garden's public address");
        var scopes = Parsed.Texts("--scope", "SCOPE", "read, write; both if none is given");
        var minutes = Parsed.Number("--minutes", "A token is good for so many minutes; 60 if not given", 5, 60);
        var tenant = Parsed.Text("--tenant", "TENANT", "Another tenant's, for operators");
        var command = new Command("create", "Trust jobs of a CI") { repository, issuer, account, claims, audience, scopes, minutes, tenant };
        command.Validators.Add(result =>
        {
            if (result.GetValue(claims)?.FirstOrDefault(claim => claim.IndexOf('=', StringComparison.Ordinal) <= 0) is { } wrong)
            {
                result.AddError($"--claim '{Plain.Clean(wrong)}' is none: NAME=PATTERN is expected");
            }
        });
        return app.Handle(
            command,
            async (session, parsed, cancellationToken) =>
            {
                var request = new CreateTrustedIssuerRequest
                {
                    Repository = parsed.GetRequiredValue(repository).ToString(),
                    Issuer = parsed.GetRequiredValue(issuer),
                    Account = parsed.GetRequiredValue(account),
                    Audience = parsed.GetValue(audience) ?? "",
                    LifetimeMinutes = parsed.GetValue(minutes) ?? 0,
                    Tenant = parsed.GetValue(tenant) ?? "",
                };
                request.Scopes.Add(parsed.GetValue(scopes));
                foreach (var claim in parsed.GetValue(claims)!.Select(claim => claim.Split('=', 2)))
                {
                    request.Claims[claim[0]] = claim[1];
                }

                Show(session, await session.Garden.CreateTrustedIssuerAsync(request, cancellationToken));
            });
    }

    private static Command List(App app)
    {
        var tenant = Parsed.Text("--tenant", "TENANT", "Another tenant's, for operators");
        return app.Handle(
            new("list", "Whom a tenant trusts, and for what") { tenant },
            async (session, parsed, cancellationToken) =>
            {
                var issuers = await session.Garden.ListTrustedIssuersAsync(new() { Tenant = parsed.GetValue(tenant) ?? "" }, cancellationToken);
                if (session.Out.IsJson)
                {
                    session.Out.Json(issuers);
                    return;
                }

                session.Out.Table(
                    ["id", "repository", "issuer", "claims", "account", "scopes", "minutes", "by", "created"],
                    [.. issuers.Issuers.Select(issuer => new Cell[]
                    {
                        issuer.Id, issuer.Repository, issuer.Issuer, ClaimsOf(issuer), issuer.Account, string.Join(", ", issuer.Scopes), Plain.Number(issuer.LifetimeMinutes), issuer.CreatedBy, Plain.Time(issuer.CreatedAt),
                    })]);
            });
    }

    private static Command Delete(App app)
    {
        var id = new Argument<string>("ID") { Description = "The trust's id, from garden trust list" };
        var yes = Parsed.Yes();
        return app.Handle(
            new("delete", "Trust these jobs no more; every token that came of it ends") { id, yes },
            async (session, parsed, cancellationToken) =>
            {
                var trust = parsed.GetRequiredValue(id);
                await session.ConfirmAsync($"Delete trust {trust}? Jobs that run by it are refused at once.", parsed.GetValue(yes), cancellationToken);
                await session.Garden.DeleteTrustedIssuerAsync(new() { Id = trust }, cancellationToken);
                session.Out.Note($"trust {trust} is deleted, and its tokens have ended");
            });
    }

    private static void Show(Session session, TrustedIssuer issuer)
    {
        if (session.Out.IsJson)
        {
            session.Out.Json(issuer);
            return;
        }

        session.Out.Facts(
            ("id", issuer.Id),
            ("tenant", issuer.Tenant),
            ("repository", issuer.Repository),
            ("issuer", issuer.Issuer),
            ("audience", issuer.Audience),
            ("claims", ClaimsOf(issuer)),
            ("account", issuer.Account),
            ("scopes", string.Join(", ", issuer.Scopes)),
            ("minutes", Plain.Number(issuer.LifetimeMinutes)));
    }

    private static string ClaimsOf(TrustedIssuer issuer) => string.Join(", ", issuer.Claims.OrderBy(claim => claim.Key, StringComparer.Ordinal).Select(claim => $"{claim.Key}={claim.Value}"));
}
