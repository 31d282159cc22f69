using System.CommandLine;
using ModelGarden.Cli.Garden;
using ModelGarden.Cli.Output;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Commands;

/// <summary><c>garden models like</c>, <c>unlike</c>, <c>likers</c> and <c>likes</c>.</summary>
internal static class LikeCommands
{
    private const int LargestPage = 1000;
    private const int Most = 10_000;

    public static Command Like(App app) => Set(app, "like", "Like a model", true);

    public static Command Unlike(App app) => Set(app, "unlike", "Like a model no longer", false);

    public static Command Likers(App app)
    {
        var name = Parsed.Argument("NAME", "The model, as namespace/name", RepositoryName.Create);
        var limit = Limit();
        return app.Handle(
            new("likers", "Who likes a model, newest first") { name, limit },
            async (session, parsed, cancellationToken) => Show(session, await Pages.ReadAsync(
                parsed.GetValue(limit) ?? 100,
                LargestPage,
                (size, token) => session.Garden.ListLikersAsync(new() { Name = parsed.GetValue(name).Value, PageSize = size, PageToken = token }, cancellationToken))));
    }

    public static Command Likes(App app)
    {
        var account = Parsed.Argument("ACCOUNT", "Whose; yours if not given", ShortName.Create);
        account.Arity = ArgumentArity.ZeroOrOne;
        var limit = Limit();
        return app.Handle(
            new("likes", "What an account likes, newest first") { account, limit },
            async (session, parsed, cancellationToken) =>
            {
                var whose = parsed.GetValue(account) ?? (await session.Garden.WhoAmIAsync(cancellationToken)).Name;
                Show(session, await Pages.ReadAsync(
                    parsed.GetValue(limit) ?? 100, LargestPage, (size, token) => session.Garden.ListLikesAsync(new() { Account = whose, PageSize = size, PageToken = token }, cancellationToken)));
            });
    }

    private static Command Set(App app, string verb, string description, bool liked)
    {
        var name = Parsed.Argument("NAME", "The model, as namespace/name", RepositoryName.Create);
        return app.Handle(
            new(verb, description) { name },
            async (session, parsed, cancellationToken) =>
            {
                var repository = await session.Garden.SetLikeAsync(new() { Name = parsed.GetValue(name).Value, Liked = liked }, cancellationToken);
                if (session.Out.IsJson)
                {
                    session.Out.Json(repository);
                    return;
                }

                session.Out.Facts(("model", repository.Name), ("likes", Plain.Number(repository.Likes)));
            });
    }

    private static Option<int?> Limit() => Parsed.Number("--limit", "At most so many, 100 if not given", 1, Most);

    private static void Show(Session session, ListLikersResponse likers)
    {
        if (session.Out.IsJson)
        {
            session.Out.Json(likers);
            return;
        }

        session.Out.Table(["account", "since"], [.. likers.Likes.Select(like => new Cell[] { like.Account, Plain.Time(like.At) })]);
        session.Out.NoteMore(likers.NextPageToken);
    }

    private static void Show(Session session, ListLikesResponse likes)
    {
        if (session.Out.IsJson)
        {
            session.Out.Json(likes);
            return;
        }

        session.Out.Table(["repository", "kind", "since"], [.. likes.Likes.Select(like => new Cell[] { like.Repository.Name, Plain.Name(like.Repository.Kind), Plain.Time(like.At) })]);
        session.Out.NoteMore(likes.NextPageToken);
    }
}
