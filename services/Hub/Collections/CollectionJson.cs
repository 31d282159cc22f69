using System.Net;
using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Repositories;
using ModelGarden.Hub.Routing;
using ModelGarden.Hub.Wire;
using ModelGarden.Kernel;
using RepositoryKind = ModelGarden.Contracts.V1.RepositoryKind;

namespace ModelGarden.Hub.Collections;

/// <summary>Collections and their items in the protocol's words.</summary>
internal static class CollectionJson
{
    /// <summary>As in lists: without its position, which a client there counts for itself and takes from nobody else.</summary>
    public static JsonObject Listed(Collection collection, Terms terms)
    {
        var json = new JsonObject
        {
            ["slug"] = collection.Slug,
            ["title"] = collection.Title,
            ["gating"] = false,
            ["lastUpdated"] = collection.UpdatedAt.ToWire(),
            ["owner"] = Owner(collection.Owner),
            ["items"] = new JsonArray([.. collection.Items.Select(item => Item(item, terms))]),
            ["theme"] = collection.Theme.ToString().ToLowerInvariant(),
            ["private"] = collection.Private,
            ["upvotes"] = 0,
            ["isUpvotedByUser"] = false,
        };
        if (collection.Description.Length > 0)
        {
            json["description"] = collection.Description;
        }

        if (collection.Featured is { } featured)
        {
            json["garden"] = new JsonObject { ["featured"] = new JsonObject { ["position"] = featured.Position, ["until"] = featured.Until.ToWire() } };
        }

        return json;
    }

    public static JsonObject Of(Collection collection, Terms terms, string address)
    {
        var json = Listed(collection, terms);
        json["position"] = collection.Position;
        json["shareUrl"] = $"{address}/collections/{collection.Slug}";
        return json;
    }

    private static JsonObject Owner(string name) => new()
    {
        ["_id"] = ShortId.Of($"tenant/{name}"),
        ["avatarUrl"] = "",
        ["fullname"] = name,
        ["name"] = name,
        ["type"] = "org",
        ["isHf"] = false,
        ["isHfAdmin"] = false,
        ["isMod"] = false,
    };

    private static JsonObject Item(CollectionItem item, Terms terms)
    {
        var (repository, declared) = (item.Repository, item.Repository.Record?.Declared ?? new());
        var json = new JsonObject
        {
            ["_id"] = item.Id,
            ["position"] = item.Position,
            ["type"] = Kinds.ToBody(repository.Kind),
            ["repoType"] = Kinds.ToBody(repository.Kind),
            ["id"] = repository.Name,
            ["author"] = Ownership.OwnerOf(repository.Name),
            ["likes"] = repository.Likes,
            ["isLikedByUser"] = item.Liked,
            ["lastModified"] = repository.UpdatedAt.ToWire(),
            ["private"] = repository.Visibility is Visibility.Private,
        };
        // What strangers write is shown as they wrote it, never as markup of a page of ours.
        if (item.Note.Length > 0)
        {
            json["note"] = new JsonObject { ["html"] = WebUtility.HtmlEncode(item.Note), ["text"] = item.Note };
        }

        if (repository.Kind is RepositoryKind.App)
        {
            AddApp(json, repository, declared);
            return json;
        }

        json["downloads"] = repository.Downloads;
        json["gated"] = terms.GateOf(repository, declared) is { } gate ? gate : false;
        if (repository.Kind is RepositoryKind.Model)
        {
            AddModel(json, declared, repository.Record?.Measured);
        }

        return json;
    }

    private static void AddModel(JsonObject json, DeclaredFacts declared, MeasuredFacts? measured)
    {
        json["availableInferenceProviders"] = new JsonArray();
        if (declared.Task.Length > 0)
        {
            json["pipeline_tag"] = declared.Task;
        }

        if (measured is { HasParameters: true })
        {
            json["numParameters"] = measured.Parameters;
        }
    }

    private static void AddApp(JsonObject json, Repository repository, DeclaredFacts declared)
    {
        var card = RepositoryJson.CardOf(declared);
        json["title"] = CardFields.Text(card, "title") is { Length: > 0 } title ? title : declared.Title;
        json["emoji"] = CardFields.Text(card, "emoji");
        json["colorFrom"] = CardFields.Text(card, "colorFrom");
        json["colorTo"] = CardFields.Text(card, "colorTo");
        if (CardFields.Text(card, "sdk") is { Length: > 0 } sdk)
        {
            json["sdk"] = sdk;
        }

        json["createdAt"] = repository.CreatedAt.ToWire();
        json["pinned"] = false;
        json["featured"] = false;
        json["tags"] = new JsonArray();
        json["runtime"] = AppRuntime.ToJson();
    }
}
