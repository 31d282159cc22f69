using System.CommandLine;
using ModelGarden.Cli.Garden;
using ModelGarden.Cli.Output;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Commands;

/// <summary><c>garden licenses …</c>: read them, and accept them for one's organisation.</summary>
internal static class LicenseCommands
{
    private const int LongestId = 128;

    public static Command Build(App app) => new("licenses", "Licences: list, read, accept") { Aliases = { "licences" }, Subcommands = { List(app), Show(app), Accept(app) } };

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
        return app.Handle(
            new("show", "A licence's text") { id },
            async (session, parsed, cancellationToken) =>
            {
                var license = await session.Garden.GetLicenseAsync(parsed.GetRequiredValue(id), cancellationToken);
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
                    ("acceptance", Standing(license)));
                session.Out.Line();
                session.Out.Line(license.Text);
            });
    }

    private static Command Accept(App app)
    {
        var id = Id();
        var purpose = Parsed.Text("--purpose", "TEXT", "What the organisation wants it for; kept with the acceptance");
        var yes = Parsed.Yes();
        return app.Handle(
            new("accept", "Accept a licence for your organisation, on the record") { id, purpose, yes },
            async (session, parsed, cancellationToken) =>
            {
                var license = await session.Garden.GetLicenseAsync(parsed.GetRequiredValue(id), cancellationToken);
                if (!license.Accepted)
                {
                    await ConfirmAsync(session, license, parsed.GetValue(yes), cancellationToken);
                }

                // The digest of what was shown: if the text has changed since, the garden refuses.
                var acceptance = await session.Garden.AcceptLicenseAsync(
                    new() { Id = license.Id, TextSha256 = license.TextSha256, Purpose = parsed.GetValue(purpose) ?? "" }, cancellationToken);
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
            ("accepted", new($"{acceptance.License}, version {acceptance.LicenseVersion}", Tone.Good)),
            ("for", acceptance.Tenant),
            ("by", acceptance.Account),
            ("at", Plain.Time(acceptance.AcceptedAt)),
            ("until", Plain.Time(acceptance.Until)),
            ("purpose", acceptance.Purpose),
            ("record", acceptance.Id));
    }

    private static Cell Standing(License license) => license switch
    {
        { RequiresAcceptance: false } => new Cell("not needed"),
        { Accepted: true } => new Cell("accepted", Tone.Good),
        _ => new Cell("needed", Tone.Careful),
    };
}
