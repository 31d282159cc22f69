using System.CommandLine;
using ModelGarden.Cli.Garden;
using ModelGarden.Cli.Output;

namespace ModelGarden.Cli.Commands;

/// <summary><c>garden models checks</c>: what is missing before a revision can be published.</summary>
internal static class ChecksCommand
{
    public static Command Build(App app)
    {
        var model = Parsed.Model();
        return app.Handle(
            new("checks", "What is required of a model before others may see it, and what is missing") { model },
            async (session, parsed, cancellationToken) =>
            {
                var checks = await session.Garden.ListChecksAsync(parsed.GetValue(model), cancellationToken);
                if (session.Out.IsJson)
                {
                    session.Out.Json(checks);
                    return;
                }

                session.Out.Table(
                    ["check", "asks for", "passed", "missing"],
                    [.. checks.Checks.Select(check => new Cell[] { check.Name, check.Description, check.Passed ? new("yes", Tone.Good) : new("no", Tone.Bad), string.Join("; ", check.Problems) })]);
                session.Out.Note(checks.Passed
                    ? $"{Plain.ShortCommit(checks.Commit)} can be submitted; it takes {checks.RequiredApprovals} {(checks.RequiredApprovals is 1 ? "approval" : "approvals")}"
                    : $"{Plain.ShortCommit(checks.Commit)} cannot be submitted yet");
            });
    }
}
