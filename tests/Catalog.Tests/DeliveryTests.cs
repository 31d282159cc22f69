using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Webhooks;
using ModelGarden.Contracts.V1;
using ModelGarden.Testing;

namespace ModelGarden.Catalog.Tests;

/// <summary>Deliveries that fail, wait, are sent again, and are forgotten.</summary>
public abstract class DeliveryTests(Engine engine) : WebhookContract(engine)
{
    [Fact]
    public async Task Delivery_Refused_IsSentAgainUnderItsId()
    {
        var hook = await HookAsync();
        Receiver.Answer = Refuse("busy");
        await CreateAsync();
        var first = await Receiver.NextAsync();
        var refused = await UntilAsync(hook, delivery => delivery.Attempts is 1);
        Assert.Equal((DeliveryStatus.Waiting, 500, "the receiver answered 500: 2xx is expected", "busy"), (refused.Status, refused.ResponseCode, refused.Outcome, refused.Response));
        Assert.InRange((refused.NextAttemptAt.ToDateTimeOffset() - Clock.GetUtcNow()).TotalSeconds, 7, 13);
        Assert.NotNull((await Engineer.GetWebhookAsync(new() { Id = hook.Id }, cancellationToken: Cancel)).FailingSince);

        Receiver.Answer = http => http.Response.WriteAsync("now");
        await PassAsync(TimeSpan.FromSeconds(13));

        var second = await Receiver.NextAsync();
        Assert.Equal(first.Id, second.Id);
        Assert.Equal(first.Body, second.Body);
        Assert.NotEqual(first.Headers["webhook-signature"], second.Headers["webhook-signature"]);
        var taken = await UntilOverAsync(hook);
        Assert.Equal((DeliveryStatus.Delivered, 2, 200, "now"), (taken.Status, taken.Attempts, taken.ResponseCode, taken.Response));
        Assert.Null((await Engineer.GetWebhookAsync(new() { Id = hook.Id }, cancellationToken: Cancel)).FailingSince);
    }

    [Fact]
    public async Task Webhook_ThatFailsForDays_IsDisabledWithTheReason()
    {
        var hook = await HookAsync();
        Receiver.Answer = Refuse("never");
        await CreateAsync();
        var began = Clock.GetUtcNow();
        await FailAllAsync(hook);
        Assert.InRange((Clock.GetUtcNow() - began).TotalHours, 12, 36);
        Assert.False((await Engineer.GetWebhookAsync(new() { Id = hook.Id }, cancellationToken: Cancel)).Disabled);

        await PassAsync(TimeSpan.FromDays(3));
        await CommitAsync(Add("a.txt", "a"));
        await FailAllAsync(hook);

        var disabled = await UntilDisabledAsync(hook);
        Assert.StartsWith($"nothing has arrived since {began:yyyy-MM-dd HH:mm} UTC: the receiver answered 500", disabled.DisabledReason, StringComparison.Ordinal);
        var failed = (await LogAsync(hook))[0];
        Assert.Equal("WEBHOOK_DISABLED", await ReasonAsync(Engineer.RedeliverAsync(new() { WebhookId = hook.Id, DeliveryId = failed.Id }, cancellationToken: Cancel)));
        await CommitAsync(Add("b.txt", "b"));
        var enabled = await Engineer.SetWebhookDisabledAsync(new() { Id = hook.Id }, cancellationToken: Cancel);
        Assert.Equal((false, ""), (enabled.Disabled, enabled.DisabledReason));
        Assert.Null(enabled.FailingSince);
    }

