using System.CommandLine;
using ModelGarden.Cli.Garden;
using ModelGarden.Cli.Output;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Commands;

/// <summary><c>garden policy …</c>: who may use which models, by files of rules.</summary>
internal static class PolicyCommands
{
    private const int MostDays = 366;
    private const int LargestPage = 1000;
    private const long LargestFile = 1 << 20;

    public static Command Build(App app) => new("policy", "Policies: what an organisation's people may download, deploy and call") { Get(app), Set(app), History(app), Test(app) };

    private static Command Get(App app)
    {
        var scope = new ScopeOptions();
        var version = Parsed.Number("--version", "An earlier version; else the one that stands", 1, int.MaxValue);
        return app.Handle(
            scope.AddTo(new("get", "The policy's text") { version }),
            async (session, parsed, cancellationToken) =>
            {
                var policy = await session.Garden.GetPolicyAsync(
                    new() { Tenant = scope.Tenant(parsed), Garden = scope.IsGarden(parsed), Version = parsed.GetValue(version) ?? 0 }, cancellationToken);
                if (session.Out.IsJson)
                {
                    session.Out.Json(policy);
                    return;
                }

                session.Out.Note(policy.Version is 0 ? "no policy was ever set" : $"version {policy.Version}, by {policy.Author} at {Plain.Time(policy.SetAt)}: {policy.Reason}");
                session.Out.Piece(policy.Text.Length is 0 || policy.Text.EndsWith('\n') ? policy.Text : policy.Text + "\n");
            });
    }

    private static Command Set(App app)
    {
        var (scope, file) = (new ScopeOptions(), File());
        var reason = new Option<string>("--reason") { Description = "Why, for those who read the history", HelpName = "TEXT", Required = true };
        var expect = Parsed.Number("--expect", "The version that it replaces, 0 for none; else the one that stands now", 0, int.MaxValue);
        return app.Handle(
            scope.AddTo(new("set", "Set a policy from a file, YAML or JSON") { file, reason, expect }),
            async (session, parsed, cancellationToken) =>
            {
                var (tenant, garden) = (scope.Tenant(parsed), scope.IsGarden(parsed));
                var text = await ReadAsync(parsed.GetRequiredValue(file), cancellationToken);
                var expected = parsed.GetValue(expect) ?? (await session.Garden.GetPolicyAsync(new() { Tenant = tenant, Garden = garden }, cancellationToken)).Version;
                var policy = await session.Garden.SetPolicyAsync(
                    new() { Tenant = tenant, Garden = garden, Text = text, Reason = parsed.GetRequiredValue(reason), ExpectedVersion = expected }, cancellationToken);
                if (session.Out.IsJson)
                {
                    session.Out.Json(policy);
                    return;
                }

                session.Out.Facts(("policy", Whose(policy.Tenant)), ("version", new(Plain.Number(policy.Version), Tone.Good)), ("rules", Plain.Number(policy.Rules)), ("reason", policy.Reason));
            });
    }

    private static Command History(App app)
    {
        var scope = new ScopeOptions();
        return app.Handle(
            scope.AddTo(new("history", "Every version, newest first")),
            async (session, parsed, cancellationToken) =>
            {
                var all = await VersionsAsync(session, new() { Tenant = scope.Tenant(parsed), Garden = scope.IsGarden(parsed), PageSize = LargestPage }, cancellationToken);
                if (session.Out.IsJson)
                {
                    session.Out.Json(all);
                    return;
                }

                session.Out.Table(
                    ["version", "set", "by", "rules", "reason"],
                    [.. all.Versions.Select(version => new Cell[] { Plain.Number(version.Version), Plain.Time(version.SetAt), version.Author, Plain.Number(version.Rules), version.Reason })]);
            });
    }

    private static async Task<ListPolicyVersionsResponse> VersionsAsync(Session session, ListPolicyVersionsRequest request, CancellationToken cancellationToken)
    {
        var all = new ListPolicyVersionsResponse();
        while (true)
        {
            var page = (await session.Garden.ListPolicyVersionsAsync(request, cancellationToken)).Versions;
            all.Versions.Add(page);
            if (page.Count < LargestPage)
            {
                return all;
            }

            request.Before = page[^1].Version;
        }
    }

