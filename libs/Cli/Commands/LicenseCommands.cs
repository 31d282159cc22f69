using System.CommandLine;
using Google.Protobuf.WellKnownTypes;
using ModelGarden.Cli.Garden;
using ModelGarden.Cli.Output;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Commands;

/// <summary><c>garden licenses …</c>: read them, and accept them for one's organisation.</summary>
internal static class LicenseCommands
{
    private const int LongestId = 128;

    public static Command Build(App app) => new("licenses", "Licences: list, read, accept, and prove it")
    {
        Aliases = { "licences" },
        Subcommands = { List(app), Show(app), Versions(app), Accept(app), Withdraw(app), Acceptances(app), LicenseEvidence.Export(app), LicenseEvidence.Verify(app) },
    };

    private static Argument<string> Id() => Parsed.Argument("ID", "The licence's id, such as apache-2.0", IdOf);

    private static Result<string> IdOf(string? text) => Slug.IsValid(text, 1, LongestId)
        ? text!.ToLowerInvariant()
        : Error.Invalid("BAD_LICENSE_ID", $"'{Text.Shorten(text)}' is not a licence's id: one such as apache-2.0 is expected");

    private static Command List(App app) => app.Handle(
        new("list", "The licences that this garden knows"),
        async (session, _, cancellationToken) =>
        {
            var licenses = await session.Garden.ListLicensesAsync(cancellationToken);
            if (session.Out.IsJson)
            {
                session.Out.Json(licenses);
                return;
            }

            session.Out.Table(
                ["id", "title", "version", "acceptance"],
                [.. licenses.Licenses.Select(license => new Cell[] { license.Id, license.Title, Plain.Number(license.Version), Standing(license) })]);
        });

    private static Command Show(App app)
    {
        var id = Id();
        var version = Parsed.Number("--version", "One of its earlier texts, as versions lists them", 1, int.MaxValue);
        return app.Handle(
            new("show", "A licence's text") { id, version },
            async (session, parsed, cancellationToken) =>
            {
                var license = await session.Garden.GetLicenseAsync(parsed.GetRequiredValue(id), cancellationToken, parsed.GetValue(version) ?? 0);
                if (session.Out.IsJson)
                {
                    session.Out.Json(license);
                    return;
                }

                session.Out.Facts(
                    ("licence", license.Id),
                    ("title", license.Title),
                    ("version", Plain.Number(license.Version)),
                    ("sha256", license.TextSha256),
                    ("acceptance", parsed.GetValue(version) is null ? Standing(license) : ""),
                    ("commercial use", Said(license.Obligations?.CommercialUse ?? Permission.Unspecified)),
                    ("attribution", license.Obligations is { Attribution: true } ? "asked for" : ""),
                    ("share alike", Said(license.Obligations?.ShareAlike ?? ShareAlike.Unspecified)),
                    ("needs a contract", license.RequiresContract ? "yes" : ""));
                session.Out.Line();
                session.Out.Line(license.Text);
            });
    }

    private static Command Versions(App app)
    {
        var id = Id();
        return app.Handle(
            new("versions", "All texts that a licence ever had") { id },
            async (session, parsed, cancellationToken) =>
            {
                var found = await session.Garden.ListLicenseVersionsAsync(parsed.GetRequiredValue(id), cancellationToken);
                if (session.Out.IsJson)
                {
                    session.Out.Json(found);
                    return;
                }

                session.Out.Table(["version", "added", "sha256"], [.. found.Versions.Select(version => new Cell[] { Plain.Number(version.Version), Plain.Time(version.AddedAt), version.TextSha256 })]);
            });
    }

    private static Command Acceptances(App app) => app.Handle(
        new("acceptances", "What your organisation has accepted, newest first"),
        async (session, _, cancellationToken) =>
        {
            var found = await session.Garden.ListAcceptancesAsync(cancellationToken);
            if (session.Out.IsJson)
            {
                session.Out.Json(found);
                return;
            }

            session.Out.Table(
                ["id", "licence", "version", "for", "by", "at", "until", "withdrawn"],
                [.. found.Acceptances.Select(one => new Cell[]
                {
                    one.Id, one.License, Plain.Number(one.LicenseVersion), one.ForAccount.Length > 0 ? one.ForAccount : one.Tenant, one.Account, Plain.Time(one.AcceptedAt), Plain.Time(one.Until), Plain.Time(one.WithdrawnAt),
                })]);
        });

