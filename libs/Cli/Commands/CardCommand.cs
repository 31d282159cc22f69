using System.CommandLine;
using ModelGarden.Cli.Garden;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Commands;

/// <summary><c>garden models card</c>: a model's card as its author wrote it, or as a page shows it.</summary>
internal static class CardCommand
{
    public static Command Build(App app)
    {
        var model = Parsed.Model();
        var html = new Option<bool>("--html") { Description = "As HTML that is safe to show, not as Markdown" };
        return app.Handle(
            new("card", "What a model's card says, without its front matter; what is wrong with it beside") { model, html },
            async (session, parsed, cancellationToken) => Show(session, await session.Garden.ReadCardAsync(parsed.GetValue(model), cancellationToken), parsed.GetValue(html)));
    }

    private static void Show(Session session, ReadCardResponse card, bool isHtml)
    {
        if (session.Out.IsJson)
        {
            session.Out.Json(card);
            return;
        }

        var text = isHtml ? card.Html : card.Markdown;
        session.Out.Piece(text.Length is 0 || text.EndsWith('\n') ? text : text + "\n");
        foreach (var issue in card.Issues)
        {
            session.Out.Note($"{issue.Severity}: README.md line {issue.Line}{(issue.Field.Length > 0 ? $", field {issue.Field}" : "")}: {issue.Message}");
        }
    }
}
