using System.CommandLine;
using ModelGarden.Cli.Garden;
using ModelGarden.Cli.Output;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Commands;

/// <summary><c>garden models review</c>: a curator's word on what is submitted.</summary>
internal static class ReviewCommand
{
    public static Command Build(App app)
    {
        var name = Parsed.Argument("NAME", "The model, as namespace/name", RepositoryName.Create);
        var approve = new Option<bool>("--approve") { Description = "Approve what is submitted" };
        var publish = new Option<bool>("--publish") { Description = "Publish it too, now or once it is approved" };
        var reject = new Option<bool>("--reject") { Description = "Reject it; needs --comment" };
        var comment = Parsed.Text("--comment", "TEXT", "Why; kept in the model's history");
        var command = new Command("review", "Approve or reject a submitted model, if you are a curator") { name, approve, publish, reject, comment };
        command.Validators.Add(result =>
        {
            var (approved, rejected) = (result.GetValue(approve) || result.GetValue(publish), result.GetValue(reject));
            if (approved == rejected)
            {
                result.AddError("say either --approve, with or without --publish, or --reject");
            }
            else if (rejected && string.IsNullOrWhiteSpace(result.GetValue(comment)))
            {
                result.AddError("--reject needs --comment: its author wants to know why");
            }
        });
        return app.Handle(command, async (session, parsed, cancellationToken) =>
        {
            var curation = new Curation(session, parsed.GetValue(name));
            var words = parsed.GetValue(comment) ?? "";
            var repository = parsed.GetValue(reject)
                ? await curation.RejectAsync(words, cancellationToken)
                : await curation.AdvanceAsync("", parsed.GetValue(publish) ? Goal.Published : Goal.Approved, words, cancellationToken);
            Show(session, repository);
        });
    }

    private static void Show(Session session, Repository repository)
    {
        if (session.Out.IsJson)
        {
            session.Out.Json(repository);
            return;
        }

        session.Out.Facts(("model", repository.Name), ("state", Tones.Of(repository.Lifecycle)), ("revision", repository.SubmittedRevision));
        if (repository.Lifecycle is Lifecycle.Approved)
        {
            session.Out.Note($"nobody sees it before it is published: garden models review {repository.Name} --publish");
        }
    }
}
