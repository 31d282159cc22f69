using System.CommandLine;
using ModelGarden.Cli.Garden;
using ModelGarden.Cli.Output;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Commands;

/// <summary><c>garden models report</c> and <c>garden models rate</c>.</summary>
internal static class ModerationCommands
{
    public static Command Report(App app)
    {
        var model = Parsed.Model();
        var category = Parsed.WordOption<ReportCategory>("--category", "CATEGORY", "What kind of thing is wrong", required: true);
        var text = new Option<string>("--text") { Description = "What is wrong, in your words", HelpName = "TEXT", Required = true };
        var path = Parsed.Text("--path", "PATH", "The file or folder that it is about");
        var discussion = Parsed.Number("--discussion", "The discussion of a comment that you report; with --comment", 1, int.MaxValue);
        var comment = Parsed.Number("--comment", "The id of the comment that you report; with --discussion", 1, int.MaxValue);
        var command = new Command("report", "Tell the garden's curators that something is wrong with a model; nobody else learns that it was you") { model, category, text, path, discussion, comment };
        command.Validators.Add(result =>
        {
            if (result.GetValue(discussion) is null != (result.GetValue(comment) is null))
            {
                result.AddError("--discussion and --comment go together: they name the comment that you report");
            }
        });
        return app.Handle(command, async (session, parsed, cancellationToken) =>
        {
            var of = parsed.GetValue(model);
            var made = await session.Garden.ReportRepositoryAsync(
                new()
                {
                    Name = of.Name.Value,
                    Revision = of.Revision,
                    Category = parsed.GetValue(category),
                    Text = parsed.GetRequiredValue(text),
                    Path = parsed.GetValue(path) ?? "",
                    Discussion = parsed.GetValue(discussion) ?? 0,
                    Comment = parsed.GetValue(comment) ?? 0,
                },
                cancellationToken);
            Show(session, made);
        });
    }

    public static Command Rate(App app)
    {
        var name = Parsed.Argument("NAME", "The model, as namespace/name", RepositoryName.Create);
        var rating = Parsed.Word<ContentRating>("RATING", "What its content is fit for; unrated takes back what was said");
        var reason = new Option<string>("--reason") { Description = "Why; kept in the model's history", HelpName = "TEXT", Required = true };
        return app.Handle(
            new("rate", "Say what a model's content is fit for, if you are a curator") { name, rating, reason },
            async (session, parsed, cancellationToken) =>
            {
                var rated = await session.Garden.RateRepositoryAsync(
                    new() { Name = parsed.GetValue(name).Value, Rating = parsed.GetValue(rating), Reason = parsed.GetRequiredValue(reason) }, cancellationToken);
                if (session.Out.IsJson)
                {
                    session.Out.Json(rated);
                    return;
                }

                session.Out.Facts(("model", rated.Name), ("rated", Tones.Of(rated.AttestedRating)), ("with its card", Tones.Of(rated.ContentRating)));
            });
    }

    private static void Show(Session session, ReportRepositoryResponse made)
    {
        if (session.Out.IsJson)
        {
            session.Out.Json(made);
            return;
        }

        ReportCommands.Show(session, made.Report);
        session.Out.Note(made.Existed ? "you have reported it already, and nobody has decided yet: nothing was added" : $"what becomes of it: garden reports show {made.Report.Id}");
    }
}
