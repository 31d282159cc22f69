using System.Text.Json;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Catalog.Revisions;

namespace ModelGarden.Catalog.Webhooks;

/// <summary>
/// An event in the words of the Hugging Face protocol's webhooks, version 3, as one account may be told of it. What he may not see is left out, and with it the whole event where
/// nothing is left: this is the one place that decides it.
/// </summary>
internal static class WebhookPayload
{
    private const int Version = 3;

    /// <summary>The body; null: there is nothing that may be told.</summary>
    /// <param name="one">What happened.</param>
    /// <param name="seen">The repository as the account sees it now.</param>
    /// <param name="isHidden">The comment was hidden meanwhile.</param>
    /// <param name="webhook">The webhook.</param>
    public static byte[]? Write(RepositoryEvent one, SeenRepository seen, bool isHidden, StoredWebhook webhook)
    {
        if (!IsTold(one, seen))
        {
            return null;
        }

        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("event");
            json.WriteString("action", one.Action);
            json.WriteString("scope", one.Scope);
            json.WriteEndObject();
            var page = $"{webhook.Address}/{Prefix(one.Repository.Kind)}{one.Repository.Name}";
            var api = $"{webhook.Address}/api/{Word(one.Repository.Kind)}s/{one.Repository.Name}";
            WriteRepository(json, one.Repository, seen, page, api);
            WriteChange(json, one, [.. RefsFor(one, seen)], seen);
            if (one.Discussion is { } discussion)
            {
                WriteDiscussion(json, one.Repository, discussion, page, api);
                WriteComment(json, one.Comment, isHidden, $"{page}/discussions/{discussion.Number}");
            }

            json.WriteStartObject("webhook");
            json.WriteString("id", webhook.Id);
            json.WriteNumber("version", Version);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    /// <summary>Whether there is anything that may be told.</summary>
    public static bool IsTold(RepositoryEvent one, SeenRepository seen) => IsFor(one, seen) && (one.Scope is not RepositoryEvent.Content || RefsFor(one, seen).Any());

    private static IEnumerable<EventRef> RefsFor(RepositoryEvent one, SeenRepository seen) => one.Refs.Where(moved => seen.SeesAll || IsShown(one, moved, seen));

    private static bool IsFor(RepositoryEvent one, SeenRepository seen) => one.Audience switch
    {
        EventAudience.Insiders => seen.SeesAll,
        EventAudience.Outsiders => !seen.SeesAll,
        // Pull requests are made of drafts.
        _ => seen.SeesAll || one.Discussion is not { PullRequest: true },
    };

    /// <summary>To who sees what is published: main, when something is, and whatever comes to stand on it.</summary>
    private static bool IsShown(RepositoryEvent one, EventRef moved, SeenRepository seen) =>
        (one.Audience is EventAudience.Outsiders || (moved.Name is not RefName.Default && !moved.Name.StartsWith(RefName.PullRequests, StringComparison.Ordinal)))
        && seen.Sees(moved.New.Length > 0 ? moved.New : moved.Old);

    private static void WriteRepository(Utf8JsonWriter json, EventRepository repository, SeenRepository seen, string page, string api)
    {
        json.WriteStartObject("repo");
        json.WriteString("type", Word(repository.Kind));
        json.WriteString("name", repository.Name);
        json.WriteString("id", ShortId.Of(repository.Id));
        json.WriteBoolean("private", repository.Private);
        WriteUrl(json, page, api);
        if ((seen.SeesAll ? repository.Head : seen.Head) is { Length: > 0 } head)
        {
            json.WriteString("headSha", head);
        }

        WriteId(json, "owner", OwnerId(repository.Name));
        json.WriteEndObject();
    }

    private static void WriteChange(Utf8JsonWriter json, RepositoryEvent one, List<EventRef> refs, SeenRepository seen)
    {
        if (one.MovedTo is { } name)
        {
            json.WriteStartObject("movedTo");
            json.WriteString("name", name);
            WriteId(json, "owner", OwnerId(name));
            json.WriteEndObject();
        }

        if (one.Scope is RepositoryEvent.Config)
        {
            json.WriteStartObject("updatedConfig");
            if (one.Private is { } isPrivate)
            {
                json.WriteBoolean("private", isPrivate);
            }

            json.WriteEndObject();
        }

        if (refs.Count > 0)
        {
            json.WriteStartArray("updatedRefs");
            foreach (var moved in refs)
            {
                json.WriteStartObject();
                json.WriteString("ref", moved.Name);
                json.WriteString("oldSha", moved.Old.Length > 0 && seen.Sees(moved.Old) ? moved.Old : null);
                json.WriteString("newSha", moved.New.Length > 0 ? moved.New : null);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }
    }

    private static void WriteDiscussion(Utf8JsonWriter json, EventRepository repository, EventDiscussion discussion, string page, string api)
    {
        json.WriteStartObject("discussion");
        json.WriteString("id", ShortId.Of($"discussion/{repository.Id}/{discussion.Number}"));
        json.WriteNumber("num", discussion.Number);
        json.WriteString("title", discussion.Title);
        WriteUrl(json, $"{page}/discussions/{discussion.Number}", $"{api}/discussions/{discussion.Number}");
        json.WriteString("status", discussion.Status.ToString().ToLowerInvariant());
        WriteId(json, "author", AccountId(discussion.Author));
        json.WriteBoolean("isPullRequest", discussion.PullRequest);
        if (discussion.PullRequest)
        {
            json.WriteStartObject("changes");
            json.WriteString("base", RefName.Default);
            if (discussion.MergeCommit.Length > 0)
            {
                json.WriteString("mergeCommitId", discussion.MergeCommit);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteComment(Utf8JsonWriter json, EventComment? comment, bool isHidden, string page)
    {
        if (comment is null)
        {
            return;
        }

        json.WriteStartObject("comment");
        json.WriteString("id", $"{comment.Id}");
        WriteId(json, "author", AccountId(comment.Author));
        json.WriteBoolean("hidden", isHidden || comment.Hidden);
        if (!isHidden && !comment.Hidden)
        {
            json.WriteString("content", comment.Text);
        }

        WriteUrl(json, $"{page}#{comment.Id}", null);
        json.WriteEndObject();
    }

    private static void WriteUrl(Utf8JsonWriter json, string web, string? api)
    {
        json.WriteStartObject("url");
        json.WriteString("web", web);
        if (api is not null)
        {
            json.WriteString("api", api);
        }

        json.WriteEndObject();
    }

    private static void WriteId(Utf8JsonWriter json, string name, string id)
    {
        json.WriteStartObject(name);
        json.WriteString("id", id);
        json.WriteEndObject();
    }

    private static string OwnerId(string repository) => ShortId.Of($"tenant/{repository[..repository.IndexOf('/', StringComparison.Ordinal)]}");

    private static string AccountId(string name) => ShortId.Of($"account/{name}");

    private static string Prefix(RepositoryKind kind) => kind is RepositoryKind.Model ? "" : $"{Word(kind)}s/";

    private static string Word(RepositoryKind kind) => kind switch
    {
        RepositoryKind.Dataset => "dataset",
        RepositoryKind.App => "space",
        _ => "model",
    };
}
