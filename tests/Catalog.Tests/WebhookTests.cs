using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Contracts.V1;
using ModelGarden.Testing;

namespace ModelGarden.Catalog.Tests;

/// <summary>Webhooks: whose they are, what they are told, and what they are not.</summary>
public abstract class WebhookTests(Engine engine) : WebhookContract(engine)
{
    [Theory]
    [InlineData(Secret, Secret, false)]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", true)]
    public async Task Delivery_OfACommit_IsTheProtocolsAndSigned(string secret, string key, bool isBase64)
    {
        var repository = await CreateAsync();
        var hook = await Engineer.CreateWebhookAsync(new() { Url = Receiver.Url, Watched = { Repository(Model) }, Secret = secret, Address = Address }, cancellationToken: Cancel);

        var commit = await CommitAsync(Add("a.txt", "a"));

        var received = await Receiver.NextAsync();
        Assert.Equal(
            $$$"""
            {"event":{"action":"update","scope":"repo.content"},"repo":{"type":"model","name":"acme/llama","id":"{{{Kernel.ShortId.Of(repository.Id)}}}","private":false,"url":{"web":"https://garden.test/acme/llama","api":"https://garden.test/api/models/acme/llama"},"headSha":"{{{commit.Id}}}","owner":{"id":"f1f5dce2fe0e45033b00e487"}},"updatedRefs":[{"ref":"refs/heads/main","oldSha":null,"newSha":"{{{commit.Id}}}"}],"webhook":{"id":"{{{hook.Id}}}","version":3}}
            """,
            Encoding.UTF8.GetString(received.Body));
        Assert.Equal(("/hook", "application/json", secret), (received.Path, received.Headers["content-type"], received.Headers["x-webhook-secret"]));
        Assert.Equal($"{Clock.GetUtcNow().ToUnixTimeSeconds()}", received.Headers["webhook-timestamp"]);
        var signed = (byte[])[.. Encoding.UTF8.GetBytes($"{received.Id}.{received.Headers["webhook-timestamp"]}."), .. received.Body];
        using var hmac = new HMACSHA256(isBase64 ? Convert.FromBase64String(key) : Encoding.UTF8.GetBytes(key));
        Assert.Equal($"v1,{Convert.ToBase64String(hmac.ComputeHash(signed))}", received.Headers["webhook-signature"]);
        var delivery = await UntilOverAsync(hook);
        Assert.Equal(
            (received.Id, DeliveryStatus.Delivered, 1, 200, "delivered", "taken", "repo.content", "update", Model),
            (delivery.Id, delivery.Status, delivery.Attempts, delivery.ResponseCode, delivery.Outcome, delivery.Response, delivery.Scope, delivery.Action, delivery.Repository.Name));
    }

    [Fact]
    public async Task Events_OfARepositorysWholeLife_AreToldInTheirOrder()
    {
        var hook = await HookAsync();

        await CreateAsync();
        await CommitAsync(Add("README.md", Card));
        await Engineer.CreateRefAsync(new() { Name = Model, Ref = "refs/heads/dev" }, cancellationToken: Cancel);
        await Engineer.DeleteRefAsync(new() { Name = Model, Ref = "refs/heads/dev" }, cancellationToken: Cancel);
        await Engineer.CreateRefAsync(new() { Name = Model, Ref = "refs/tags/v1" }, cancellationToken: Cancel);
        await Engineer.UpdateRepositoryAsync(new() { Name = Model, Visibility = Visibility.Private }, cancellationToken: Cancel);
        await Engineer.UpdateRepositoryAsync(new() { Name = Model, Visibility = Visibility.Private }, cancellationToken: Cancel);
        await Engineer.SetLikeAsync(new() { Name = Model, Liked = true }, cancellationToken: Cancel);
        await StepAsync(LifecycleAction.Submit);
        await Engineer.MoveRepositoryAsync(new() { Name = Model, NewName = "acme/alpaca" }, cancellationToken: Cancel);
        await Engineer.CreateCommitAsync(new() { Name = "acme/alpaca", Summary = "change", Operations = { Add("b.txt", "b") } }, cancellationToken: Cancel);
        await Engineer.SquashBranchAsync(new() { Name = "acme/alpaca", Summary = "one" }, cancellationToken: Cancel);
        await Engineer.DeleteRepositoryAsync(new() { Name = "acme/alpaca" }, cancellationToken: Cancel);

        Assert.Equal(
            [
                "create repo acme/llama",
                "update repo.content acme/llama [refs/heads/main - +]",
                "update repo.content acme/llama [refs/heads/dev - +]",
                "update repo.content acme/llama [refs/heads/dev + -]",
                "update repo.content acme/llama [refs/tags/v1 - +]",
                """update repo.config acme/llama {"private":true}""",
                "update repo.config acme/llama {}",
                "move repo acme/llama > acme/alpaca",
                "update repo.content acme/alpaca [refs/heads/main + +]",
                "update repo.content acme/alpaca [refs/heads/main + +]",
                "delete repo acme/alpaca",
            ],
            await LinesAsync(11));
        Assert.All(await LogAsync(hook), delivery => Assert.NotEqual(DeliveryStatus.Failed, delivery.Status));
    }

