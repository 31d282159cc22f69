using System.CommandLine;
using System.Text.Json.Nodes;
using ModelGarden.Cli.Garden;
using ModelGarden.Cli.Transfers;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Commands;

/// <summary><c>garden models publish</c>: a folder becomes a model's newest commit, and goes on towards the catalog if so wished.</summary>
internal static class PublishCommand
{
    private const string Branch = "main";

    public static Command Build(App app)
    {
        var folder = new Argument<string>("FOLDER") { Description = "The model's files, with its card in README.md" };
        var name = Parsed.Required("--name", "NAMESPACE/NAME", "The model; made if it is not there", RepositoryName.Create);
        var message = Parsed.Text("--message", "TEXT", "The commit's message");
        var hidden = new Option<bool>("--private") { Description = "If it is made: for your own tenant only, for ever" };
        var submit = new Option<bool>("--submit") { Description = "Submit it for review" };
        var approve = new Option<bool>("--approve") { Description = "Submit, review, approve and publish it, if you are a curator" };
        return app.Handle(
            new("publish", "Upload a folder as a model; what is there already is not sent again, and broken off it goes on where it was") { folder, name, message, hidden, submit, approve },
            async (session, parsed, cancellationToken) =>
            {
                var files = FolderReader.Read(Path.GetFullPath(parsed.GetRequiredValue(folder), session.Terminal.Folder));
                var model = new ModelReference(parsed.GetValue(name), "");
                var repository = await FindOrMakeAsync(session, model, parsed.GetValue(hidden), cancellationToken);
                var publication = await new FolderPublishing(session, model, Branch).RunAsync(
                    files, repository.Head, parsed.GetValue(message) ?? $"Publish {Path.GetFileName(Path.TrimEndingDirectorySeparator(parsed.GetRequiredValue(folder)))}", cancellationToken);
                session.Out.Note($"{publication.Sent} files committed, {publication.Present} as they were{(publication.Ignored > 0 ? $", {publication.Ignored} ignored" : "")}");
                if (parsed.GetValue(submit) || parsed.GetValue(approve))
                {
                    repository = await new Curation(session, model.Name).AdvanceAsync(publication.Commit, parsed.GetValue(approve) ? Goal.Published : Goal.Submitted, "", cancellationToken);
                }

                Show(session, repository, publication);
            });
    }

    /// <summary>The model or data set, made if it is not there.</summary>
    public static async Task<Repository> FindOrMakeAsync(Session session, ModelReference model, bool hidden, CancellationToken cancellationToken)
    {
        try
        {
            return await session.Garden.GetRepositoryAsync(model, cancellationToken);
        }
        catch (ErrorException exception) when (exception.Error.Code is ErrorCode.NotFound)
        {
            var made = await session.Garden.CreateRepositoryAsync(
                new()
                {
                    Name = model.Name.Value,
                    Kind = model.Kind is Contracts.V1.RepositoryKind.Unspecified ? Contracts.V1.RepositoryKind.Model : model.Kind,
                    Visibility = hidden ? Visibility.Private : Visibility.Garden,
                },
                cancellationToken);
            session.Out.Note($"{made.Name} is made");
            return made;
        }
    }

    private static void Show(Session session, Repository repository, Publication publication)
    {
        if (session.Out.IsJson)
        {
            session.Out.Json(new JsonObject
            {
                ["name"] = repository.Name,
                ["commit"] = publication.Commit,
                ["lifecycle"] = Output.Printer.ToNode(repository)["lifecycle"]?.DeepClone(),
                ["sent"] = publication.Sent,
                ["present"] = publication.Present,
                ["ignored"] = publication.Ignored,
            });
            return;
        }

        session.Out.Facts(("model", repository.Name), ("commit", publication.Commit), ("state", Output.Tones.Of(repository.Lifecycle)));
        if (repository.Lifecycle is Lifecycle.Draft)
        {
            session.Out.Note("others see it when it is published: again with --submit");
        }
    }
}
