using System.CommandLine;
using Google.Protobuf.WellKnownTypes;
using ModelGarden.Cli.Garden;
using ModelGarden.Cli.Output;
using ModelGarden.Contracts.V1;
using Kind = ModelGarden.Contracts.V1.RepositoryKind;

namespace ModelGarden.Cli.Commands;

/// <summary><c>garden collections …</c>: repositories in an order, with notes; and which of them the garden features.</summary>
internal static class CollectionCommands
{
    private const int LargestPage = 100;
    private const int Most = 10_000;

    public static Command Build(App app) => new("collections", "Repositories put together, in an order and with notes")
    {
        List(app),
        Show(app),
        Create(app),
        Update(app),
        Delete(app),
        Add(app),
        UpdateItem(app),
        Remove(app),
        Feature(app),
        Unfeature(app),
    };

    private static Argument<CollectionAddress> Which() => Parsed.Argument("COLLECTION", "The collection, as its list shows it", CollectionAddress.Create);

    private static Argument<string> Item() => Parsed.Argument("ITEM", "The item's id, as the collection shows it", ShortHexId.Create);

    private static Option<int?> Position(string among) => Parsed.Number("--position", $"Its place among {among}, from 0", 0, int.MaxValue);

    private static Command List(App app)
    {
        var owners = Parsed.Texts("--owner", "TENANT", "Whose");
        var text = Parsed.Text("--text", "TEXT", "With this in the title or the description");
        var featured = new Option<bool>("--featured") { Description = "Only those that the garden features, in its order" };
        var limit = Parsed.Number("--limit", "At most so many, 50 if not given", 1, Most);
        return app.Handle(
            new("list", "Collections that you may see") { owners, text, featured, limit },
            async (session, parsed, cancellationToken) => Show(session, await Pages.ReadAsync(
                parsed.GetValue(limit) ?? 50,
                LargestPage,
                (size, token) => session.Garden.ListCollectionsAsync(
                    new() { Owners = { parsed.GetValue(owners) }, Text = parsed.GetValue(text) ?? "", Featured = parsed.GetValue(featured), PageSize = size, PageToken = token }, cancellationToken))));
    }

    private static Command Show(App app)
    {
        var which = Which();
        return app.Handle(
            new("show", "A collection and what is in it") { which },
            async (session, parsed, cancellationToken) => Show(session, await session.Garden.GetCollectionAsync(parsed.GetValue(which), cancellationToken)));
    }

    private static Command Create(App app)
    {
        var title = new Argument<string>("TITLE") { Description = "One line; a title that the owner has already finds that collection" };
        var owner = Parsed.Text("--owner", "TENANT", "Whose; your own if not given");
        var description = Parsed.Text("--description", "TEXT", "One line");
        var isPrivate = new Option<bool>("--private") { Description = "For the owner's people alone" };
        var theme = Parsed.WordOption<CollectionTheme>("--theme", "COLOUR", "Its colour; orange if not given");
        return app.Handle(
            new("create", "Make a collection") { title, owner, description, isPrivate, theme },
            async (session, parsed, cancellationToken) =>
            {
                var request = new CreateCollectionRequest
                {
                    Owner = parsed.GetValue(owner) ?? (await session.Garden.WhoAmIAsync(cancellationToken)).Tenant,
                    Title = parsed.GetRequiredValue(title),
                    Description = parsed.GetValue(description) ?? "",
                    Private = parsed.GetValue(isPrivate),
                    Theme = parsed.GetValue(theme),
                };
                var made = await session.Garden.CreateCollectionAsync(request, cancellationToken);
                if (session.Out.IsJson)
                {
                    session.Out.Json(made);
                    return;
                }

                Show(session, made.Collection);
                session.Out.Note(made.Existed ? "it was there already: nothing was made" : $"put something in: garden collections add {made.Collection.Slug} NAME");
            });
    }

    private static Command Update(App app)
    {
        var which = Which();
        var title = Parsed.Text("--title", "TEXT", "Another title");
        var description = Parsed.Text("--description", "TEXT", "Another description; \"\" for none");
        var isPrivate = new Option<bool?>("--private") { Description = "For the owner's people alone, or false: for everybody" };
        var theme = Parsed.WordOption<CollectionTheme>("--theme", "COLOUR", "Another colour");
        var position = Position("its owner's");
        return app.Handle(
            new("update", "Change a collection; what is not given stays") { which, title, description, isPrivate, theme, position },
            async (session, parsed, cancellationToken) =>
            {
                var request = new UpdateCollectionRequest { Slug = parsed.GetValue(which).Slug, Theme = parsed.GetValue(theme) };
                Given(parsed.GetValue(title), value => request.Title = value);
                Given(parsed.GetValue(description), value => request.Description = value);
                Given(parsed.GetValue(isPrivate), value => request.Private = value);
                Given(parsed.GetValue(position), value => request.Position = value);
                Show(session, await session.Garden.UpdateCollectionAsync(request, cancellationToken));
            });
    }