    private static Command Withdraw(App app)
    {
        var id = Id();
        var member = Parsed.Text("--for", "ACCOUNT", "What was accepted for this member alone");
        var yes = Parsed.Yes();
        return app.Handle(
            new("withdraw", "Withdraw what was accepted; downloads, deployments and calls that rest on it end") { id, member, yes },
            async (session, parsed, cancellationToken) =>
            {
                var license = parsed.GetRequiredValue(id);
                await session.ConfirmAsync($"Withdraw the acceptance of {license}?", parsed.GetValue(yes), cancellationToken);
                Show(session, await session.Garden.WithdrawAcceptanceAsync(new() { Id = license, ForAccount = parsed.GetValue(member) ?? "" }, cancellationToken));
            });
    }

    private static Command Accept(App app)
    {
        var id = Id();
        var member = Parsed.Text("--for", "ACCOUNT", "For this member alone, not for the whole organisation");
        var until = Parsed.Day("--until", "When it ends by itself");
        var purpose = Parsed.Text("--purpose", "TEXT", "What the organisation wants it for; kept with the acceptance");
        var yes = Parsed.Yes();
        return app.Handle(
            new("accept", "Accept a licence for your organisation, on the record") { id, purpose, member, until, yes },
            async (session, parsed, cancellationToken) =>
            {
                var license = await session.Garden.GetLicenseAsync(parsed.GetRequiredValue(id), cancellationToken);
                if (!license.Accepted || parsed.GetValue(member) is not null)
                {
                    await ConfirmAsync(session, license, parsed.GetValue(yes), cancellationToken);
                }

                // The digest of what was shown: if the text has changed since, the garden refuses.
                var acceptance = await session.Garden.AcceptLicenseAsync(
                    new()
                    {
                        Id = license.Id,
                        TextSha256 = license.TextSha256,
                        Purpose = parsed.GetValue(purpose) ?? "",
                        ForAccount = parsed.GetValue(member) ?? "",
                        Until = parsed.GetValue(until)?.ToTimestamp(),
                    },
                    cancellationToken);
                Show(session, acceptance);
            });
    }

    private static Task ConfirmAsync(Session session, License license, bool yes, CancellationToken cancellationToken)
    {
        session.Out.Note($"{license.Title}, version {license.Version}, sha256 {license.TextSha256}");
        session.Out.Note($"to read it: garden licenses show {license.Id}");
        return session.ConfirmAsync($"Accept {license.Id} for your organisation?", yes, cancellationToken);
    }

    private static void Show(Session session, Acceptance acceptance)
    {
        if (session.Out.IsJson)
        {
            session.Out.Json(acceptance);
            return;
        }

        session.Out.Facts(
            (acceptance.WithdrawnAt is null ? "accepted" : "withdrawn", new($"{acceptance.License}, version {acceptance.LicenseVersion}", acceptance.WithdrawnAt is null ? Tone.Good : Tone.Careful)),
            ("for", acceptance.ForAccount.Length > 0 ? $"{acceptance.ForAccount} of {acceptance.Tenant}" : acceptance.Tenant),
            ("by", acceptance.Account),
            ("at", Plain.Time(acceptance.AcceptedAt)),
            ("until", Plain.Time(acceptance.Until)),
            ("withdrawn at", Plain.Time(acceptance.WithdrawnAt)),
            ("purpose", acceptance.Purpose),
            ("record", acceptance.Id));
    }

    /// <summary>Empty: nothing is said of it.</summary>
    private static string Said<T>(T value)
        where T : struct, System.Enum => EqualityComparer<T>.Default.Equals(value, default) ? "" : Words.Of(value);

    private static Cell Standing(License license) => license switch
    {
        { RequiresAcceptance: false } => new Cell("not needed"),
        { Accepted: true } => new Cell("accepted", Tone.Good),
        _ => new Cell("needed", Tone.Careful),
    };
}
