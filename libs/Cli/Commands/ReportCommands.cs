using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using ModelGarden.Cli.Garden;
using ModelGarden.Cli.Output;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Commands;

/// <summary><c>garden reports …</c>: what became of one's own, and the queue for those who moderate.</summary>
internal static class ReportCommands
{
    private const int LargestPage = 500;
    private const int Most = 10_000;
    private const int ShownText = 60;

    public static Command Build(App app) => new("reports", "What was reported: your own reports, and the queue if you are a curator")
    {
        Own(app),
        List(app),
        Repositories(app),
        Show(app),
        Take(app, "take", "Take a report on, so that no other curator decides on it", false),
        Take(app, "release", "Give a report back that somebody has taken on", true),
        Resolve(app),
    };

    public static void Show(Session session, Report report)
    {
        if (session.Out.IsJson)
        {
            session.Out.Json(report);
            return;
        }

        session.Out.Facts(
            ("report", report.Id),
            ("repository", report.Repository.Name),
            ("about", About(report)),
            ("revision", report.Revision),
            ("category", Words.Of(report.Category)),
            ("text", report.Text),
            ("by", report.Reporter),
            ("at", Plain.Time(report.CreatedAt)),
            ("state", Tones.Of(report.State)),
            ("taken on by", report.Assignee),
            ("done", report.Action is ReportAction.Unspecified ? "" : $"{Plain.Name(report.Action)} {(report.Action is ReportAction.Rated ? Plain.Name(report.Rating) : "")}".TrimEnd()),
            ("note", report.Note),
            ("resolved by", report.ResolvedBy),
            ("resolved at", Plain.Time(report.ResolvedAt)));
    }

    private static Argument<string> Id() => Parsed.Argument("ID", "The report's id, as lists show it", ShortHexId.Create);

    private static Option<int?> Limit() => Parsed.Number("--limit", "At most so many, 100 if not given", 1, Most);

    private static Command Own(App app)
    {
        var limit = Limit();
        return app.Handle(
            new("own", "What you have reported, newest first") { limit },
            async (session, parsed, cancellationToken) => Show(session, await Pages.ReadAsync(
                parsed.GetValue(limit) ?? 100, LargestPage, (size, token) => session.Garden.ListOwnReportsAsync(new() { PageSize = size, PageToken = token }, cancellationToken))));
    }

    private static Command List(App app)
    {
        var states = Parsed.WordOptions<ReportState>("--state", "STATE", "In this state; open if none is given");
        var categories = Parsed.WordOptions<ReportCategory>("--category", "CATEGORY", "Of this category");
        var name = Parsed.Optional<RepositoryName>("--repository", "NAME", "Of this repository alone, as namespace/name", RepositoryName.Create);
        var assignee = Parsed.Text("--assignee", "ACCOUNT", "What this account has taken on");
        var unassigned = new Option<bool>("--unassigned") { Description = "What nobody has taken on" };
        var limit = Limit();
        return app.Handle(
            new("list", "The queue, oldest first") { states, categories, name, assignee, unassigned, limit },
            async (session, parsed, cancellationToken) => Show(session, await Pages.ReadAsync(
                parsed.GetValue(limit) ?? 100,
                LargestPage,
                (size, token) => session.Garden.ListReportsAsync(
                    new()
                    {
                        States = { parsed.GetValue(states) },
                        Categories = { parsed.GetValue(categories) },
                        Name = parsed.GetValue(name)?.Value ?? "",
                        Assignee = parsed.GetValue(assignee) ?? "",
                        Unassigned = parsed.GetValue(unassigned),
                        PageSize = size,
                        PageToken = token,
                    },
                    cancellationToken))));
    }

    private static Command Repositories(App app)
    {
        var limit = Limit();
        return app.Handle(
            new("repositories", "How many open reports there are of each repository") { limit },
            async (session, parsed, cancellationToken) => Show(session, await Pages.ReadAsync(
                parsed.GetValue(limit) ?? 100, LargestPage, (size, token) => session.Garden.ListReportedRepositoriesAsync(new() { PageSize = size, PageToken = token }, cancellationToken))));
    }

    private static Command Show(App app)
    {
        var id = Id();
        return app.Handle(
            new("show", "Everything about a report") { id },
            async (session, parsed, cancellationToken) => Show(session, await session.Garden.GetReportAsync(parsed.GetRequiredValue(id), cancellationToken)));
    }