    [Fact]
    public async Task Events_OfDiscussions_AreToldAsTheyAreSaid()
    {
        await CreateAsync();
        await CommitAsync(Add("a.txt", "a"));
        await HookAsync();

        await Engineer.OpenDiscussionAsync(new() { Name = Model, Title = "Why so small?", Description = "I wonder" }, cancellationToken: Cancel);
        var said = await SayAsync(1, change => change.Comment = "because");
        await SayAsync(1, change => change.Edit = new() { Id = said.Id, Text = "because it is" });
        await SayAsync(1, change => change.Hide = said.Id);
        await SayAsync(1, change => change.Title = "Why so tiny?");
        await SayAsync(1, change => (change.Status, change.Remark) = (DiscussionStatus.Closed, "done"));
        await Engineer.OpenDiscussionAsync(new() { Name = Model, Title = "Larger", PullRequest = true }, cancellationToken: Cancel);
        await Engineer.CreateCommitAsync(new() { Name = Model, Branch = "refs/pr/2", Summary = "grow", Operations = { Add("b.txt", "b") } }, cancellationToken: Cancel);
        await Engineer.MergePullRequestAsync(new() { Name = Model, Number = 2 }, cancellationToken: Cancel);

        Assert.Equal(
            [
                "create discussion acme/llama #1 open Why so small?: I wonder",
                "create discussion.comment acme/llama #1 open Why so small?: because",
                "update discussion.comment acme/llama #1 open Why so small?: because it is",
                "update discussion.comment acme/llama #1 open Why so small?: hidden",
                "update discussion acme/llama #1 open Why so tiny?",
                "update discussion acme/llama #1 closed Why so tiny?",
                "create discussion.comment acme/llama #1 closed Why so tiny?: done",
                "update repo.content acme/llama [refs/pr/2 - +]",
                "create discussion acme/llama #2 draft Larger (pull request)",
                "update repo.content acme/llama [refs/pr/2 + +]",
                "update repo.content acme/llama [refs/heads/main + +]",
                "update discussion acme/llama #2 merged Larger (pull request, merged)",
            ],
            // What is hidden by now is not sent, even of the moments before: the first deliveries are as fast as the hiding, so that either may be.
            (await LinesAsync(12)).Select((line, i) => i is 1 or 2 && line.EndsWith("hidden", StringComparison.Ordinal) ? line.Replace("hidden", i is 1 ? "because" : "because it is", StringComparison.Ordinal) : line));
    }