    private static Command Test(App app)
    {
        var (scope, file) = (new ScopeOptions(), File());
        var days = Parsed.Number("--days", "Today and so many days before it; else all that are kept", 1, MostDays);
        return app.Handle(
            scope.AddTo(new("test", "Try a file on what was decided: who would have been refused what") { file, days }),
            async (session, parsed, cancellationToken) =>
            {
                var request = new ReplayPolicyRequest
                {
                    Tenant = scope.Tenant(parsed),
                    Garden = scope.IsGarden(parsed),
                    Text = await ReadAsync(parsed.GetRequiredValue(file), cancellationToken),
                    Days = parsed.GetValue(days) ?? 0,
                };
                Show(session, await LastAsync(session, request, cancellationToken));
            });
    }

    private static async Task<ReplayProgress> LastAsync(Session session, ReplayPolicyRequest request, CancellationToken cancellationToken)
    {
        var last = new ReplayProgress();
        using var status = new StatusLine(session.Terminal, session.Out.IsJson);
        await foreach (var progress in session.Garden.ReplayPolicyAsync(request, cancellationToken))
        {
            status.Show($"{Plain.Number(progress.Done)} of {Plain.Number(progress.Decisions)} decisions");
            last = progress;
        }

        return last.Report is not null ? last : throw new ErrorException(Error.Unavailable("STREAM_BROKEN", "the garden's answer ended before its report: try again"));
    }

    private static void Show(Session session, ReplayProgress replay)
    {
        if (session.Out.IsJson)
        {
            session.Out.Json(replay);
            return;
        }

        var report = replay.Report;
        session.Out.Facts(
            ("days", $"{report.FirstDay} to {report.LastDay}"),
            ("decisions", Plain.Number(replay.Done)),
            ("would be refused", new(Plain.Number(report.Refused), report.Refused > 0 ? Tone.Careful : Tone.Good)),
            ("no longer refused", Plain.Number(report.Freed)));
        foreach (var rows in new[] { report.Refusals, report.Freedoms }.Where(rows => rows.Count > 0))
        {
            session.Out.Line();
            session.Out.Table(
                ["account", "tenant", "action", "model", "times", "last", "why"],
                [.. rows.Select(row => new Cell[] { row.Account, row.Tenant, Words.Of(row.Action), row.Repository, Plain.Number(row.Count), row.LastDay, row.Message })]);
        }

        if (report.Lost > 0)
        {
            session.Out.Note($"{Plain.Number(report.Lost)} decisions of that time were not kept");
        }
    }

    private static string Whose(string tenant) => tenant.Length > 0 ? tenant : "the whole garden's";

    private static Argument<string> File() => new("FILE") { Description = "Rules in YAML or JSON", HelpName = "FILE" };

    private static async Task<string> ReadAsync(string path, CancellationToken cancellationToken) => new FileInfo(path) switch
    {
        { Exists: false } => throw new ErrorException(Error.NotFound("FILE_NOT_FOUND", $"there is no file {Text.Shorten(path, 300)}")),
        { Length: > LargestFile } => throw new ErrorException(Error.Invalid("FILE_TOO_LARGE", $"{Text.Shorten(path, 300)} is larger than {LargestFile} bytes: that is no policy")),
        _ => await System.IO.File.ReadAllTextAsync(path, cancellationToken),
    };

    /// <summary>Whose policy.</summary>
    private sealed class ScopeOptions
    {
        private readonly Option<bool> _garden = new("--whole-garden") { Description = "The garden's own, which stands over all tenants'" };
        private readonly Option<TenantName?> _tenant = Parsed.Optional("--tenant", "TENANT", "Another tenant's, for operators", TenantName.Create);

        public Command AddTo(Command command)
        {
            command.Options.Add(_garden);
            command.Options.Add(_tenant);
            return command;
        }

        public bool IsGarden(ParseResult parsed) => parsed.GetValue(_garden);

        public string Tenant(ParseResult parsed) => parsed.GetValue(_tenant)?.Value ?? "";
    }
}
