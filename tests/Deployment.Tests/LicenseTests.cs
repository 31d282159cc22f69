using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Contracts.V1;
using ModelGarden.Deployment.Endpoints;
using ModelGarden.Deployment.Licenses;
using ModelGarden.Testing;

namespace ModelGarden.Deployment.Tests;

public sealed class LicenseTests
{
    private const string Reason =
        "acme has withdrawn its acceptance of apache-2.0 (apache-2.0), the licence of meta/model; admin or legal of acme can change that: garden licenses accept apache-2.0";

    private static readonly HttpClient Http = new();

    private static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public async Task Acceptance_WithdrawnWhileAnEndpointRuns_BlocksItUntilItIsGivenAgain()
    {
        await using var garden = await DeploymentGarden.StartAsync();
        garden.Shelf.CommitFake("meta/model", "serve");
        await garden.CreateAsync("chat", "meta/model");
        var (replica, address) = await garden.ReplicaAsync("chat");

        garden.Shelf.TellAcceptance("apache-2.0", withdrawn: true);
        var blocked = await garden.UntilAsync("chat", EndpointState.Blocked);
        await garden.UntilAsync("chat", endpoint => endpoint.Replicas.Count is 0);
        Assert.Equal(Reason, blocked.Reason);
        await Assert.ThrowsAsync<HttpRequestException>(() => Http.GetStringAsync(new Uri(address), Cancel));

        garden.Shelf.TellAcceptance("apache-2.0", withdrawn: false);
        var ready = await garden.UntilAsync("chat", EndpointState.Ready);
        Assert.NotEqual(replica, Assert.Single(ready.Replicas).Id);
    }

    [Fact]
    public async Task Endpoint_MadeAndDeletedByPeople_IsToldTheAuditTrail()
    {
        await using var garden = await DeploymentGarden.StartAsync();
        garden.Shelf.CommitFake("meta/model", "serve");
        await garden.CreateAsync("chat", "meta/model");
        await garden.ReplicaAsync("chat");
        await garden.Ann.DeleteEndpointAsync(new() { Name = "chat" }, cancellationToken: Cancel);

        using var watch = garden.Feed.Watch(new(), cancellationToken: Cancel);
        var told = new List<AuditEvent>();
        while (await watch.ResponseStream.MoveNext(Cancel) && watch.ResponseStream.Current.EventCase is not FeedEvent.EventOneofCase.CaughtUp)
        {
            if (watch.ResponseStream.Current.Change?.State?.TryUnpack<AuditEvent>(out var one) is true)
            {
                told.Add(one);
            }
        }

        Assert.Equal([("endpoint.create", "acme", "ann", "chat"), ("endpoint.delete", "acme", "ann", "chat")], told.Select(one => (one.Action, one.Tenant, one.Account, one.Subject)));
    }

    [Fact]
    public async Task Acceptance_WithdrawnWhileAnEndpointLoads_StopsIt()
    {
        await using var garden = await DeploymentGarden.StartAsync();
        garden.Shelf.CommitFake("meta/model", "hang");
        await garden.CreateAsync("chat", "meta/model");
        await garden.UntilAsync("chat", endpoint => endpoint.Replicas.Count is 1);

        garden.Shelf.TellAcceptance("apache-2.0", withdrawn: true);

        await garden.UntilAsync("chat", endpoint => endpoint is { State: EndpointState.Blocked, Replicas.Count: 0 });
    }