    [Fact]
    public async Task Webhook_Disabled_DropsWhatWaitsAndIsToldNothing()
    {
        var hook = await HookAsync();
        Receiver.Answer = Refuse("busy");
        await CreateAsync();
        await Receiver.NextAsync();
        await UntilAsync(hook, delivery => delivery.Attempts is 1);

        Assert.True((await Engineer.SetWebhookDisabledAsync(new() { Id = hook.Id, Disabled = true }, cancellationToken: Cancel)).Disabled);
        await CommitAsync(Add("a.txt", "a"));
        Assert.False((await Engineer.SetWebhookDisabledAsync(new() { Id = hook.Id }, cancellationToken: Cancel)).Disabled);
        Receiver.Answer = http => http.Response.WriteAsync("again");
        var second = await CommitAsync(Add("b.txt", "b"));
        await PassAsync(TimeSpan.FromMinutes(1));

        var received = await Receiver.NextAsync();
        await UntilOverAsync(hook);
        var log = await LogAsync(hook);
        Assert.Equal((string?)received.Json["repo"]!["headSha"], second.Id);
        Assert.Equal([DeliveryStatus.Delivered, DeliveryStatus.Dropped], log.Select(delivery => delivery.Status).Where(status => status is not DeliveryStatus.Waiting));
    }

    [Theory]
    [InlineData("removed", "ann is no longer a member of acme")]
    [InlineData("disabled", "the account ann is disabled")]
    public async Task Webhook_OfWhoHasLeft_IsToldNothing(string how, string reason)
    {
        var hook = await HookAsync();
        (Standing.Removed, Standing.Disabled) = how is "removed" ? ("ann", "") : ("", "ann");

        await As(People.Admin()).CreateRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel);

