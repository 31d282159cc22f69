using System.CommandLine;
using Google.Protobuf.WellKnownTypes;
using ModelGarden.Cli.Garden;
using ModelGarden.Cli.Output;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Commands;

/// <summary><c>garden usage</c>: what was called, by day, endpoint and account.</summary>
internal static class UsageCommand
{
    public static Command Build(App app)
    {
        var since = Parsed.Text("--since", "TIME", "A span such as 7d, or a day such as 2026-11-01; 30 days if not given");
        var tenant = Parsed.Text("--tenant", "TENANT", "Another tenant's, for operators");
        return app.Handle(
            new("usage", "Tokens, calls and time used") { since, tenant },
            async (session, parsed, cancellationToken) =>
            {
                var request = new GetUsageRequest { Tenant = parsed.GetValue(tenant) is { } name ? TenantOf(name) : "" };
                if (parsed.GetValue(since) is { } text)
                {
                    request.Since = Timestamp.FromDateTimeOffset(SinceOf(text, session.Terminal.Clock));
                }

                Show(session, await session.Garden.GetUsageAsync(request, cancellationToken));
            });
    }

    private static string TenantOf(string text) => TenantName.Create(text) switch { { Error: { } error } => throw new UsageException(error.Message), var name => name.Value.Value };

    private static DateTimeOffset SinceOf(string text, TimeProvider clock) =>
        Durations.CreateSince(text, clock) switch { { Error: { } error } => throw new UsageException(error.Message), var time => time.Value };

    private static void Show(Session session, GetUsageResponse usage)
    {
        if (session.Out.IsJson)
        {
            session.Out.Json(usage);
            return;
        }

        if (usage.Rows.Count is 0)
        {
            session.Out.Note($"{usage.Tenant} has called nothing in that time");
            return;
        }

        session.Out.Table(
            ["day", "endpoint", "account", "calls", "tokens in", "tokens out", "seconds"],
            [.. usage.Rows.Select(row => Row(row, row.Day)), .. usage.Total is { } total ? [Row(total, "total")] : Array.Empty<IReadOnlyList<Cell>>()]);
    }

    private static IReadOnlyList<Cell> Row(UsageRow row, string day) =>
    [
        day,
        row.Endpoint,
        row.Account,
        Plain.Number(row.Requests),
        Plain.Number(row.InputTokens),
        Plain.Number(row.OutputTokens),
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{row.Milliseconds / 1000.0:0.0}"),
    ];
}
