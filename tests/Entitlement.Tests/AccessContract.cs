using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;
using ModelGarden.Testing;
using Action = ModelGarden.Contracts.V1.Action;
using RepositoryKind = ModelGarden.Contracts.V1.RepositoryKind;

namespace ModelGarden.Entitlement.Tests;

/// <summary>Access to gated repositories: asking, handling, and what is decided by it, on either engine.</summary>
public abstract class AccessContract
{
    private static readonly AccessForm Form = new()
    {
        Fields =
        {
            new AccessField { Name = "Company", Type = "text" },
            new AccessField { Name = "Born", Type = "date_picker" },
            new AccessField { Name = "Country", Type = "country" },
            new AccessField { Name = "Place", Type = "ip_location" },
            new AccessField { Name = "For", Type = "select", Options = { new AccessOption { Label = "Other", Value = "other" } } },
            new AccessField { Name = "I agree", Type = "checkbox" },
        },
    };

    private static readonly Dictionary<string, string> Answers = new()
    {
        ["Company"] = "Acme", ["Born"] = "2001-02-28", ["Country"] = "DE", ["For"] = "other", ["I agree"] = "true",
    };

    private static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public async Task ManualGate_AskedHandledAndTakenBack_DecidesByTheStateOfTheMoment()
    {
        await using var garden = await StartAsync();
        var rules = new List<string> { await RuleAsync(garden) };

        var asked = await AskAsync(garden);
        rules.Add(await RuleAsync(garden));
        await HandleAsync(garden, AccessStatus.Accepted);
        rules.Add(await RuleAsync(garden));
        var rejected = await HandleAsync(garden, AccessStatus.Rejected, "no longer");
        var refused = await DecideAsync(garden);
        rules.Add(refused.Rule);
        await HandleAsync(garden, AccessStatus.Pending);
        rules.Add(await RuleAsync(garden));
        await GrantAsync(garden, "ann");
        rules.Add(await RuleAsync(garden));

        Assert.Equal(["ACCESS_NOT_REQUESTED", "ACCESS_PENDING", "ACCESS_GRANTED", "ACCESS_REJECTED", "ACCESS_PENDING", "ACCESS_GRANTED"], rules);
        Assert.Equal((AccessStatus.Pending, "acme", "Ann Example", "ann@acme.test", ""), (asked.Status, asked.Tenant, asked.FullName, asked.Email, asked.DecidedBy));
        Assert.Equal(Answers.OrderBy(answer => answer.Key), asked.Fields.OrderBy(answer => answer.Key));
        Assert.Equal((AccessStatus.Rejected, "ann", "no longer"), (rejected.Status, rejected.DecidedBy, rejected.RejectionReason));
        Assert.Contains("no longer", refused.Message, StringComparison.Ordinal);
        Assert.Equal(
            ["access.request ann pending ", "access.grant ann accepted pending", "access.reject ann rejected accepted", "access.suspend ann pending rejected", "access.grant ann accepted pending"],
            (await garden.AuditAsync()).Where(record => record.Action.StartsWith("access.", StringComparison.Ordinal)).Select(Told));
        Assert.DoesNotContain(await garden.AuditAsync(), record => record.Detail.Contains("ann@acme.test", StringComparison.Ordinal) || record.Detail.Contains("Example", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AutomaticGate_Asked_GrantsAtOnce_AndNobodyDecided()
    {
        await using var garden = await StartAsync();
        await AskAsync(garden);
        Assert.Equal("ACCESS_NOT_REQUESTED", (await DecideAsync(garden, gate: AccessGate.Automatic)).Rule);

        var granted = await AskAsync(garden, AccessGate.Automatic);
        var again = await AskAsync(garden, AccessGate.Automatic);

        Assert.Equal((AccessStatus.Accepted, ""), (granted.Status, granted.DecidedBy));
        Assert.Equal(granted, again);
        Assert.Equal("ACCESS_GRANTED", (await DecideAsync(garden, gate: AccessGate.Automatic)).Rule);
        Assert.Equal(2, (await garden.AuditAsync()).Count(record => record.Action is "access.request"));
    }

    [Fact]
    public async Task Feed_TellsOfTheState_AndNothingOfThePerson()
    {
        await using var garden = await StartAsync();
        await AskAsync(garden);
        await HandleAsync(garden, AccessStatus.Accepted);

        var change = Assert.Single(await garden.FeedAsync(), change => change.Key.StartsWith("access/", StringComparison.Ordinal));

        Assert.Equal("access/repo-1/ann", change.Key);
        Assert.Equal(new AccessRequest { RepositoryId = "repo-1", Account = "ann", Status = AccessStatus.Accepted }, change.State.Unpack<AccessRequest>());
    }

    [Fact]
    public async Task Access_Until_EndsByItself_AndIsAskedForAgain()
    {
        await using var garden = await StartAsync();
        var until = garden.Clock.GetUtcNow().AddHours(1);
        await GrantAsync(garden, "ann", until);
        var within = await DecideAsync(garden);

        garden.Clock.Jump(TimeSpan.FromHours(1));

        Assert.Equal(("ACCESS_GRANTED", until), (within.Rule, within.EndsAt.ToDateTimeOffset()));
        var over = await DecideAsync(garden);
        Assert.Equal("ACCESS_NOT_REQUESTED", over.Rule);
        Assert.Contains("ended at 2026-11-21 13:00:00Z", over.Message, StringComparison.Ordinal);
        Assert.Equal(AccessStatus.Pending, (await AskAsync(garden)).Status);
        await EntitlementGarden.RefusedAsync(ErrorCode.InvalidArgument, "BAD_UNTIL", Grant(garden, Owner, "ann", garden.Clock.GetUtcNow()));
    }

    [Fact]
    public async Task Grant_OfWhoNeverAsked_SaysNothingOfHim()
    {
        await using var garden = await StartAsync();

        var granted = await GrantAsync(garden, "Zoe");

        Assert.Equal(("Zoe", "", "", "", null), (granted.Account, granted.FullName, granted.Email, granted.Tenant, granted.AskedAt));
        Assert.Equal("ACCESS_GRANTED", (await DecideAsync(garden, People.Person("zoe", "umbrella", "engineer"))).Rule);
        await EntitlementGarden.RefusedAsync(ErrorCode.InvalidArgument, "ALREADY_SO", Grant(garden, Owner, "zoe"));
    }

    [Fact]
    public async Task Repository_Moved_KeepsWhoHasAccess_AndItsNewOwnerHandlesThem()
    {
        await using var garden = await StartAsync();
        await AskAsync(garden);
        await HandleAsync(garden, AccessStatus.Accepted);
        var moved = Gated();
        moved.Repository = "umbrella/llama";

        Assert.Equal("ACCESS_GRANTED", (await garden.As(People.Engineer()).DecideAsync(new() { Action = Action.Download, Resource = moved }, cancellationToken: Cancel)).Rule);
        await EntitlementGarden.RefusedAsync(
            ErrorCode.PermissionDenied, "NOT_YOUR_NAMESPACE", garden.As(Owner).HandleAccessRequestAsync(new() { Resource = moved, Account = "ann", Status = AccessStatus.Rejected }, cancellationToken: Cancel));
        var handled = await garden.As(People.Engineer("umbrella")).HandleAccessRequestAsync(new() { Resource = moved, Account = "ann", Status = AccessStatus.Rejected }, cancellationToken: Cancel);
        Assert.Equal("umbrella/llama", handled.Repository);
    }

    [Fact]
    public async Task Request_WhatCannotBe_IsRefusedWithItsReason()
    {
        await using var garden = await StartAsync();
        var client = garden.As(People.Engineer());
        var free = Gated();
        free.Gate = AccessGate.None;
        var nameless = Gated();
        nameless.RepositoryId = "";
        var strange = Gated();
        strange.Gate = (AccessGate)9;

        await EntitlementGarden.RefusedAsync(ErrorCode.InvalidArgument, "NOT_GATED", client.RequestAccessAsync(new() { Resource = free }, cancellationToken: Cancel));
        await EntitlementGarden.RefusedAsync(ErrorCode.InvalidArgument, "BAD_REPOSITORY_ID", client.RequestAccessAsync(new() { Resource = nameless }, cancellationToken: Cancel));
        await EntitlementGarden.RefusedAsync(ErrorCode.InvalidArgument, "BAD_GATE", client.DecideAsync(new() { Action = Action.Download, Resource = strange }, cancellationToken: Cancel));
        await EntitlementGarden.RefusedAsync(ErrorCode.InvalidArgument, "ACCESS_NOT_NEEDED", garden.As(Owner).RequestAccessAsync(new() { Resource = Gated() }, cancellationToken: Cancel));
        await EntitlementGarden.RefusedAsync(ErrorCode.Unauthenticated, "SIGN_IN", garden.As(People.Anonymous).RequestAccessAsync(new() { Resource = Gated() }, cancellationToken: Cancel));
        await AskAsync(garden);
        await HandleAsync(garden, AccessStatus.Rejected, "we do not know you");
        var message = await EntitlementGarden.RefusedAsync(ErrorCode.PermissionDenied, "ACCESS_REJECTED", client.RequestAccessAsync(new() { Resource = Gated(), Form = Form, Fields = { Answers } }, cancellationToken: Cancel));
        Assert.Contains("we do not know you", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Company", "", "FIELD_MISSING", "Company")]
    [InlineData("Company", "a\nb", "BAD_TEXT", "Company")]
    [InlineData("Born", "28.2.2001", "BAD_FIELD", "2026-11-22")]
    [InlineData("Born", "2001-02-30", "BAD_FIELD", "2026-11-22")]
    [InlineData("Country", "Germany", "BAD_FIELD", "DE")]
    [InlineData("For", "Other", "BAD_FIELD", "one of other")]
    [InlineData("I agree", "yes", "BAD_FIELD", "'true'")]
    [InlineData("Place", "DE", "UNKNOWN_FIELD", "Company, Born, Country, For, I agree are")]
    [InlineData("Shoe size", "44", "UNKNOWN_FIELD", "'Shoe size'")]
    public async Task Request_AnswersThatDoNotFitTheForm_AreRefusedByName(string field, string answer, string reason, string words)
    {
        await using var garden = await StartAsync();
        var answers = new Dictionary<string, string>(Answers) { [field] = answer };

        var message = await EntitlementGarden.RefusedAsync(
            ErrorCode.InvalidArgument, reason, garden.As(People.Engineer()).RequestAccessAsync(new() { Resource = Gated(), Form = Form, Fields = { answers } }, cancellationToken: Cancel));

        Assert.Contains(words, message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Handle_ByWhoMayNot_OrWhatIsNotThere_IsRefused()
    {
        await using var garden = await StartAsync();
        await AskAsync(garden);
        var handle = new HandleAccessRequestRequest { Resource = Gated(), Account = "ann", Status = AccessStatus.Accepted };
        var list = new ListAccessRequestsRequest { Resource = Gated(), Status = AccessStatus.Pending };

        await EntitlementGarden.RefusedAsync(ErrorCode.PermissionDenied, "NOT_YOUR_NAMESPACE", garden.As(People.Engineer()).HandleAccessRequestAsync(handle, cancellationToken: Cancel));
        await EntitlementGarden.RefusedAsync(ErrorCode.PermissionDenied, "NOT_YOUR_NAMESPACE", garden.As(People.Curator).HandleAccessRequestAsync(handle, cancellationToken: Cancel));
        await EntitlementGarden.RefusedAsync(ErrorCode.PermissionDenied, "NOT_YOUR_NAMESPACE", garden.As(People.Engineer()).ListAccessRequestsAsync(list, cancellationToken: Cancel));
        await EntitlementGarden.RefusedAsync(ErrorCode.PermissionDenied, "NOT_YOUR_NAMESPACE", Grant(garden, People.Engineer(), "ann"));
        await EntitlementGarden.RefusedAsync(ErrorCode.PermissionDenied, "ROLE_MISSING", garden.As(People.Person("lea", "meta", "legal")).HandleAccessRequestAsync(handle, cancellationToken: Cancel));
        await EntitlementGarden.RefusedAsync(ErrorCode.NotFound, "ACCESS_REQUEST_NOT_FOUND", garden.As(Owner).HandleAccessRequestAsync(new(handle) { Account = "nobody" }, cancellationToken: Cancel));
        await EntitlementGarden.RefusedAsync(ErrorCode.InvalidArgument, "ALREADY_SO", garden.As(Owner).HandleAccessRequestAsync(new(handle) { Status = AccessStatus.Pending }, cancellationToken: Cancel));
        await EntitlementGarden.RefusedAsync(ErrorCode.InvalidArgument, "BAD_STATUS", garden.As(Owner).HandleAccessRequestAsync(new(handle) { Status = AccessStatus.Unspecified }, cancellationToken: Cancel));
        await EntitlementGarden.RefusedAsync(ErrorCode.InvalidArgument, "BAD_STATUS", garden.As(Owner).HandleAccessRequestAsync(new(handle) { RejectionReason = "why" }, cancellationToken: Cancel));
        await EntitlementGarden.RefusedAsync(
            ErrorCode.InvalidArgument, "BAD_TEXT", garden.As(Owner).HandleAccessRequestAsync(new(handle) { Status = AccessStatus.Rejected, RejectionReason = new('x', 1001) }, cancellationToken: Cancel));
        Assert.Equal(AccessStatus.Accepted, (await garden.As(People.Operator).HandleAccessRequestAsync(handle, cancellationToken: Cancel)).Status);
    }

    [Fact]
    public async Task Lists_AreInPages_AndEachSeesHisOwn()
    {
        await using var garden = await StartAsync();
        foreach (var name in new[] { "ann", "bob", "cid", "dee", "eve" })
        {
            await garden.As(People.Person(name, "acme", "engineer")).RequestAccessAsync(new() { Resource = Gated() }, cancellationToken: Cancel);
        }

        await HandleAsync(garden, AccessStatus.Accepted);
        var (pending, token) = (new List<string>(), "");
        do
        {
            var page = await garden.As(Owner).ListAccessRequestsAsync(new() { Resource = Gated(), Status = AccessStatus.Pending, PageSize = 3, PageToken = token }, cancellationToken: Cancel);
            pending.AddRange(page.Requests.Select(request => request.Account));
            token = page.NextPageToken;
        }
        while (token.Length > 0);

        // Asked in one moment: by name.
        Assert.Equal(["bob", "cid", "dee", "eve"], pending);
        Assert.Equal(["ann"], (await garden.As(Owner).ListAccessRequestsAsync(new() { Resource = Gated(), Status = AccessStatus.Accepted }, cancellationToken: Cancel)).Requests.Select(request => request.Account));
        var own = Assert.Single((await garden.As(People.Engineer()).ListOwnAccessRequestsAsync(new(), cancellationToken: Cancel)).Requests);
        Assert.Equal(("meta/llama", AccessStatus.Accepted, ""), (own.Repository, own.Status, own.DecidedBy));
        Assert.Empty((await garden.As(People.Engineer()).ListOwnAccessRequestsAsync(new() { RepositoryId = "another" }, cancellationToken: Cancel)).Requests);
        await EntitlementGarden.RefusedAsync(
            ErrorCode.InvalidArgument, "BAD_PAGE_TOKEN", garden.As(Owner).ListAccessRequestsAsync(new() { Resource = Gated(), Status = AccessStatus.Pending, PageToken = "x" }, cancellationToken: Cancel));
        await EntitlementGarden.RefusedAsync(
            ErrorCode.InvalidArgument, "BAD_PAGE", garden.As(Owner).ListAccessRequestsAsync(new() { Resource = Gated(), Status = AccessStatus.Pending, PageSize = 1001 }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task OwnRequests_OfVeryMany_ComeInPages()
    {
        await using var garden = await StartAsync();
        for (var i = 0; i < 5; i++)
        {
            await garden.As(People.Engineer()).RequestAccessAsync(new() { Resource = new(Gated()) { Repository = $"meta/llama-{i}", RepositoryId = $"repo-{i}" } }, cancellationToken: Cancel);
        }

        var (pages, asked) = (new List<IEnumerable<string>>(), new ListOwnAccessRequestsRequest { PageSize = 2 });
        do
        {
            var page = await garden.As(People.Engineer()).ListOwnAccessRequestsAsync(asked, cancellationToken: Cancel);
            pages.Add(page.Requests.Select(request => request.Repository));
            asked.PageToken = page.NextPageToken;
        }
        while (asked.PageToken.Length > 0);

        Assert.Equal([["meta/llama-0", "meta/llama-1"], ["meta/llama-2", "meta/llama-3"], ["meta/llama-4"]], pages);
        Assert.Empty((await garden.As(People.Engineer()).ListOwnAccessRequestsAsync(new() { RepositoryId = "\0" }, cancellationToken: Cancel)).Requests);
        await EntitlementGarden.RefusedAsync(ErrorCode.InvalidArgument, "BAD_PAGE", garden.As(People.Engineer()).ListOwnAccessRequestsAsync(new() { PageSize = 1001 }, cancellationToken: Cancel));
        await EntitlementGarden.RefusedAsync(ErrorCode.InvalidArgument, "BAD_PAGE_TOKEN", garden.As(People.Engineer()).ListOwnAccessRequestsAsync(new() { PageToken = "1-\0" }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task Call_OfAnEndpoint_RestsOnTheAccessOfWhoPinnedIt()
    {
        await using var garden = await StartAsync();
        await AskAsync(garden);
        await HandleAsync(garden, AccessStatus.Accepted);
        var called = new Resource(Gated()) { PinnedBy = "ann" };
        var bob = garden.As(People.Person("bob", "acme", "engineer"));

        var granted = await bob.DecideAsync(new() { Action = Action.Call, Resource = called }, cancellationToken: Cancel);
        var download = await bob.DecideAsync(new() { Action = Action.Download, Resource = called }, cancellationToken: Cancel);
        await HandleAsync(garden, AccessStatus.Rejected);
        var refused = await bob.DecideAsync(new() { Action = Action.Call, Resource = called }, cancellationToken: Cancel);

        Assert.Equal(("ACCESS_GRANTED", "ACCESS_NOT_REQUESTED", "ACCESS_REJECTED"), (granted.Rule, download.Rule, refused.Rule));
        Assert.Contains("ann, on whose access this endpoint rests,", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Random histories of asking and handling, against the slowest reference there is.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task RandomHistories_DecideAsTheReferenceDoes(int seed)
    {
        await using var garden = await StartAsync();
        var random = new Random(seed);
        string[] accounts = ["ann", "bob", "cid"];
        var state = new Dictionary<string, (AccessStatus Status, DateTimeOffset? Until)>();
        for (var step = 0; step < 60; step++)
        {
            var (account, now) = (accounts[random.Next(accounts.Length)], garden.Clock.GetUtcNow());
            var gate = random.Next(4) is 0 ? AccessGate.Automatic : AccessGate.Manual;
            switch (random.Next(5))
            {
                case 0 or 1:
                    var asks = garden.As(Of(account)).RequestAccessAsync(new() { Resource = Gated(gate) }, cancellationToken: Cancel);
                    if (state.TryGetValue(account, out var was) && was.Status is AccessStatus.Rejected)
                    {
                        await EntitlementGarden.RefusedAsync(ErrorCode.PermissionDenied, "ACCESS_REJECTED", asks);
                        break;
                    }

                    await asks;
                    if (!state.TryGetValue(account, out was) || gate is AccessGate.Automatic || was.Status is AccessStatus.Accepted)
                    {
                        state[account] = Stands(was, now) ? was : (gate is AccessGate.Automatic ? AccessStatus.Accepted : AccessStatus.Pending, null);
                    }

                    break;
                case 2:
                    var until = random.Next(2) is 0 ? (DateTimeOffset?)null : now.AddMinutes(random.Next(1, 90));
                    var granted = new GrantAccessRequest { Resource = Gated(gate), Account = account, Until = until?.ToTimestamp() };
                    await TryAsync(garden.As(Owner).GrantAccessAsync(granted, cancellationToken: Cancel), () => state[account] = (AccessStatus.Accepted, until), state.GetValueOrDefault(account) == (AccessStatus.Accepted, until));
                    break;
                case 3:
                    var status = random.Next(2) is 0 ? AccessStatus.Pending : AccessStatus.Rejected;
                    var handled = garden.As(Owner).HandleAccessRequestAsync(new() { Resource = Gated(gate), Account = account, Status = status }, cancellationToken: Cancel);
                    await TryAsync(handled, () => state[account] = (status, null), !state.TryGetValue(account, out var before) || before.Status == status);
                    break;
                default:
                    garden.Clock.Jump(TimeSpan.FromMinutes(random.Next(60)));
                    break;
            }

            foreach (var one in accounts)
            {
                Assert.Equal(Expected(state, one, garden.Clock.GetUtcNow()), (await DecideAsync(garden, Of(one))).Rule);
            }
        }

        Assert.NotEmpty(await garden.AuditAsync());
    }

    private protected abstract Task<EntitlementGarden> OpenAsync();

    // Its licence stands in nobody's way.
    private async Task<EntitlementGarden> StartAsync()
    {
        var garden = await OpenAsync();
        await garden.As(People.Operator).CreateTenantAsync(new() { Name = "meta" }, cancellationToken: Cancel);
        await garden.As(People.Curator).PutLicenseAsync(new() { Id = "free", Title = "Free", Text = "do as you like" }, cancellationToken: Cancel);
        return garden;
    }

    private static Principal Owner => People.Engineer("meta");

    private static Principal Of(string account) => People.Person(account, "acme", "engineer");

    private static bool Stands((AccessStatus Status, DateTimeOffset? Until) state, DateTimeOffset now) => state.Status is AccessStatus.Accepted && (state.Until is null || state.Until > now);

    private static string Expected(Dictionary<string, (AccessStatus Status, DateTimeOffset? Until)> state, string account, DateTimeOffset now) => !state.TryGetValue(account, out var own) ? "ACCESS_NOT_REQUESTED"
        : own.Status switch
        {
            AccessStatus.Pending => "ACCESS_PENDING",
            AccessStatus.Rejected => "ACCESS_REJECTED",
            _ => Stands(own, now) ? "ACCESS_GRANTED" : "ACCESS_NOT_REQUESTED",
        };

    /// <summary>What stands already, or is not there, is refused and changes nothing.</summary>
    private static async Task TryAsync(AsyncUnaryCall<AccessRequest> call, System.Action then, bool isRefused)
    {
        if (isRefused)
        {
            await Assert.ThrowsAsync<RpcException>(async () => await call);
            return;
        }

        await call;
        then();
    }

    private static string Told(AuditRecord record)
    {
        using var detail = System.Text.Json.JsonDocument.Parse(record.Detail);
        return $"{record.Action} {detail.RootElement.GetProperty("account").GetString()} {detail.RootElement.GetProperty("status").GetString()} {detail.RootElement.GetProperty("status_before").GetString()}";
    }

    private static Resource Gated(AccessGate gate = AccessGate.Manual) =>
        new() { Repository = "meta/llama", RepositoryId = "repo-1", Kind = RepositoryKind.Model, Gate = gate, Licenses = { "free" } };

    private static async Task<Decision> DecideAsync(EntitlementGarden garden, Principal? who = null, AccessGate gate = AccessGate.Manual) =>
        await garden.As(who ?? People.Engineer()).DecideAsync(new() { Action = Action.Download, Resource = Gated(gate) }, cancellationToken: Cancel);

    private static async Task<string> RuleAsync(EntitlementGarden garden) => (await DecideAsync(garden)).Rule;

    private static async Task<AccessRequest> AskAsync(EntitlementGarden garden, AccessGate gate = AccessGate.Manual) => await garden.As(People.Engineer()).RequestAccessAsync(
        new() { Resource = Gated(gate), Form = Form, Fields = { Answers }, FullName = "Ann Example", Email = "ann@acme.test" }, cancellationToken: Cancel);

    private static async Task<AccessRequest> HandleAsync(EntitlementGarden garden, AccessStatus status, string reason = "") => await garden.As(Owner).HandleAccessRequestAsync(
        new() { Resource = Gated(), Account = "ANN", Status = status, RejectionReason = reason }, cancellationToken: Cancel);

    private static async Task<AccessRequest> GrantAsync(EntitlementGarden garden, string account, DateTimeOffset? until = null) => await Grant(garden, Owner, account, until);

    private static AsyncUnaryCall<AccessRequest> Grant(EntitlementGarden garden, Principal by, string account, DateTimeOffset? until = null) =>
        garden.As(by).GrantAccessAsync(new() { Resource = Gated(), Account = account, Until = until?.ToTimestamp() }, cancellationToken: Cancel);
}

public sealed class SqliteAccessTests : AccessContract
{
    private protected override Task<EntitlementGarden> OpenAsync() => EntitlementGarden.StartAsync(null);
}

public sealed class PostgresAccessTests : AccessContract
{
    private protected override async Task<EntitlementGarden> OpenAsync() => await EntitlementGarden.StartAsync(await TestDatabase.CreateAsync());
}