    [Fact]
    public async Task Comment_HiddenBeforeItIsSent_IsSentWithoutItsWords()
    {
        await CreateAsync();
        await HookAsync(domains: WebhookDomain.Discussion);
        Standing.IsAway = true;
        await Engineer.OpenDiscussionAsync(new() { Name = Model, Title = "Hush" }, cancellationToken: Cancel);
        var said = await SayAsync(1, change => change.Comment = "a secret");
        await SayAsync(1, change => change.Hide = said.Id);

        Standing.IsAway = false;
        await PassAsync(TimeSpan.FromMinutes(1));

        var received = new[] { await Receiver.NextAsync(), await Receiver.NextAsync(), await Receiver.NextAsync() };
        Assert.All(received, one => Assert.DoesNotContain("a secret", Encoding.UTF8.GetString(one.Body), StringComparison.Ordinal));
        Assert.Equal("""{"id":"1","author":{"id":"3be2fb381d20c0e28582de9d"},"hidden":true,"url":{"web":"https://garden.test/acme/llama/discussions/1#1"}}""", received[1].Json["comment"]!.ToJsonString());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Comment_HiddenBeforeItsRepositoryIsDeleted_IsSentWithoutItsWords(bool isFromBefore)
    {
        await CreateAsync();
        await HookAsync(domains: WebhookDomain.Discussion);
        Standing.IsAway = true;
        await Engineer.OpenDiscussionAsync(new() { Name = Model, Title = "Hush", Description = isFromBefore ? "" : "in the open" }, cancellationToken: Cancel);
        var said = await SayAsync(1, change => change.Comment = "a secret");
        await SayAsync(1, change => change.Hide = said.Id);
        if (isFromBefore)
        {
            await using var context = await OpenAsync();
            await context.WebhookEvents.ExecuteUpdateAsync(update => update.SetProperty(row => row.Comment, (long?)null), Cancel);
        }

        await Engineer.DeleteRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel);

        Standing.IsAway = false;
        await PassAsync(TimeSpan.FromMinutes(1));

        var received = new[] { await Receiver.NextAsync(), await Receiver.NextAsync(), await Receiver.NextAsync() };
        Assert.All(received, one => Assert.DoesNotContain("a secret", Encoding.UTF8.GetString(one.Body), StringComparison.Ordinal));
        Assert.Equal("true", received[1].Json["comment"]!["hidden"]!.ToJsonString());
        Assert.Equal(isFromBefore ? null : "in the open", (string?)received[0].Json["comment"]?["content"]);
    }

    [Fact]
    public async Task Domains_ThatAreNotWatched_AreNotTold()
    {
        await CreateAsync();
        await HookAsync(domains: WebhookDomain.Repository);
        await Engineer.OpenDiscussionAsync(new() { Name = Model, Title = "Not this" }, cancellationToken: Cancel);
        await CommitAsync(Add("a.txt", "a"));

        Assert.Equal(["update repo.content acme/llama [refs/heads/main - +]"], await LinesAsync(1));
    }

