using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Hub.Repositories;
using ModelGarden.Hub.Routing;
using ModelGarden.Hub.Wire;
using ModelGarden.Kernel;
using RepositoryKind = ModelGarden.Contracts.V1.RepositoryKind;

namespace ModelGarden.Hub.Collections;

/// <summary>Lists, makes, shows, changes and deletes collections, and what is in them.</summary>
internal sealed class CollectionEndpoints(Garden garden, LicenseTerms terms) : IEndpoints
{
    private const int UsualPage = 50;
    private const int MaximumPage = 100;
    private const string Path = "/api/collections";
    private const string One = Path + "/{owner}/{slug}";

    public IEnumerable<HubRoute> Routes =>
    [
        new("GET", Path, ListAsync),
        new("POST", Path, CreateAsync),
        new("GET", One, ShowAsync),
        new("PATCH", One, UpdateAsync),
        new("DELETE", One, DeleteAsync),
        new("POST", One + "/items", AddAsync),
        new("PATCH", One + "/items/{id}", UpdateItemAsync),
        new("DELETE", One + "/items/{id}", RemoveAsync),
    ];

    private async Task ListAsync(HubRequest request)
    {
        var wanted = new ListCollectionsRequest
        {
            Owners = { request.QueryAll("owner") },
            Repositories = { request.QueryAll("item").Select(ItemOf) },
            Text = request.QueryText("q") ?? "",
            Order = OrderOf(request),
            PageSize = request.Limit(UsualPage, MaximumPage),
            PageToken = request.QueryText(Paging.Cursor) ?? "",
            Featured = request.QueryFlag("featured"),
        };
        var found = await garden.Catalog.ListCollectionsAsync(wanted, cancellationToken: request.Cancel);
        var gates = await terms.GetAsync(request.Cancel);
        request.LinkNext(found.NextPageToken);
        await request.Http.WriteJsonAsync(new JsonArray([.. found.Collections.Select(one => CollectionJson.Listed(one, gates))]));
    }

    private async Task CreateAsync(HubRequest request)
    {
        var body = await BodyAsync(request, "title", "namespace", "description", "private");
        var made = await garden.Catalog.CreateCollectionAsync(
            new()
            {
                Owner = Ownership.NamespaceOf(request, body.OptionalText("namespace")),
                Title = body.Text("title"),
                Description = body.OptionalText("description") ?? "",
                Private = body.OptionalFlag("private") ?? false,
            },
            cancellationToken: request.Cancel);
        if (made.Existed)
        {
            await request.Http.WriteAsync(
                new(409, null, $"{made.Collection.Owner} has a collection '{Text.Shorten(made.Collection.Title)}' already: {made.Collection.Slug}"), new() { ["slug"] = made.Collection.Slug });
            return;
        }

        await AnswerAsync(request, made.Collection);
    }

    private async Task ShowAsync(HubRequest request) =>
        await AnswerAsync(request, await garden.Catalog.GetCollectionAsync(new() { Slug = SlugOf(request) }, cancellationToken: request.Cancel));

    private async Task UpdateAsync(HubRequest request)
    {
        var body = await BodyAsync(request, "title", "description", "private", "theme", "position");
        var wanted = new UpdateCollectionRequest { Slug = SlugOf(request), Theme = ThemeOf(body) };
        if (body.OptionalText("title") is { } title)
        {
            wanted.Title = title;
        }

        if (body.OptionalText("description") is { } description)
        {
            wanted.Description = description;
        }

        if (body.OptionalFlag("private") is { } isPrivate)
        {
            wanted.Private = isPrivate;
        }

        if (body.OptionalNumber("position") is { } position)
        {
            wanted.Position = position;
        }

        var updated = await garden.Catalog.UpdateCollectionAsync(wanted, cancellationToken: request.Cancel);
        await request.Http.WriteJsonAsync(new JsonObject { ["success"] = true, ["data"] = CollectionJson.Of(updated, await terms.GetAsync(request.Cancel), request.Address) });
    }