        Assert.Equal(reason, (await UntilDisabledAsync(hook)).DisabledReason);
        Assert.Equal(DeliveryStatus.Dropped, Assert.Single(await LogAsync(hook)).Status);
        Assert.Empty(Receiver.Rest());
    }

    [Fact]
    public async Task Change_BeforeTheServiceEnds_IsToldAfterItBeginsAgain()
    {
        var hook = await HookAsync();
        Standing.IsAway = true;
        await CreateAsync();
        var commit = await CommitAsync(Add("a.txt", "a"));

        await Garden.RestartAsync(CatalogModule.Definition);
        Standing.IsAway = false;
        await PassAsync(TimeSpan.FromMinutes(2));

        Assert.Equal("create", (string?)(await Receiver.NextAsync()).Json["event"]!["action"]);
        Assert.Equal(commit.Id, (string?)(await Receiver.NextAsync()).Json["updatedRefs"]![0]!["newSha"]);
        await UntilOverAsync(hook);
    }

    [Fact]
    public async Task Redelivery_OfWhatArrived_IsSentAgain()
    {
        var hook = await HookAsync();
        await CreateAsync();
        var first = await Receiver.NextAsync();
        var delivered = await UntilOverAsync(hook);

        var waiting = await Engineer.RedeliverAsync(new() { WebhookId = hook.Id, DeliveryId = delivered.Id }, cancellationToken: Cancel);

        Assert.Equal((DeliveryStatus.Waiting, 1), (waiting.Status, waiting.Attempts));
        Assert.Equal(first.Id, (await Receiver.NextAsync()).Id);
        Assert.Equal(2, (await UntilOverAsync(hook)).Attempts);
        Assert.Equal("DELIVERY_NOT_FOUND", await ReasonAsync(Engineer.RedeliverAsync(new() { WebhookId = hook.Id, DeliveryId = "msg_other" }, cancellationToken: Cancel)));
    }

    [Fact]
    public async Task Log_IsPagedAndForgotten()
    {
        var hook = await HookAsync();
        await CreateAsync();
        for (var i = 0; i < 4; i++)
        {
            await CommitAsync(Add("a.txt", $"{i}"));
        }

        for (var i = 0; i < 5; i++)
        {
            await Receiver.NextAsync();
        }

        await UntilOverAsync(hook);
        var (ids, token) = (new List<string>(), "");
        do
        {
            var page = await Engineer.ListDeliveriesAsync(new() { WebhookId = hook.Id, PageSize = 2, PageToken = token }, cancellationToken: Cancel);
            Assert.InRange(page.Deliveries.Count, 1, 2);
            ids.AddRange(page.Deliveries.Select(delivery => delivery.Id));
            token = page.NextPageToken;
        }
        while (token.Length > 0);

        Assert.Equal((await LogAsync(hook)).Select(delivery => delivery.Id), ids);
        Assert.Equal(5, ids.Count);
        Assert.Equal("BAD_PAGE_TOKEN", await ReasonAsync(Engineer.ListDeliveriesAsync(new() { WebhookId = hook.Id, PageToken = "x" }, cancellationToken: Cancel)));
        Assert.Equal("BAD_PAGE_SIZE", await ReasonAsync(Engineer.ListDeliveriesAsync(new() { WebhookId = hook.Id, PageSize = 201 }, cancellationToken: Cancel)));

        await PassAsync(TimeSpan.FromDays(31));
        await UntilAsync(async context => !await context.WebhookDeliveries.AnyAsync(Cancel) && !await context.WebhookEvents.AnyAsync(Cancel));
    }

    [Fact]
    public async Task Log_OfVeryMany_KeepsTheNewest()
    {
        var hook = await HookAsync();
        await using (var context = await OpenAsync())
        {
            context.WebhookDeliveries.AddRange(Enumerable.Range(1, 1005).Select(i => Written(hook, i, DeliveryStatus.Delivered, null)));
            await context.SaveChangesAsync(Cancel);
        }

        await PassAsync(DeliveryLog.Pause);

        await UntilAsync(async context => await context.WebhookDeliveries.CountAsync(Cancel) is 1000);
        await using var after = await OpenAsync();
        Assert.Equal(6, await after.WebhookDeliveries.MinAsync(row => row.EventId, Cancel));
    }

    [Theory]
    [InlineData(WebhookLimits.Waiting, true)]
    [InlineData(WebhookLimits.Waiting - 1, false)]
    public async Task Webhook_ThatTooMuchWaitsFor_IsDisabledByTheNext(int waiting, bool isDisabled)
    {
        var hook = await HookAsync();
        await using (var context = await OpenAsync())
        {
            var later = Clock.GetUtcNow() + TimeSpan.FromHours(1);
            context.WebhookDeliveries.AddRange(Enumerable.Range(-waiting, waiting).Select(i => Written(hook, i, DeliveryStatus.Waiting, later)));
            await context.Webhooks.ExecuteUpdateAsync(update => update.SetProperty(row => row.WaitingMost, WebhookLimits.Waiting), Cancel);
            await context.SaveChangesAsync(Cancel);
        }

        await CreateAsync();

        if (isDisabled)
        {
            Assert.Contains("does not keep up", (await UntilDisabledAsync(hook)).DisabledReason, StringComparison.Ordinal);
            Assert.Empty(Receiver.Rest());
            return;
        }

        await Receiver.NextAsync();
        Assert.False((await Engineer.GetWebhookAsync(new() { Id = hook.Id }, cancellationToken: Cancel)).Disabled);
    }

    [Fact]
    public async Task Webhook_WhoseDeliveriesArrive_IsNeverFull()
    {
        await HookAsync();
        await CreateAsync();
        await Receiver.NextAsync();

        await UntilAsync(async context => await context.Webhooks.AllAsync(row => row.WaitingMost == 0 && row.DueAt == null, Cancel));
    }

    [Fact]
    public async Task Redelivery_AskedForTooOften_IsRefusedUntilItsTime()
    {
        var hook = await HookAsync();
        await CreateAsync();
        var again = new RedeliverRequest { WebhookId = hook.Id, DeliveryId = (await UntilOverAsync(hook)).Id };
        for (var i = 0; i < WebhookLimits.Redeliveries; i++)
        {
            await Engineer.RedeliverAsync(again, cancellationToken: Cancel);
        }

        var refused = await ErrorAsync(Engineer.RedeliverAsync(again, cancellationToken: Cancel));
        Assert.Equal((Kernel.ErrorCode.ResourceExhausted, "TOO_MANY_REDELIVERIES"), (refused.Code, refused.Reason));
        Assert.EndsWith($"ask again at {Clock.GetUtcNow() + WebhookLimits.RedeliveryPause:yyyy-MM-dd HH:mm:ss} UTC", refused.Message, StringComparison.Ordinal);

        Clock.Jump(WebhookLimits.RedeliveryPause);
        await Engineer.RedeliverAsync(again, cancellationToken: Cancel);
        Assert.Equal("TOO_MANY_REDELIVERIES", await ReasonAsync(Engineer.RedeliverAsync(again, cancellationToken: Cancel)));
    }

    [Fact]
    public async Task Redirect_IsNotFollowed()
    {
        var hook = await HookAsync();
        Receiver.Answer = http =>
        {
            http.Response.Redirect(Receiver.Url + "/elsewhere");
            return Task.CompletedTask;
        };
        await CreateAsync();

        var failed = await UntilAsync(hook, delivery => delivery.Attempts is 1);

        Assert.Equal((302, "the receiver answered 302: redirects are not followed, set the URL that it leads to"), (failed.ResponseCode, failed.Outcome));
        Assert.Single(Receiver.Rest());
    }

    [Fact]
    public async Task Response_OfAnyLength_IsKeptInPart()
    {
        var hook = await HookAsync();
        Receiver.Answer = http => http.Response.WriteAsync("\0" + new string('ü', 100_000));
        await CreateAsync();

        var delivered = await UntilOverAsync(hook);

        Assert.Equal(DeliveryStatus.Delivered, delivered.Status);
        Assert.Equal("\uFFFD" + new string('ü', 999) + "…", delivered.Response);
    }

    [Fact]
    public async Task Name_OfAnAddressThatIsNotAllowed_IsNotSentTo()
    {
        Garden.Change("Webhooks:AllowedNetworks", "");
        await Garden.RestartAsync(CatalogModule.Definition);
        Assert.Equal("BAD_URL", await ReasonAsync(Engineer.CreateWebhookAsync(new() { Url = Receiver.Url, Watched = { Namespace("acme") }, Address = Address }, cancellationToken: Cancel)));
        var hook = await HookAsync(url: $"http://localhost:{Receiver.Port}/");
        await CreateAsync();

        var refused = await UntilAsync(hook, delivery => delivery.Attempts is 1);

        Assert.Equal((0, DeliveryStatus.Waiting), (refused.ResponseCode, refused.Status));
        Assert.Equal("'localhost' has a loopback address, and nothing is sent there: an operator allows networks with Garden:Webhooks:AllowedNetworks", refused.Outcome);
        Assert.Empty(Receiver.Rest());
    }

    [Fact]
    public async Task Hook_WhoseReceiverHangs_KeepsNoOtherWaiting()
    {
        var hanging = new TaskCompletionSource();
        Receiver.Answer = http => http.Request.Path == "/hook/hanging" ? hanging.Task : http.Response.WriteAsync("taken");
        await HookAsync(url: Receiver.Url + "/hanging");
        await HookAsync();
        await CreateAsync();
        await CommitAsync(Add("a.txt", "a"));

        var told = new List<ReceivedDelivery>();
        while (told.Count(one => one.Path is "/hook") < 2)
        {
            told.Add(await Receiver.NextAsync());
        }

        Assert.True(told.Count(one => one.Path is "/hook/hanging") <= 1);
        hanging.SetResult();
    }

    private static Func<HttpContext, Task> Refuse(string words) => async http =>
    {
        http.Response.StatusCode = 500;
        await http.Response.WriteAsync(words);
    };

    private StoredDelivery Written(Webhook hook, long i, DeliveryStatus status, DateTimeOffset? due) => new()
    {
        Id = $"msg_{i}", WebhookId = hook.Id, EventId = i, Scope = "repo", Action = "create", Repository = Model, Kind = RepositoryKind.Model, CreatedAt = Clock.GetUtcNow(), Status = status, DueAt = due,
    };

    /// <summary>Fails every attempt of the newest delivery, each at its time.</summary>
    private async Task FailAllAsync(Webhook hook)
    {
        for (var attempt = 1; attempt <= WebhookLimits.Attempts; attempt++)
        {
            await Receiver.NextAsync();
            var failed = await UntilAsync(hook, delivery => delivery.Attempts == attempt);
            Assert.Equal(attempt < WebhookLimits.Attempts ? DeliveryStatus.Waiting : DeliveryStatus.Failed, failed.Status);
            if (failed.NextAttemptAt is { } next)
            {
                await PassAsync(next.ToDateTimeOffset() - Clock.GetUtcNow());
            }
        }
    }
}

public sealed class DeliveriesOnSqliteTests() : DeliveryTests(Engine.Sqlite);

public sealed class DeliveriesOnPostgresTests() : DeliveryTests(Engine.Postgres);
