using System.Globalization;
using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Commits;
using ModelGarden.Hub.Routing;
using ModelGarden.Hub.Wire;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Discussions;

/// <summary>Lists, opens, shows, changes and merges discussions and pull requests.</summary>
internal sealed class DiscussionEndpoints(Garden garden, LineDiffs diffs) : IEndpoints
{
    private const int PageSize = 50;
    private const int MaximumPage = 2000;
    private const string Path = "/api/{kind}/{ns}/{name}/discussions";

    public IEnumerable<HubRoute> Routes =>
    [
        new("GET", Path, ListAsync),
        new("POST", Path, OpenAsync),
        new("GET", Path + "/{num}", ShowAsync),
        new("POST", Path + "/{num}/comment", request => ChangeAsync(request, "newMessage", (body, change) => change.Comment = body.Text("comment"))),
        new("POST", Path + "/{num}/title", request => ChangeAsync(request, "newTitle", (body, change) => change.Title = body.Text("title"))),
        new("POST", Path + "/{num}/status", request => ChangeAsync(request, "newStatus", SetStatus)),
        new("POST", Path + "/{num}/merge", MergeAsync),
        new("POST", Path + "/{num}/comment/{id}/edit", request => ChangeAsync(request, "updatedComment", (body, change) => change.Edit = new() { Id = IdOf(request), Text = body.Text("content") })),
        new("POST", Path + "/{num}/comment/{id}/hide", request => ChangeAsync(request, "updatedComment", (_, change) => change.Hide = IdOf(request))),
    ];

    private async Task ListAsync(HubRequest request)
    {
        var page = request.QueryText("p") is not { } text ? 0
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < MaximumPage ? number
            : throw new ErrorException(Error.Invalid("BAD_QUERY", $"query value p={Text.Shorten(text)} is not a number below {MaximumPage}"));
        var wanted = new ListDiscussionsRequest { Name = request.Repository, Kind = request.Kind, Author = request.QueryText("author") ?? "", Skip = (long)page * PageSize, PageSize = PageSize };
        if (Choice(request, "type", "discussion", "pull_request") is { } type)
        {
            wanted.PullRequest = type is "pull_request";
        }

        wanted.Statuses.Add(Choice(request, "status", "open", "closed") switch
        {
            "open" => [DiscussionStatus.Open, DiscussionStatus.Draft],
            "closed" => [DiscussionStatus.Closed, DiscussionStatus.Merged],
            _ => Array.Empty<DiscussionStatus>(),
        });
        var found = await garden.Catalog.ListDiscussionsAsync(wanted, cancellationToken: request.Cancel);
        await request.Http.WriteJsonAsync(new JsonObject
        {
            ["discussions"] = new JsonArray([.. found.Discussions.Select(one => DiscussionJson.Of(one, request, found.Repository.Name))]),
            ["count"] = found.Total,
            ["start"] = wanted.Skip,
        });
    }

    private async Task OpenAsync(HubRequest request)
    {
        var body = await request.Http.ReadJsonAsync();
        var opened = await garden.Catalog.OpenDiscussionAsync(
            new()
            {
                Name = request.Repository,
                Kind = request.Kind,
                Title = body.Text("title"),
                Description = body.OptionalText("description") ?? "",
                PullRequest = body.OptionalFlag("pullRequest") ?? false,
            },
            cancellationToken: request.Cancel);
        await request.Http.WriteJsonAsync(new JsonObject
        {
            ["num"] = opened.Number,
            ["pullRequest"] = opened.PullRequest,
            ["url"] = $"{request.PageOf(request.Repository)}/discussions/{opened.Number}",
        });
    }

    private async Task ShowAsync(HubRequest request)
    {
        var details = await garden.Catalog.GetDiscussionAsync(new() { Name = request.Repository, Kind = request.Kind, Number = NumberOf(request) }, cancellationToken: request.Cancel);
        var json = DiscussionJson.Of(details.Discussion, request, request.Repository);
        var html = new CommentHtml(request);
        json["events"] = new JsonArray([.. details.Events.Select(one => DiscussionJson.Of(one, html))]);
        if (details.Discussion.PullRequest)
        {
            var changes = new JsonObject { ["base"] = "refs/heads/main" };
            if (details.Discussion.MergeCommit is { Length: > 0 } merged)
            {
                changes["mergeCommitId"] = merged;
            }

            json["changes"] = changes;
            json["filesWithConflicts"] = new JsonArray([.. details.Conflicts.Select(path => (JsonNode)path)]);
            json["diff"] = null;
            json["garden"] = new JsonObject { ["commits"] = details.Commits };
            if (request.QueryFlag("diff"))
            {
                await AddDiffAsync(json, request, details.Discussion);
            }
        }

        await request.Http.WriteJsonAsync(json);
    }

