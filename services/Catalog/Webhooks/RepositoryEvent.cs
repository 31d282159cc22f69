using System.Text.Json;
using System.Text.Json.Serialization;
using ModelGarden.Catalog.Repositories;

namespace ModelGarden.Catalog.Webhooks;

/// <summary>Something that happened to a repository, as it was then. Kept as JSON: fields are only added.</summary>
internal sealed record RepositoryEvent
{
    public const string Repo = "repo";
    public const string Content = "repo.content";
    public const string Config = "repo.config";
    public const string Discussed = "discussion";
    public const string Commented = "discussion.comment";

    public const string Create = "create";
    public const string Update = "update";
    public const string Delete = "delete";
    public const string Move = "move";

    public required string Scope { get; init; }

    public required string Action { get; init; }

    public EventAudience Audience { get; init; }

    public required EventRepository Repository { get; init; }

    /// <summary>The name that the repository has now; null: it was not moved.</summary>
    public string? MovedTo { get; init; }

    /// <summary>Of a change of settings, whether the repository is private now; null: that did not change.</summary>
    public bool? Private { get; init; }

    public IReadOnlyList<EventRef> Refs { get; init; } = [];

    public EventDiscussion? Discussion { get; init; }

    public EventComment? Comment { get; init; }

    public EventDomains Domain => Scope is Discussed or Commented ? EventDomains.Discussion : EventDomains.Repository;

    public string ToJson() => JsonSerializer.Serialize(this, EventJson.Default.RepositoryEvent);

    public static RepositoryEvent FromJson(string json) => JsonSerializer.Deserialize(json, EventJson.Default.RepositoryEvent)!;
}

/// <summary>Whom an event is about to be told, beyond what each may see of the repository.</summary>
internal enum EventAudience
{
    Everyone,

    /// <summary>Who sees everything of the repository: it is about its drafts, or its way through review.</summary>
    Insiders,

    /// <summary>Who sees what is published: to him that is when it happens.</summary>
    Outsiders,
}

/// <summary>A repository at the time of an event.</summary>
internal sealed record EventRepository(string Id, string Name, string Owner, RepositoryKind Kind, bool Private, string Head, bool TakenDown)
{
    public static EventRepository Of(StoredRepository row) =>
        new(row.Id, row.Name, row.Owner, row.Kind, row.Visibility is Visibility.Private, row.Head, row.Standing is Lifecycle.TakenDown);

    /// <summary>As if it were there still, for its owner's people: nothing that others see is ever deleted.</summary>
    public StoredRepository ToDeleted() => new()
    {
        Id = Id,
        Name = Name,
        Key = Name.ToLowerInvariant(),
        Owner = Owner,
        Kind = Kind,
        Visibility = Visibility.Private,
        Head = Head,
        Standing = TakenDown ? Lifecycle.TakenDown : Lifecycle.Draft,
        CreatedAt = DateTimeOffset.UnixEpoch,
        UpdatedAt = DateTimeOffset.UnixEpoch,
        Scanners = "",
    };
}

/// <summary>A branch or tag that was moved.</summary>
/// <param name="Name">Whole.</param>
/// <param name="Old">The commit that it stood on; empty: it is new.</param>
/// <param name="New">Empty: it was deleted.</param>
internal sealed record EventRef(string Name, string Old, string New);

/// <summary>A discussion at the time of an event.</summary>
internal sealed record EventDiscussion(long Number, string Title, DiscussionStatus Status, string Author, bool PullRequest, string MergeCommit);

/// <summary>A comment at the time of an event.</summary>
internal sealed record EventComment(long Id, string Author, string Text, bool Hidden);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web), JsonSerializable(typeof(RepositoryEvent))]
internal sealed partial class EventJson : JsonSerializerContext;

/// <summary>An event on disk.</summary>
internal sealed class StoredWebhookEvent
{
    public long Id { get; init; }

    public required string RepositoryId { get; init; }

    /// <summary>What it may be watched by, a space between.</summary>
    public required string Targets { get; init; }

    public required EventDomains Domain { get; init; }

    /// <summary>Deliveries were made of it.</summary>
    public bool IsSpread { get; set; }

    /// <summary>Until it is spread, the last webhook, by its id, that has been looked at.</summary>
    public string SpreadTo { get; set; } = "";

    /// <summary>The comment that it tells of.</summary>
    public long? Comment { get; init; }

    /// <summary>That comment was hidden when its repository was deleted, and nobody can look it up any more.</summary>
    public bool IsHidden { get; set; }

    public required DateTimeOffset At { get; init; }

    public required string Content { get; init; }
}
