using System.Globalization;
using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
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

    /// <param name="one">The event.</param>
    /// <param name="html">What shows the texts of all events of an answer.</param>
    public static JsonObject Of(DiscussionEvent one, CommentHtml html) => new()
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
            _ => Comment(one, html),
        },
    };

    public static string Word(DiscussionStatus status) => status.ToString().ToLowerInvariant();

    private static JsonObject Comment(DiscussionEvent one, CommentHtml html) => new()
    {
        ["edited"] = one.Edits > 0,
        ["hidden"] = one.Hidden,
        ["latest"] = Said(one.Text, one.EditedAt ?? one.At, one.Author, html),
        ["history"] = new JsonArray([.. one.History.Select(former => Said(former.Text, former.At, one.Author, html))]),
        ["numEdits"] = one.Edits,
    };

    private static JsonObject Said(string text, Timestamp at, string author, CommentHtml html) => new()
    {
        ["raw"] = text,
        ["html"] = html.Of(text),
        ["updatedAt"] = at.ToWire(),
        ["author"] = new JsonObject { ["name"] = author },
    };
}
