using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Routing;
using ModelGarden.Hub.Wire;

namespace ModelGarden.Hub.Discussions;

/// <summary>Discussions and their events in the protocol's words.</summary>
internal static class DiscussionJson
{
    public static JsonObject Of(Discussion discussion, HubRequest request, string repository) => new()
    {
        ["num"] = discussion.Number,
        ["title"] = discussion.Title,
        ["status"] = Word(discussion.Status),
        ["author"] = new JsonObject { ["name"] = discussion.Author },
        ["createdAt"] = discussion.CreatedAt.ToWire(),
        ["isPullRequest"] = discussion.PullRequest,
        ["repo"] = new JsonObject { ["name"] = repository, ["type"] = Kinds.ToBody(request.Kind) },
    };

    public static JsonObject Of(DiscussionEvent one) => new()
    {
        ["id"] = one.Id.ToString(CultureInfo.InvariantCulture),
        ["type"] = one.Kind switch
        {
            DiscussionEventKind.Title => "title-change",
            DiscussionEventKind.Status => "status-change",
            DiscussionEventKind.Commit => "commit",
            _ => "comment",
        },
        ["createdAt"] = one.At.ToWire(),
        ["author"] = new JsonObject { ["name"] = one.Author },
        ["data"] = one.Kind switch
        {
            DiscussionEventKind.Title => new JsonObject { ["from"] = one.Detail, ["to"] = one.Text },
            DiscussionEventKind.Status => new JsonObject { ["status"] = Word(one.Status) },
            DiscussionEventKind.Commit => new JsonObject { ["subject"] = one.Text, ["oid"] = one.Detail },
            _ => Comment(one),
        },
    };

    public static string Word(DiscussionStatus status) => status.ToString().ToLowerInvariant();

    // What strangers write is shown as they wrote it, never as markup of a page of ours.
    private static JsonObject Comment(DiscussionEvent one) => new()
    {
        ["edited"] = one.Edits > 0,
        ["hidden"] = one.Hidden,
        ["latest"] = new JsonObject
        {
            ["raw"] = one.Text,
            ["html"] = $"<p>{WebUtility.HtmlEncode(one.Text)}</p>",
            ["updatedAt"] = (one.EditedAt ?? one.At).ToWire(),
            ["author"] = new JsonObject { ["name"] = one.Author },
        },
        ["history"] = new JsonArray(),
        ["numEdits"] = one.Edits,
    };
}
