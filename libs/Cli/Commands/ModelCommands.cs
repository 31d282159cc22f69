using System.CommandLine;
using Google.Protobuf.Collections;
using ModelGarden.Cli.Garden;
using ModelGarden.Cli.Output;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Commands;

/// <summary><c>garden models …</c>: the group, <c>search</c> and <c>similar</c>.</summary>
internal static class ModelCommands
{
    private const int LargestPage = 500;
    private const int MostHits = 10_000;
    private const int MostSimilar = 50;

    public static Command Build(App app) => new("models", "Find, look at, publish, fetch, review, like and report models, and who may have them")
    {
        SearchModels(app),
        SimilarModels(app),
        ShowCommand.Build(app),
        CardCommand.Build(app),
        TensorsCommand.Build(app),
        DiffCommand.Build(app),
        PublishCommand.Build(app),
        ImportCommand.Build(app, KindWords.Model),
        OriginCommand.Build(app, KindWords.Model),
        DownloadCommand.Build(app),
        ReviewCommand.Build(app),
        AccessCommands.Build(app),
        ChecksCommand.Build(app),
        LikeCommands.Like(app),
        LikeCommands.Unlike(app),
        LikeCommands.Likers(app),
        LikeCommands.Likes(app),
        ModerationCommands.Report(app),
        ModerationCommands.Rate(app),
    };

    private static Command SearchModels(App app)
    {
        var text = new Argument<string[]>("QUERY")
        {
            Description = "Words that must all be found, and terms such as license:mit,apache-2.0, 'params<8B', fold:base or, in quotation marks with a word before it, -tag:merge; none: everything",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var tasks = Parsed.Texts("--task", "TASK", "Such as text-generation");
        var libraries = Parsed.Texts("--library", "LIBRARY", "Such as transformers");
        var licenses = Parsed.Texts("--license", "LICENCE", "Such as apache-2.0");
        var languages = Parsed.Texts("--language", "LANGUAGE", "Such as en");
        var tags = Parsed.Texts("--tag", "TAG", "A tag of the card");
        var owners = Parsed.Texts("--owner", "TENANT", "Whose models");
        var sort = Parsed.Text("--sort", "ORDER", "relevance, downloads, likes, trending, updated, created or name").AcceptOnlyFrom("relevance", "downloads", "likes", "trending", "updated", "created", "name");
        var limit = Parsed.Number("--limit", "At most so many, 20 if not given", 1, MostHits);
        return app.Handle(
            new("search", "Find models") { text, tasks, libraries, licenses, languages, tags, owners, sort, limit },
            async (session, parsed, cancellationToken) =>
            {
                var request = new QueryRequest
                {
                    Query = string.Join(' ', parsed.GetValue(text) ?? []),
                    Kind = Contracts.V1.RepositoryKind.Model,
                    Sort = parsed.GetValue(sort) ?? "",
                };
                request.Tasks.Add(parsed.GetValue(tasks));
                request.Libraries.Add(parsed.GetValue(libraries));
                request.Licenses.Add(parsed.GetValue(licenses));
                request.Languages.Add(parsed.GetValue(languages));
                request.Tags.Add(parsed.GetValue(tags));
                request.Owners.Add(parsed.GetValue(owners));
                Show(session, await FindAsync(session, request, parsed.GetValue(limit) ?? 20, cancellationToken));
            });
    }

    private static Command SimilarModels(App app)
    {
        var name = Parsed.Argument("NAME", "The model, as namespace/name", RepositoryName.Create);
        var limit = Parsed.Number("--limit", "At most so many, 10 if not given", 1, MostSimilar);
        return app.Handle(
            new("similar", "What is most like a model, likest first") { name, limit },
            async (session, parsed, cancellationToken) =>
            {
                var request = new SimilarRequest { Name = parsed.GetValue(name).Value, Kind = Contracts.V1.RepositoryKind.Model, Limit = parsed.GetValue(limit) ?? 0 };
                Show(session, await session.Garden.SimilarAsync(request, cancellationToken));
            });
    }

    private static Option<string?> AcceptOnlyFrom(this Option<string?> option, params string[] values)
    {
        option.AcceptOnlyFromAmong(values);
        return option;
    }

    private static Task<QueryResponse> FindAsync(Session session, QueryRequest request, int limit, CancellationToken cancellationToken) =>
        Pages.ReadAsync(limit, LargestPage, (size, token) => session.Garden.SearchAsync(new(request) { PageSize = size, PageToken = token }, cancellationToken));

    private static void Show(Session session, QueryResponse found)
    {
        if (session.Out.IsJson)
        {
            session.Out.Json(found);
            return;
        }

        Table(session, found.Hits);
        session.Out.Note(found.Total switch
        {
            0 when found.DidYouMean.Length > 0 => $"no model is like that; did you mean: {found.DidYouMean}",
            0 => "no model is like that",
            _ when found.Total > found.Hits.Count => $"{found.Hits.Count} of {found.Total}: more with --limit",
            _ => $"{found.Total} found",
        });
    }

    private static void Show(Session session, SimilarResponse found)
    {
        if (session.Out.IsJson)
        {
            session.Out.Json(found);
            return;
        }

        Table(session, found.Hits);
        if (found.Hits.Count is 0)
        {
            session.Out.Note("no model is like that one");
        }
    }

    private static void Table(Session session, RepeatedField<Hit> hits)
    {
        if (hits.Count > 0)
        {
            string[] columns = ["model", "task", "library", "licence", "parameters", "downloads", "state"];
            var isFolded = hits.Any(hit => hit.Folded > 0);
            session.Out.Table(isFolded ? [.. columns, "folded"] : columns, [.. hits.Select(hit => isFolded ? (IReadOnlyList<Cell>)[.. Row(hit.Repository), Plain.Number(hit.Folded)] : Row(hit.Repository))]);
        }
    }

    private static IReadOnlyList<Cell> Row(Repository repository)
    {
        var (declared, measured) = (repository.Record?.Declared, repository.Record?.Measured);
        return
        [
            repository.Name,
            declared?.Task ?? "",
            declared?.Library ?? "",
            string.Join(", ", declared?.Licenses ?? []),
            measured is { HasParameters: true } ? Plain.Count(measured.Parameters) : "",
            Plain.Number(repository.Downloads),
            Tones.Of(repository.Lifecycle),
        ];
    }
}
