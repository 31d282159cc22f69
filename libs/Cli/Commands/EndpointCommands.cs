using System.CommandLine;
using ModelGarden.Cli.Garden;
using ModelGarden.Cli.Output;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Commands;

/// <summary><c>garden endpoints …</c>.</summary>
internal static class EndpointCommands
{
    public static Command Build(App app) => new("endpoints", "Endpoints: list, look at, read the logs of, change, delete")
    {
        List(app),
        Show(app),
        Logs(app),
        Update(app),
        Delete(app),
    };

    private static Command List(App app) => app.Handle(
        new("list", "Your tenant's endpoints"),
        async (session, _, cancellationToken) => EndpointView.Show(session, await session.Garden.ListEndpointsAsync(cancellationToken)));

    private static Command Show(App app)
    {
        var name = Parsed.Endpoint();
        return app.Handle(
            new("show", "One endpoint") { name },
            async (session, parsed, cancellationToken) => EndpointView.Show(session, await session.Garden.GetEndpointAsync(parsed.GetValue(name), cancellationToken)));
    }

    private static Command Logs(App app)
    {
        var name = Parsed.Endpoint();
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on as lines come, until Ctrl-C" };
        var tail = Parsed.Number("--tail", "Only the last so many lines; 200 if not given", 1, 100_000);
        return app.Handle(
            new("logs", "What an endpoint's engines wrote") { name, follow, tail },
            async (session, parsed, cancellationToken) =>
            {
                var request = new ReadLogsRequest { Name = parsed.GetValue(name).Value, Follow = parsed.GetValue(follow), Tail = parsed.GetValue(tail) ?? 0 };
                await foreach (var line in session.Garden.ReadLogsAsync(request, cancellationToken))
                {
                    Show(session.Out, line);
                }
            });
    }

    private static Command Update(App app)
    {
        var name = Parsed.Endpoint();
        var revision = Parsed.Text("--revision", "REV", "Serve this revision; it takes over when it is ready");
        var file = Parsed.Text("--file", "PATH", "Serve this file");
        var scaling = new ScalingOptions();
        var wait = new WaitOptions();
        var command = new Command("update", "Change an endpoint; no call fails") { name, revision, file };
        scaling.AddTo(command);
        wait.AddTo(command);
        return app.Handle(command, async (session, parsed, cancellationToken) =>
        {
            var endpoint = parsed.GetValue(name);
            var request = new UpdateEndpointRequest { Name = endpoint.Value, Revision = parsed.GetValue(revision) ?? "", File = parsed.GetValue(file) ?? "" };
            if (scaling.IsGiven(parsed))
            {
                var standing = await session.Garden.GetEndpointAsync(endpoint, cancellationToken);
                request.Scaling = scaling.Over(parsed, standing.Scaling ?? new());
            }
            else if (request is { Revision.Length: 0, File.Length: 0 })
            {
                throw new UsageException("nothing to change: give --revision, --file, --min, --max or --idle");
            }

            await wait.ShowAsync(session, parsed, await session.Garden.UpdateEndpointAsync(request, cancellationToken), cancellationToken);
        });
    }

    private static Command Delete(App app)
    {
        var name = Parsed.Endpoint();
        var yes = Parsed.Yes();
        return app.Handle(
            new("delete", "Delete an endpoint; running calls end first") { name, yes },
            async (session, parsed, cancellationToken) =>
            {
                var endpoint = parsed.GetValue(name);
                await session.ConfirmAsync($"Delete endpoint '{endpoint}'?", parsed.GetValue(yes), cancellationToken);
                var gone = await session.Garden.DeleteEndpointAsync(endpoint, cancellationToken);
                if (session.Out.IsJson)
                {
                    session.Out.Json(gone);
                }

                session.Out.Note($"endpoint '{endpoint}' is being deleted");
            });
    }

    private static void Show(Printer printer, LogLine line)
    {
        if (printer.IsJson)
        {
            printer.JsonLine(line);
        }
        else
        {
            printer.Line($"{line.At?.ToDateTimeOffset():HH:mm:ss.fff} {line.Replica} {line.Text}");
        }
    }
}