    private static Command Take(App app, string verb, string description, bool release)
    {
        var id = Id();
        return app.Handle(
            new(verb, description) { id },
            async (session, parsed, cancellationToken) => Show(session, await session.Garden.TakeReportAsync(new() { Id = parsed.GetRequiredValue(id), Release = release }, cancellationToken)));
    }

    private static Command Resolve(App app)
    {
        var id = Id();
        var dismiss = new Option<bool>("--dismiss") { Description = "Nothing is wrong" };
        var rate = Parsed.WordOption<ContentRating>("--rate", "RATING", "It is right: rate the repository so");
        var takeDown = new Option<bool>("--take-down") { Description = "It is right: take the repository down, for good" };
        var hide = new Option<bool>("--hide-comment") { Description = "It is right: hide the comment" };
        var other = new Option<bool>("--other") { Description = "It is right: what is done says the note" };
        var note = new Option<string>("--note") { Description = "Why; told to who made the report, and kept in the repository's history", HelpName = "TEXT", Required = true };
        var all = new Option<bool>("--all") { Description = "All open reports of the repository are resolved so" };
        var yes = Parsed.Yes();
        var command = new Command("resolve", "Decide on a report: one of --dismiss, --rate, --take-down, --hide-comment and --other") { id, dismiss, rate, takeDown, hide, other, note, all, yes };
        command.Validators.Add(result =>
        {
            if (Decisions(result).Count() is not 1)
            {
                result.AddError("say one of --dismiss, --rate, --take-down, --hide-comment and --other");
            }
        });
        return app.Handle(command, async (session, parsed, cancellationToken) =>
        {
            var action = Decisions(parsed.CommandResult).Single();
            var report = parsed.GetRequiredValue(id);
            if (action is ReportAction.TakenDown)
            {
                await session.ConfirmAsync($"Take the repository of report {report} down? Nobody can bring it back.", parsed.GetValue(yes), cancellationToken);
            }

            Show(session, await session.Garden.ResolveReportAsync(
                new()
                {
                    Id = report,
                    State = action is ReportAction.Unspecified ? ReportState.Dismissed : ReportState.Upheld,
                    Action = action,
                    Rating = parsed.GetValue(rate),
                    Note = parsed.GetRequiredValue(note),
                    AllOfRepository = parsed.GetValue(all),
                },
                cancellationToken));
        });

        IEnumerable<ReportAction> Decisions(CommandResult result) => new (bool IsSaid, ReportAction Action)[]
        {
            (result.GetValue(dismiss), ReportAction.Unspecified),
            (result.GetResult(rate) is { Implicit: false }, ReportAction.Rated),
            (result.GetValue(takeDown), ReportAction.TakenDown),
            (result.GetValue(hide), ReportAction.CommentHidden),
            (result.GetValue(other), ReportAction.Other),
        }.Where(decision => decision.IsSaid).Select(decision => decision.Action);
    }

    private static void Show(Session session, ListReportsResponse found)
    {
        if (session.Out.IsJson)
        {
            session.Out.Json(found);
            return;
        }

        session.Out.Table(
            ["id", "at", "repository", "about", "category", "state", "taken on by", "text"],
            [.. found.Reports.Select(report => new Cell[]
            {
                report.Id, Plain.Time(report.CreatedAt), report.Repository.Name, About(report), Words.Of(report.Category), Tones.Of(report.State), report.Assignee, Text.Shorten(report.Text, ShownText),
            })]);
        session.Out.NoteMore(found.NextPageToken);
    }

    private static void Show(Session session, ListReportedRepositoriesResponse found)
    {
        if (session.Out.IsJson)
        {
            session.Out.Json(found);
            return;
        }

        session.Out.Table(
            ["repository", "kind", "reports", "unassigned", "oldest", "categories"],
            [.. found.Repositories.Select(one => new Cell[]
            {
                one.Repository.Name, Plain.Name(one.Repository.Kind), Plain.Number(one.Reports), Plain.Number(one.Unassigned), Plain.Time(one.OldestAt),
                string.Join(", ", one.Categories.Select(count => $"{Words.Of(count.Category)} {count.Reports}")),
            })]);
        session.Out.NoteMore(found.NextPageToken);
    }

    private static string About(Report report) => report.Comment > 0
        ? string.Create(CultureInfo.InvariantCulture, $"comment {report.Comment} of discussion {report.Discussion}")
        : report.Path;
}