    private async Task DeleteAsync(HubRequest request)
    {
        await garden.Catalog.DeleteCollectionAsync(new() { Slug = SlugOf(request) }, cancellationToken: request.Cancel);
        await DoneAsync(request);
    }

    private async Task AddAsync(HubRequest request)
    {
        var body = await BodyAsync(request, "item", "note");
        var item = body.Object("item");
        await AnswerAsync(request, await garden.Catalog.AddCollectionItemAsync(
            new() { Slug = SlugOf(request), Repository = new() { Name = item.Text("id"), Kind = KindOf(item) }, Note = body.OptionalText("note") ?? "" }, cancellationToken: request.Cancel));
    }

    private async Task UpdateItemAsync(HubRequest request)
    {
        var body = await BodyAsync(request, "note", "position");
        var wanted = new UpdateCollectionItemRequest { Slug = SlugOf(request), ItemId = request.Value("id") };
        if (body.OptionalText("note") is { } note)
        {
            wanted.Note = note;
        }

        if (body.OptionalNumber("position") is { } position)
        {
            wanted.Position = position;
        }

        await garden.Catalog.UpdateCollectionItemAsync(wanted, cancellationToken: request.Cancel);
        await DoneAsync(request);
    }

    private async Task RemoveAsync(HubRequest request)
    {
        await garden.Catalog.RemoveCollectionItemAsync(new() { Slug = SlugOf(request), ItemId = request.Value("id") }, cancellationToken: request.Cancel);
        await DoneAsync(request);
    }

    private async Task AnswerAsync(HubRequest request, Collection collection) =>
        await request.Http.WriteJsonAsync(CollectionJson.Of(collection, await terms.GetAsync(request.Cancel), request.Address));

    private static Task DoneAsync(HubRequest request) => request.Http.WriteJsonAsync(new JsonObject { ["success"] = true });

    private static string SlugOf(HubRequest request) => $"{request.Value("owner")}/{request.Value("slug")}";

    /// <summary>The body, if it has nothing but these fields.</summary>
    private static async Task<JsonFields> BodyAsync(HubRequest request, params string[] fields)
    {
        var body = await request.Http.ReadJsonAsync();
        return body.FirstBeside(fields) is { } unknown ? throw body.Bad(Text.Shorten(unknown), $"is not served here: {string.Join(", ", fields)} are") : body;
    }

    private static RepositoryKind KindOf(JsonFields item) => Kinds.FromBody(item.Text("type")) is { Error: null } kind
        ? kind.Value
        : throw item.Bad("type", $"'{Text.Shorten(item.Text("type"))}' is not kept in collections here: model, dataset and space are");

    /// <summary>A repository as a list's filter writes it, such as <c>models/acme/llama</c>.</summary>
    private static NamedRepository ItemOf(string item)
    {
        var slash = item.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && Kinds.FromApi(item[..slash]) is { } kind
            ? new() { Kind = kind, Name = item[(slash + 1)..] }
            : throw new ErrorException(Error.Invalid("BAD_QUERY", $"query value item={Text.Shorten(item)} is not 'models/', 'datasets/' or 'spaces/' and a repository's name"));
    }

    // Nobody votes here: among collections of equal votes the one that was changed last comes first.
    private static CollectionOrder OrderOf(HubRequest request) => request.QueryText("sort") switch
    {
        null => CollectionOrder.Unspecified,
        "lastModified" or "trending" or "upvotes" => CollectionOrder.Updated,
        var other => throw new ErrorException(Error.Invalid("BAD_QUERY", $"query value sort={Text.Shorten(other)}: lastModified, trending and upvotes are served")),
    };

    private static CollectionTheme ThemeOf(JsonFields body) => body.OptionalText("theme") switch
    {
        null => CollectionTheme.Unspecified,
        "orange" => CollectionTheme.Orange,
        "blue" => CollectionTheme.Blue,
        "green" => CollectionTheme.Green,
        "purple" => CollectionTheme.Purple,
        "pink" => CollectionTheme.Pink,
        "indigo" => CollectionTheme.Indigo,
        var other => throw body.Bad("theme", $"'{Text.Shorten(other)}' is none of orange, blue, green, purple, pink and indigo"),
    };
}