    /// <summary>
    /// What the pull request brings, or has brought, line by line, as far as one page of it goes, and where all of it is; null where there is nothing that it could be compared with.
    /// </summary>
    private async Task AddDiffAsync(JsonObject json, HubRequest request, Discussion pull)
    {
        var wanted = new DiffRevisionsRequest { Name = request.Repository, Kind = request.Kind };
        (wanted.Base, wanted.Revision, wanted.FromCommonAncestor) = pull.MergeCommit.Length > 0 ? ("", pull.MergeCommit, false) : ("main", $"refs/pr/{pull.Number}", true);
        try
        {
            var page = await diffs.FirstAsync(request, wanted);
            json["diff"] = string.Concat(page.Files.Select(file => file.Patch.ToStringUtf8()));
            var compared = wanted.FromCommonAncestor ? $"{wanted.Base}...{Uri.EscapeDataString(wanted.Revision)}" : wanted.Revision;
            json["garden"]!["diff"] = new JsonObject
            {
                ["complete"] = page.NextPageToken.Length is 0,
                ["whole"] = $"{request.Address}/api/{Kinds.ToApi(request.Kind)}/{request.Repository}/compare/{compared}",
            };
        }
        catch (ErrorException exception) when (exception.Error.Reason is "NO_COMMON_ANCESTOR")
        {
            // Nothing that it could be compared with: no diff.
        }
    }

    private async Task ChangeAsync(HubRequest request, string answer, System.Action<JsonFields, ChangeDiscussionRequest> set)
    {
        var wanted = new ChangeDiscussionRequest { Name = request.Repository, Kind = request.Kind, Number = NumberOf(request) };
        set(await request.Http.ReadJsonAsync(), wanted);
        var made = await garden.Catalog.ChangeDiscussionAsync(wanted, cancellationToken: request.Cancel);
        await request.Http.WriteJsonAsync(new JsonObject { [answer] = DiscussionJson.Of(made, new(request)) });
    }

    private async Task MergeAsync(HubRequest request)
    {
        var body = await request.Http.ReadJsonAsync();
        var merged = await garden.Catalog.MergePullRequestAsync(
            new() { Name = request.Repository, Kind = request.Kind, Number = NumberOf(request), Comment = body.OptionalText("comment") ?? "" }, cancellationToken: request.Cancel);
        await request.Http.WriteJsonAsync(new JsonObject { ["status"] = DiscussionJson.Word(merged.Status), ["mergeCommitId"] = merged.MergeCommit });
    }

    private static void SetStatus(JsonFields body, ChangeDiscussionRequest change)
    {
        change.Status = body.Text("status") switch
        {
            "open" => DiscussionStatus.Open,
            "closed" => DiscussionStatus.Closed,
            var other => throw body.Bad("status", $"'{Text.Shorten(other)}' is neither open nor closed"),
        };
        change.Remark = body.OptionalText("comment") ?? "";
    }

    /// <summary>One of two values of a query's key; null: absent or all.</summary>
    private static string? Choice(HubRequest request, string key, string one, string other) => request.QueryText(key) switch
    {
        null or "all" => null,
        var value when value == one || value == other => value,
        var value => throw new ErrorException(Error.Invalid("BAD_QUERY", $"query value {key}={Text.Shorten(value)} is neither {one}, {other} nor all")),
    };

    private static long NumberOf(HubRequest request) => Numeric(request.Value("num")) ?? throw new ErrorException(Error.NotFound("DISCUSSION_NOT_FOUND", $"there is no discussion '{Text.Shorten(request.Value("num"))}'"));

    private static long IdOf(HubRequest request) => Numeric(request.Value("id")) ?? throw new ErrorException(Error.NotFound("COMMENT_NOT_FOUND", $"there is no comment '{Text.Shorten(request.Value("id"))}'"));

    private static long? Numeric(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;
}