    private static Command Delete(App app)
    {
        var (which, yes) = (Which(), Parsed.Yes());
        return app.Handle(
            new("delete", "Delete a collection; what is in it stays where it is") { which, yes },
            async (session, parsed, cancellationToken) =>
            {
                var collection = parsed.GetValue(which);
                await session.ConfirmAsync($"Delete {collection}?", parsed.GetValue(yes), cancellationToken);
                var deleted = await session.Garden.DeleteCollectionAsync(collection, cancellationToken);
                if (session.Out.IsJson)
                {
                    session.Out.Json(deleted);
                    return;
                }

                session.Out.Note($"{collection} is deleted");
            });
    }

    private static Command Add(App app)
    {
        var which = Which();
        var name = Parsed.Argument("NAME", "The repository, as namespace/name", RepositoryName.Create);
        var kind = Parsed.WordOption<Kind>("--kind", "KIND", "model, dataset or app, where several have the name");
        var note = Parsed.Text("--note", "TEXT", "Why it is there");
        return app.Handle(
            new("add", "Put a repository at the end of a collection") { which, name, kind, note },
            async (session, parsed, cancellationToken) => Show(session, await session.Garden.AddCollectionItemAsync(
                new() { Slug = parsed.GetValue(which).Slug, Repository = new() { Name = parsed.GetValue(name).Value, Kind = parsed.GetValue(kind) }, Note = parsed.GetValue(note) ?? "" },
                cancellationToken)));
    }

    private static Command UpdateItem(App app)
    {
        var (which, item, position) = (Which(), Item(), Position("the others"));
        var note = Parsed.Text("--note", "TEXT", "Another note; \"\" for none");
        return app.Handle(
            new("update-item", "Change an item's note, or its place") { which, item, note, position },
            async (session, parsed, cancellationToken) =>
            {
                var request = new UpdateCollectionItemRequest { Slug = parsed.GetValue(which).Slug, ItemId = parsed.GetRequiredValue(item) };
                Given(parsed.GetValue(note), value => request.Note = value);
                Given(parsed.GetValue(position), value => request.Position = value);
                Show(session, await session.Garden.UpdateCollectionItemAsync(request, cancellationToken));
            });
    }

    private static Command Remove(App app)
    {
        var (which, item) = (Which(), Item());
        return app.Handle(
            new("remove", "Take an item out of a collection") { which, item },
            async (session, parsed, cancellationToken) =>
                Show(session, await session.Garden.RemoveCollectionItemAsync(new() { Slug = parsed.GetValue(which).Slug, ItemId = parsed.GetRequiredValue(item) }, cancellationToken)));
    }

    private static Command Feature(App app)
    {
        var (which, position) = (Which(), Position("those that are featured"));
        var until = Parsed.Day("--until", "When that ends, such as 2027-01-31; not given: when it is taken off");
        return app.Handle(
            new("feature", "Show a collection to everybody first, if you are a curator") { which, position, until },
            async (session, parsed, cancellationToken) =>
            {
                var request = new FeatureCollectionRequest { Slug = parsed.GetValue(which).Slug, Featured = true };
                Given(parsed.GetValue(position), value => request.Position = value);
                Given(parsed.GetValue(until), value => request.Until = Timestamp.FromDateTimeOffset(value));
                Show(session, await session.Garden.FeatureCollectionAsync(request, cancellationToken));
            });
    }

    private static Command Unfeature(App app)
    {
        var which = Which();
        return app.Handle(
            new("unfeature", "Feature a collection no longer") { which },
            async (session, parsed, cancellationToken) => Show(session, await session.Garden.FeatureCollectionAsync(new() { Slug = parsed.GetValue(which).Slug }, cancellationToken)));
    }

    private static void Given(string? value, Action<string> set)
    {
        if (value is not null)
        {
            set(value);
        }
    }

    private static void Given<T>(T? value, Action<T> set)
        where T : struct
    {
        if (value is { } given)
        {
            set(given);
        }
    }

    private static void Show(Session session, ListCollectionsResponse found)
    {
        if (session.Out.IsJson)
        {
            session.Out.Json(found);
            return;
        }

        session.Out.Table(
            ["collection", "title", "changed", "featured", "visibility"],
            [.. found.Collections.Select(one => new Cell[] { one.Slug, one.Title, Plain.Time(one.UpdatedAt), FeaturedOf(one), VisibilityOf(one) })]);
        session.Out.NoteMore(found.NextPageToken);
    }

    private static void Show(Session session, Collection collection)
    {
        if (session.Out.IsJson)
        {
            session.Out.Json(collection);
            return;
        }

        session.Out.Facts(
            ("collection", collection.Slug),
            ("title", collection.Title),
            ("description", collection.Description),
            ("visibility", VisibilityOf(collection)),
            ("featured", FeaturedOf(collection)),
            ("changed", Plain.Time(collection.UpdatedAt)));
        if (collection.Items.Count > 0)
        {
            session.Out.Line();
            session.Out.Table(
                ["item", "repository", "kind", "note"],
                [.. collection.Items.Select(item => new Cell[] { new(item.Id, Tone.Dim), item.Repository.Name, Plain.Name(item.Repository.Kind), item.Note })]);
        }
    }

    private static string VisibilityOf(Collection collection) => collection.Private ? "private" : "public";

    private static string FeaturedOf(Collection collection) => collection.Featured switch
    {
        null => "",
        { Until: null } featured => $"place {featured.Position}",
        var featured => $"place {featured.Position} until {Plain.Time(featured.Until)}",
    };
}