    [Fact]
    public async Task Acceptance_Withdrawn_HoldsOverARestart()
    {
        await using var garden = await DeploymentGarden.StartAsync();
        garden.Shelf.CommitFake("meta/model", "serve");
        await garden.CreateAsync("chat", "meta/model");
        garden.Shelf.TellAcceptance("apache-2.0", withdrawn: true);
        await garden.UntilAsync("chat", endpoint => endpoint is { State: EndpointState.Blocked, Replicas.Count: 0 });

        await garden.RestartAsync();
        Assert.Equal(EndpointState.Blocked, (await garden.Ann.GetEndpointAsync(new() { Name = "chat" }, cancellationToken: Cancel)).State);
        garden.Shelf.TellAcceptance("apache-2.0", withdrawn: false);

        await garden.UntilAsync("chat", EndpointState.Ready);
        Assert.Single((await garden.LogsAsync("chat")).Split('\n'), line => line.StartsWith("garden: started", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("meta/model", "mit", true)]
    [InlineData("meta/model", "apache-2.0 MIT", true)]
    [InlineData("meta/model", "apache-2.0", false)]
    [InlineData("meta/model", "", false)]
    [InlineData("ACME/model", "mit", false)]
    public void Reason_AgainstAModel_IsALicenceThatItsTenantWithdrew(string repository, string licenses, bool blocked)
    {
        var book = LicenseBook.Empty.With(License("mit", "The MIT License", requiresAcceptance: true)).With(Acceptance("mit", withdrawn: true)).With(Acceptance("apache-2.0", withdrawn: false));

        var reason = book.ReasonAgainst("acme", Wish(repository, licenses.Split(' ', StringSplitOptions.RemoveEmptyEntries)));

        Assert.Equal(blocked, reason?.StartsWith("acme has withdrawn its acceptance of The MIT License", StringComparison.Ordinal) ?? false);
    }

    [Fact]
    public void Reason_WhatWasWithdrawnIsAcceptedFreeOrAnothersByNow_IsNone()
    {
        var book = LicenseBook.Empty.With(License("mit", "MIT", requiresAcceptance: true)).With(Acceptance("mit", withdrawn: true));

        Assert.NotNull(book.ReasonAgainst("Acme", Wish("meta/model", "mit")));
        Assert.Null(book.ReasonAgainst("rival", Wish("meta/model", "mit")));
        Assert.Null(book.With(Acceptance("mit", withdrawn: false)).ReasonAgainst("acme", Wish("meta/model", "mit")));
        Assert.Null(book.With(License("mit", "MIT", requiresAcceptance: false)).ReasonAgainst("acme", Wish("meta/model", "mit")));
        Assert.Same(book, book.With(new() { Key = "member/acme/ann" }));
    }

    [Fact]
    public void Reason_AcceptedForAMemberAlone_IsHisWhoPinnedIt()
    {
        var wish = Wish("meta/model", "mit") with { Target = Wish("meta/model", "mit").Target with { PinnedBy = "Ann" } };
        var own = LicenseBook.Empty.With(License("mit", "MIT", requiresAcceptance: true)).With(Acceptance("mit/ann", withdrawn: true));

        Assert.NotNull(own.ReasonAgainst("acme", wish));
        Assert.Null(own.ReasonAgainst("acme", wish with { Target = wish.Target with { PinnedBy = "bob" } }));
        Assert.Null(own.With(Acceptance("mit", withdrawn: false)).ReasonAgainst("acme", wish));
        Assert.NotNull(own.With(Acceptance("mit", withdrawn: true)).ReasonAgainst("acme", wish));
        Assert.Null(own.With(Acceptance("mit", withdrawn: true)).With(Acceptance("mit/ann", withdrawn: false)).ReasonAgainst("acme", wish));
    }

    [Fact]
    public void Reason_AccessOfWhoPinnedAGatedModelTakenBack_IsThatUntilItIsGrantedAgain()
    {
        var wish = Wish("meta/model") with { Target = Wish("meta/model").Target with { RepositoryId = "repo-1", Gate = AccessGate.Manual, PinnedBy = "Ann" } };
        var granted = LicenseBook.Empty.With(Access("ann", AccessStatus.Accepted));
        var rejected = granted.With(Access("ann", AccessStatus.Rejected));

        Assert.Null(granted.ReasonAgainst("acme", wish));
        Assert.Equal(
            "the access of Ann to meta/model, on which this endpoint rests, was rejected; the owner of meta/model can change that, or an engineer with access of his own, who sets the revision again",
            rejected.ReasonAgainst("acme", wish));
        Assert.Contains("is pending again", granted.With(Access("ann", AccessStatus.Pending)).ReasonAgainst("acme", wish), StringComparison.Ordinal);
        Assert.Null(rejected.With(Access("ann", AccessStatus.Accepted)).ReasonAgainst("acme", wish));
        Assert.Null(rejected.ReasonAgainst("META", wish));
        Assert.Null(rejected.ReasonAgainst("acme", wish with { Target = wish.Target with { PinnedBy = "bob" } }));
        Assert.Null(rejected.ReasonAgainst("acme", wish with { Target = wish.Target with { Gate = AccessGate.None } }));
    }

    [Fact]
    public async Task Access_TakenBackWhileAnEndpointRuns_BlocksIt_UntilAnotherPinsItAnew()
    {
        await using var garden = await DeploymentGarden.StartAsync();
        garden.Shelf.CommitFake("meta/model", "serve");
        garden.Shelf.Gate = AccessGate.Manual;
        var endpoint = await garden.CreateAsync("chat", "meta/model");
        await garden.ReplicaAsync("chat");

        garden.Shelf.Tell(Access("ann", AccessStatus.Rejected));
        var blocked = await garden.UntilAsync("chat", EndpointState.Blocked);
        var anew = await garden.As(People.Person("bob", "acme", "engineer")).UpdateEndpointAsync(new() { Name = "chat", Revision = endpoint.Revision }, cancellationToken: Cancel);
        await garden.UntilAsync("chat", EndpointState.Ready);

        Assert.Equal(("repo-1", AccessGate.Manual, "ann"), (endpoint.RepositoryId, endpoint.Gate, endpoint.PinnedBy));
        Assert.Equal((AccessGate.Manual, "repo-1", endpoint.Revision), (garden.Shelf.Asked!.Gate, garden.Shelf.Asked.RepositoryId, garden.Shelf.Asked.Revision));
        Assert.Equal(ContentRating.Unrated, garden.Shelf.Asked.Facts.Rating);
        Assert.Equal(garden.Shelf.Asked.Facts, endpoint.Facts);
        Assert.Contains("the access of ann to meta/model", blocked.Reason, StringComparison.Ordinal);
        Assert.Equal((endpoint.Revision, "bob"), (anew.Revision, anew.PinnedBy));
    }

    [Fact]
    public void Refusals_ThatAreForgotten_AreTheOldest_AndNoneThatAnEndpointRestsOn()
    {
        var rested = Wish("meta/model").Target with { RepositoryId = "repo-1", Gate = AccessGate.Manual, PinnedBy = "Ann" };
        var book = new[] { "ann", "bob", "cid", "dee" }.Index().Aggregate(LicenseBook.Empty, (all, one) => all.With(Access(one.Item, AccessStatus.Rejected, one.Index)));

        var kept = book.Forget([rested], 2);

        Assert.Equal(3, kept.Refusals);
        Assert.Equal(
            ["ann", "cid", "dee"],
            new[] { "ann", "bob", "cid", "dee" }.Where(by => kept.ReasonAgainst("acme", Wish("meta/model") with { Target = rested with { PinnedBy = by } }) is not null));
    }

    [Fact]
    public async Task Access_TakenBack_HoldsHoweverManyOthersAskFor_AndOverARestart()
    {
        await using var garden = await DeploymentGarden.StartAsync();
        garden.Shelf.CommitFake("meta/model", "serve");
        garden.Shelf.Gate = AccessGate.Manual;
        await garden.CreateAsync("chat", "meta/model");
        garden.Shelf.Tell(Access("ann", AccessStatus.Rejected));
        await garden.UntilAsync("chat", EndpointState.Blocked);

        for (var i = 1; i <= (2 * LicenseFeed.Refusals) + 1; i++)
        {
            garden.Shelf.Tell(Access($"asker-{i}", AccessStatus.Pending, i));
        }

        garden.Shelf.TellAcceptance("mit", withdrawn: true);
        await UntilAsync(garden, book => book.ReasonAgainst("acme", Wish("meta/other", "mit")) is not null);
        Assert.InRange(Book(garden)!.Refusals, 1, LicenseFeed.Refusals + 2);
        await garden.RestartAsync();
        await UntilAsync(garden, _ => true);
        Assert.InRange(Book(garden)!.Refusals, 1, 2 * LicenseFeed.Refusals);
        Assert.Equal(EndpointState.Blocked, (await garden.Ann.GetEndpointAsync(new() { Name = "chat" }, cancellationToken: Cancel)).State);
    }

    private static LicenseBook? Book(DeploymentGarden garden) => garden.Parts.GetRequiredService<Withdrawals>().Book;

    private static async Task UntilAsync(DeploymentGarden garden, Predicate<LicenseBook> expected)
    {
        while (Book(garden) is not { } book || !expected(book))
        {
            Cancel.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>As it was stored before gates were known.</summary>
    [Fact]
    public void Wish_OfOldStores_IsUngated()
    {
        var target = System.Text.Json.JsonSerializer.Deserialize(
            """{"revision":"abc","file":"m.gguf","files":[],"runtime":"r","protocol":"openai","licenses":["mit"]}""", DeploymentJson.Default.Target)!;

        var endpoint = new StoredEndpoint
        {
            Id = "1", Tenant = "acme", TenantKey = "acme", Name = "chat", CreatedBy = "ann", CreatedAt = default, UpdatedAt = default,
            Wish = new() { Repository = "meta/model", Target = target, Scaling = Endpoints.Scaling.Default },
        };

        Assert.Equal(("", ""), (endpoint.ToAnswer().RepositoryId, endpoint.ToAnswer().PinnedBy));
        Assert.True(endpoint.ToAnswer().Gate is AccessGate.None or AccessGate.Unspecified);
    }

    private static Wish Wish(string repository, params string[] licenses) => new()
    {
        Repository = repository,
        Scaling = Endpoints.Scaling.Default,
        Target = new() { Revision = "abc", File = "m.gguf", Files = [], Runtime = "r", Protocol = "openai", Licenses = licenses },
    };

    private static Change Access(string account, AccessStatus status, long at = 0) =>
        new() { Key = $"access/repo-1/{account}", At = new() { Seconds = at }, State = Any.Pack(new AccessRequest { RepositoryId = "repo-1", Account = account, Status = status }) };

    private static Change License(string id, string title, bool requiresAcceptance) =>
        new() { Key = $"license/{id}", State = Any.Pack(new License { Id = id, Title = title, RequiresAcceptance = requiresAcceptance }) };

    private static Change Acceptance(string license, bool withdrawn) => new()
    {
        Key = $"acceptance/acme/{license}",
        State = Any.Pack(new Acceptance { Tenant = "acme", License = license, WithdrawnAt = withdrawn ? new Timestamp { Seconds = 1 } : null }),
    };
}