    [Fact]
    public async Task Outsider_IsToldOfWhatIsPublishedAlone()
    {
        await CreateAsync();
        var first = await CommitAsync(Add("README.md", Card), Add("config.json", "{}"));
        var inside = await HookAsync();
        var outside = await HookAsync(Stranger, url: Receiver.Url + "/outside");
        await StepAsync(LifecycleAction.Submit);
        await StepAsync(LifecycleAction.Approve);
        await StepAsync(LifecycleAction.Publish);
        await Engineer.OpenDiscussionAsync(new() { Name = Model, Title = "A draft", PullRequest = true }, cancellationToken: Cancel);
        var second = await CommitAsync(Add("more.txt", "more"));
        await Engineer.CreateRefAsync(new() { Name = Model, Ref = "refs/tags/shown", Revision = first.Id }, cancellationToken: Cancel);
        await Engineer.CreateRefAsync(new() { Name = Model, Ref = "refs/tags/unseen", Revision = second.Id }, cancellationToken: Cancel);
        await Stranger.OpenDiscussionAsync(new() { Name = Model, Title = "Thank you" }, cancellationToken: Cancel);
        await StepAsync(LifecycleAction.Deprecate);

        var told = new List<ReceivedDelivery>();
        while (told.Count(one => one.Path is "/hook/outside") < 5)
        {
            told.Add(await Receiver.NextAsync());
        }

        await StepAsync(LifecycleAction.Retire);
        var last = await CommitAsync(Add("last.txt", "last"));
        await UntilAsync(inside, delivery => delivery.Scope is "repo.content" && delivery.Status is DeliveryStatus.Delivered);

        told.AddRange(Receiver.Rest());
        Assert.Equal(
            [
                "update repo.config acme/llama {}",
                "update repo.content acme/llama [refs/heads/main - +]",
                "update repo.content acme/llama [refs/tags/shown - +]",
                "create discussion acme/llama #2 open Thank you",
                "update repo.config acme/llama {}",
            ],
            told.Where(one => one.Path is "/hook/outside").Select(Line));
        Assert.All(told.Where(one => one.Path is "/hook/outside"), one => Assert.DoesNotContain(second.Id, Encoding.UTF8.GetString(one.Body), StringComparison.Ordinal));
        Assert.Equal(5, (await LogAsync(outside, Stranger)).Count);
        // Submitted, approved, published, drafted (branch and discussion), committed, tagged twice, thanked, deprecated, retired, committed.
        Assert.Equal(12, told.Count(one => one.Path is "/hook"));
        Assert.Contains(last.Id, Encoding.UTF8.GetString(told[^1].Body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Delivery_OfWhatOneMayNotSeeAnyMore_IsWithheld()
    {
        await PublishAsync();
        var hook = await HookAsync(Stranger, Repository(Model));
        Receiver.Answer = http =>
        {
            http.Response.StatusCode = 500;
            return Task.CompletedTask;
        };
        await StepAsync(LifecycleAction.Deprecate);
        await Receiver.NextAsync();
        await UntilAsync(hook, delivery => delivery.Attempts is 1, Stranger);

        await StepAsync(LifecycleAction.Retire);
        await PassAsync(TimeSpan.FromMinutes(1));

        var delivery = await UntilOverAsync(hook, Stranger);
        Assert.Equal((DeliveryStatus.Withheld, 1), (delivery.Status, delivery.Attempts));
        Assert.Contains("may not see any more", delivery.Outcome, StringComparison.Ordinal);
        Assert.Single(await LogAsync(hook, Stranger));
        Assert.Empty(Receiver.Rest());
    }

    [Fact]
    public async Task Webhook_IsItsAccountsAlone()
    {
        var hook = await HookAsync();
        var colleague = As(People.Admin());

        foreach (var other in new[] { colleague, Stranger, Curator, As(People.Person("ann", "globex", "engineer")) })
        {
            Assert.Empty((await other.ListWebhooksAsync(new(), cancellationToken: Cancel)).Webhooks);
            Assert.Equal("WEBHOOK_NOT_FOUND", await ReasonAsync(other.GetWebhookAsync(new() { Id = hook.Id }, cancellationToken: Cancel)));
            Assert.Equal("WEBHOOK_NOT_FOUND", await ReasonAsync(other.UpdateWebhookAsync(new() { Id = hook.Id, Url = "http://evil.test" }, cancellationToken: Cancel)));
            Assert.Equal("WEBHOOK_NOT_FOUND", await ReasonAsync(other.SetWebhookDisabledAsync(new() { Id = hook.Id, Disabled = true }, cancellationToken: Cancel)));
            Assert.Equal("WEBHOOK_NOT_FOUND", await ReasonAsync(other.ListDeliveriesAsync(new() { WebhookId = hook.Id }, cancellationToken: Cancel)));
            Assert.Equal("WEBHOOK_NOT_FOUND", await ReasonAsync(other.RedeliverAsync(new() { WebhookId = hook.Id, DeliveryId = "x" }, cancellationToken: Cancel)));
            Assert.Equal("WEBHOOK_NOT_FOUND", await ReasonAsync(other.DeleteWebhookAsync(new() { Id = hook.Id }, cancellationToken: Cancel)));
        }

        var reader = People.Person("ann", "acme", "engineer");
        reader.Scopes.Clear();
        reader.Scopes.Add("read");
        Assert.Equal("SCOPE_MISSING", await ReasonAsync(As(reader).ListWebhooksAsync(new(), cancellationToken: Cancel)));
        Assert.Equal(hook, Assert.Single((await Engineer.ListWebhooksAsync(new(), cancellationToken: Cancel)).Webhooks));
    }

    [Fact]
    public async Task Webhook_ChangedInPart_KeepsTheRest()
    {
        await CreateAsync();
        var hook = await HookAsync(watched: Repository(Model), domains: WebhookDomain.Repository);
        await Engineer.MoveRepositoryAsync(new() { Name = Model, NewName = "acme/alpaca" }, cancellationToken: Cancel);

        var shown = await Engineer.UpdateWebhookAsync(new() { Id = hook.Id, Domains = { WebhookDomain.Discussion } }, cancellationToken: Cancel);
        Assert.Equal((hook.Url, Secret, "Model acme/alpaca", WebhookDomain.Discussion), (shown.Url, shown.Secret, Line(Assert.Single(shown.Watched)), Assert.Single(shown.Domains)));

        var other = await Engineer.UpdateWebhookAsync(
            new() { Id = hook.Id, Url = "https://hooks.example/x", Secret = "another", Watched = { new WatchedItem { Type = WatchedType.User, Name = "ann" }, Namespace("globex") } }, cancellationToken: Cancel);
        Assert.Equal(("https://hooks.example/x", "another", "User ann,Organization globex"), (other.Url, other.Secret, string.Join(',', other.Watched.Select(Line))));
        Assert.Equal(other, await Engineer.GetWebhookAsync(new() { Id = hook.Id }, cancellationToken: Cancel));
        await Engineer.DeleteWebhookAsync(new() { Id = hook.Id }, cancellationToken: Cancel);
        Assert.Equal("WEBHOOK_NOT_FOUND", await ReasonAsync(Engineer.GetWebhookAsync(new() { Id = hook.Id }, cancellationToken: Cancel)));
    }

    [Fact]
    public async Task Webhook_WatchingItsOwnAccount_IsToldOfTheTenants()
    {
        await HookAsync(watched: new() { Type = WatchedType.User, Name = "ann" });
        await CreateAsync();

        Assert.Equal(["create repo acme/llama"], await LinesAsync(1));
    }

    [Fact]
    public async Task Webhook_WithoutASecret_GetsOne()
    {
        var hook = await Engineer.CreateWebhookAsync(new() { Url = Receiver.Url, Watched = { Namespace("acme") }, Address = Address }, cancellationToken: Cancel);

        Assert.Equal(32, Convert.FromBase64String(hook.Secret.Replace("whsec_", "", StringComparison.Ordinal)).Length);
        Assert.Equal([WebhookDomain.Repository, WebhookDomain.Discussion], hook.Domains);
    }

    [Theory]
    [InlineData("ftp://hooks.example", "s", "acme", "BAD_URL")]
    [InlineData("/hook", "s", "acme", "BAD_URL")]
    [InlineData("http://user:word@hooks.example", "s", "acme", "BAD_URL")]
    [InlineData("http://169.254.169.254/latest", "s", "acme", "BAD_URL")]
    [InlineData("http://[::1]/", "s", "acme", "BAD_URL")]
    [InlineData("http://10.1.2.3/", "s", "acme", "BAD_URL")]
    [InlineData("http://0x7f.2/", "s", "acme", "BAD_URL")]
    [InlineData("http://hooks.example", "two words", "acme", "BAD_SECRET")]
    [InlineData("http://hooks.example", "gehéim", "acme", "BAD_SECRET")]
    [InlineData("http://hooks.example", "whsec_not base64", "acme", "BAD_SECRET")]
    [InlineData("http://hooks.example", "whsec_%", "acme", "BAD_SECRET")]
    [InlineData("http://hooks.example", "s", "-", "BAD_TENANT_NAME")]
    public async Task CreateWebhook_BadRequest_IsRefused(string url, string secret, string watched, string reason) =>
        Assert.Equal(reason, await ReasonAsync(Engineer.CreateWebhookAsync(new() { Url = url, Secret = secret, Address = Address, Watched = { Namespace(watched) } }, cancellationToken: Cancel)));

    [Fact]
    public async Task CreateWebhook_BeyondItsBounds_IsRefused()
    {
        var good = new CreateWebhookRequest { Url = "http://hooks.example", Address = Address, Watched = { Namespace("acme") } };
        Assert.Equal("BAD_URL", await ReasonAsync(Engineer.CreateWebhookAsync(new(good) { Url = "http://hooks.example/" + new string('x', 2048) }, cancellationToken: Cancel)));
        Assert.Equal("BAD_SECRET", await ReasonAsync(Engineer.CreateWebhookAsync(new(good) { Secret = new string('x', 257) }, cancellationToken: Cancel)));
        Assert.Equal("BAD_WATCHED", await ReasonAsync(Engineer.CreateWebhookAsync(new(good) { Watched = { Enumerable.Repeat(Namespace("acme"), 50) } }, cancellationToken: Cancel)));
        Assert.Equal("BAD_WATCHED", await ReasonAsync(Engineer.CreateWebhookAsync(new() { Url = good.Url, Address = Address }, cancellationToken: Cancel)));
        Assert.Equal("REPOSITORY_NOT_FOUND", await ReasonAsync(Engineer.CreateWebhookAsync(new(good) { Watched = { Repository("globex/unknown") } }, cancellationToken: Cancel)));
        Assert.Empty((await Engineer.ListWebhooksAsync(new(), cancellationToken: Cancel)).Webhooks);

        await Task.WhenAll(Enumerable.Range(0, 50).Select(async _ => await Engineer.CreateWebhookAsync(good, cancellationToken: Cancel)));
        Assert.Equal("TOO_MANY_WEBHOOKS", await ReasonAsync(Engineer.CreateWebhookAsync(good, cancellationToken: Cancel)));
        Assert.Equal(50, (await Engineer.ListWebhooksAsync(new(), cancellationToken: Cancel)).Webhooks.Count);
    }

    private async Task<DiscussionEvent> SayAsync(long number, Action<ChangeDiscussionRequest> set)
    {
        var request = new ChangeDiscussionRequest { Name = Model, Number = number };
        set(request);
        return await Engineer.ChangeDiscussionAsync(request, cancellationToken: Cancel);
    }

    /// <summary>So many deliveries as they come, a line each.</summary>
    private async Task<List<string>> LinesAsync(int count)
    {
        var lines = new List<string>();
        while (lines.Count < count)
        {
            lines.Add(Line(await Receiver.NextAsync()));
        }

        return lines;
    }

    private static string Line(WatchedItem item) => $"{item.Type} {item.Name}";

    private static string Line(ReceivedDelivery received)
    {
        var json = received.Json;
        var line = new StringBuilder($"{json["event"]!["action"]} {json["event"]!["scope"]} {json["repo"]!["name"]}");
        if (json["updatedRefs"] is { } refs)
        {
            line.Append(" [").AppendJoin(", ", refs.AsArray().Select(one => $"{one!["ref"]} {(one["oldSha"] is null ? "-" : "+")} {(one["newSha"] is null ? "-" : "+")}")).Append(']');
        }

        if (json["updatedConfig"] is { } config)
        {
            line.Append(' ').Append(config.ToJsonString());
        }

        if (json["movedTo"] is { } moved)
        {
            line.Append(" > ").Append(moved["name"]);
        }

        if (json["discussion"] is { } discussion)
        {
            line.Append($" #{discussion["num"]} {discussion["status"]} {discussion["title"]}");
            line.Append((bool)discussion["isPullRequest"]! ? $" (pull request{(discussion["changes"]!["mergeCommitId"] is null ? "" : ", merged")})" : "");
        }

        return json["comment"] is { } comment ? $"{line}: {((bool)comment["hidden"]! ? "hidden" : comment["content"])}" : line.ToString();
    }
}

public sealed class WebhooksOnSqliteTests() : WebhookTests(Engine.Sqlite);

public sealed class WebhooksOnPostgresTests() : WebhookTests(Engine.Postgres);
