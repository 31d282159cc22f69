using System.Net;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Remembering;
using ModelGarden.Hub.Tests.Doubles;
using ModelGarden.Rights.Local;
using ModelGarden.Testing;

namespace ModelGarden.Hub.Tests;

/// <summary>Files that are asked for again: no call, and never an answer of before a change.</summary>
public sealed class RememberingTests : IAsyncLifetime
{
    private const string Name = "acme/tiny";
    private readonly FeedDouble _catalogFeed = new();
    private readonly FeedDouble _entitlementFeed = new();
    private readonly ManualClock _clock = new();
    private TestHub _hub = null!;

    private static CancellationToken Cancel => Patience.Cancel;

    public async ValueTask InitializeAsync()
    {
        _hub = await TestHub.StartAsync(_catalogFeed, _entitlementFeed, _clock);
        Assert.Equal((-1, 0), (await _catalogFeed.Begun.Reader.ReadAsync(Cancel), await _entitlementFeed.Begun.Reader.ReadAsync(Cancel)));
        await _hub.CreateAsync(Name);
        await WarmAsync();
    }

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public async Task Head_AskedAgain_CostsNoCall()
    {
        var sha256 = _hub.Upload([1, 2, 3]);
        await _hub.CommitAsync(Name, TestHub.FileLine("config.json", "{}"), TestHub.LargeLine("w.bin", sha256));
        var first = (await HeadAsync("config.json"), await HeadAsync("w.bin"));
        var calls = Calls;

        Assert.Equal(first, (await HeadAsync("config.json"), await HeadAsync("w.bin")));

        Assert.Equal(calls, Calls);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Redirect), (first.Item1.Status, first.Item2.Status));
        Assert.Contains(sha256, first.Item2.Location, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Link_OfTenMinutesAgo_IsSignedAnew()
    {
        await _hub.CommitAsync(Name, TestHub.LargeLine("w.bin", _hub.Upload([1, 2, 3])));
        await HeadAsync("w.bin");
        _clock.Advance(TimeSpan.FromMinutes(10));

        await HeadAsync("w.bin");

        Assert.Equal(2, _hub.Artifacts.LinksAsked);
    }

    [Fact]
    public async Task Commit_FromHere_IsSeenAtOnce()
    {
        var first = await _hub.CommitAsync(Name, TestHub.FileLine("config.json", "{}"));
        Assert.Equal(first, (await HeadAsync("config.json")).Commit);

        var second = await _hub.CommitAsync(Name, TestHub.FileLine("config.json", "{ }"));

        Assert.Equal(second, (await HeadAsync("config.json")).Commit);
    }

    [Fact]
    public async Task Change_FromElsewhere_IsSeenWhenTheFeedTellsOfIt()
    {
        await _hub.CommitAsync(Name, TestHub.FileLine("config.json", "{}"));
        await HeadAsync("config.json");
        var calls = _hub.Catalog.EntriesAsked;
        _catalogFeed.Announce("repository/another");
        await UntilAsync(() => Task.FromResult(_hub.Garden.PartsOf(Hosting.ServiceNames.Hub).GetRequiredService<FileAnswers>().Position is 8));
        await HeadAsync("config.json");
        Assert.Equal(calls, _hub.Catalog.EntriesAsked);
        _catalogFeed.Announce($"repository/{_hub.Store.Find(Name)!.Describe().Id}");

        await UntilAsync(async () => await HeadAsync("config.json") is var _ && _hub.Catalog.EntriesAsked > calls);
    }

    [Fact]
    public async Task Feed_ThatBreaks_NothingIsRemembered_UntilItIsBack()
    {
        await HeadAsync("config.json");
        _catalogFeed.Break();
        await UntilAsync(async () => await IsAskedAsync() && await IsAskedAsync());

        await _clock.WhenAwaitedAsync(TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(200));
        // Less than a silence: the other feed is not to be given up for it.
        _clock.Advance(TimeSpan.FromMilliseconds(200));

        Assert.Equal(7, await _catalogFeed.Begun.Reader.ReadAsync(Cancel));
        await WarmAsync();
    }

    [Fact]
    public async Task Feed_ThatSaysNothing_IsNotTrustedForLong()
    {
        await HeadAsync("config.json");

        _clock.Advance(TimeSpan.FromSeconds(2));

        await UntilAsync(async () => await IsAskedAsync() && await IsAskedAsync());
    }

    [Theory]
    [InlineData("acceptance/globex/llama3")]
    [InlineData("policy/globex")]
    [InlineData("policy/")]
    public async Task Right_TakenBack_EndsTheGrant(string key)
    {
        await PublishGatedAsync();
        _hub.Licenses.Accepted[("globex", "llama3")] = true;
        await TellAsync(("license/llama3", new License { Id = "llama3", Title = "Llama 3", Version = 1, RequiresAcceptance = true }), ("acceptance/globex/llama3", new Acceptance { LicenseVersion = 1 }));
        Assert.Equal(HttpStatusCode.OK, (await HeadAsync("config.json", "globex")).Status);
        var asked = _hub.Entitlement.Asked;
        Assert.Equal(HttpStatusCode.OK, (await HeadAsync("config.json", "globex")).Status);
        Assert.Equal(asked, _hub.Entitlement.Asked);

        _hub.Licenses.Accepted.Clear();
        _entitlementFeed.Announce(key, key.StartsWith("policy/", StringComparison.Ordinal)
            ? new Policy { Version = 1, Rules = 1, Text = "rules: [{id: none, effect: deny}]" }
            : new Acceptance { LicenseVersion = 1, WithdrawnAt = new() { Seconds = 1 } });

        await UntilAsync(async () => (await HeadAsync("config.json", "globex")).Status is HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Access_TakenBack_EndsTheGrant_AndNoOther()
    {
        var repository = _hub.Store.Find(Name)!;
        (repository.IsPublished, repository.Gate) = (true, AccessGate.Manual);
        repository.Declared.Licenses.Add("apache-2.0");
        await _hub.CommitAsync(Name, TestHub.FileLine("notes.txt", "more"));
        var access = _hub.Licenses.Requests[(repository.Id, "ann")] = new() { Account = "ann", Status = AccessStatus.Accepted };
        await TellAsync(("license/apache-2.0", new License { Id = "apache-2.0", Title = "Apache", Version = 1 }), ($"access/{repository.Id}/ann", access));
        Assert.Equal(HttpStatusCode.OK, (await HeadAsync("config.json", "globex")).Status);
        await TellAsync(($"access/{repository.Id}/another", new AccessRequest { Status = AccessStatus.Rejected }));
        var asked = _hub.Entitlement.Asked;
        Assert.Equal(HttpStatusCode.OK, (await HeadAsync("config.json", "globex")).Status);
        Assert.Equal(asked, _hub.Entitlement.Asked);

        access.Status = AccessStatus.Rejected;
        Assert.Equal(HttpStatusCode.OK, (await HeadAsync("config.json", "globex")).Status);
        _entitlementFeed.Announce($"access/{repository.Id}/ann", access);

        await UntilAsync(async () => (await HeadAsync("config.json", "globex")).Status is HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Gate_ThatIsSet_EndsWhatIsRemembered()
    {
        var repository = _hub.Store.Find(Name)!;
        repository.IsPublished = true;
        await _hub.CommitAsync(Name, TestHub.FileLine("notes.txt", "more"));
        Assert.Equal(HttpStatusCode.OK, (await HeadAsync("config.json", "globex")).Status);

        using var client = _hub.AsEngineer;
        using var set = await client.SendRawAsync("PUT", $"/api/models/{Name}/settings", TestHub.Json("""{"gated":"manual"}"""));

        Assert.Equal(HttpStatusCode.OK, set.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await HeadAsync("config.json", "globex")).Status);
    }

    [Fact]
    public async Task Changes_OfOtherThings_CostNoCall()
    {
        await HeadAsync("config.json");
        var asked = _hub.Entitlement.Asked;

        await TellAsync(("quota/acme", new Quota { RequestsPerDay = 1 }), ("member/acme/ann", null), ("license/another", new License { RequiresAcceptance = true }));

        Assert.Equal(HttpStatusCode.OK, (await HeadAsync("config.json")).Status);
        Assert.Equal(asked, _hub.Entitlement.Asked);
    }

    [Fact]
    public async Task Acceptance_ThatEnds_EndsTheGrant()
    {
        await PublishGatedAsync();
        (_hub.Licenses.Accepted[("globex", "llama3")], _hub.Licenses.EndsAt) = (true, _clock.GetUtcNow().AddMinutes(1));
        Assert.Equal(HttpStatusCode.OK, (await HeadAsync("config.json", "globex")).Status);

        _hub.Licenses.Accepted.Clear();
        _clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(HttpStatusCode.Forbidden, (await HeadAsync("config.json", "globex")).Status);
    }

    [Fact]
    public async Task Refusal_IsNotRemembered()
    {
        await PublishGatedAsync();
        Assert.Equal(HttpStatusCode.Forbidden, (await HeadAsync("config.json", "globex")).Status);

        _hub.Licenses.Accepted[("globex", "llama3")] = true;

        Assert.Equal(HttpStatusCode.OK, (await HeadAsync("config.json", "globex")).Status);
    }

    [Fact]
    public async Task Draft_ThatItsOwnerHasAskedFor_IsNobodyElses()
    {
        Assert.Equal(HttpStatusCode.OK, (await HeadAsync("config.json")).Status);

        Assert.Equal(HttpStatusCode.NotFound, (await HeadAsync("config.json", "globex")).Status);
    }

    [Fact]
    public async Task Repository_ThatIsDeleted_IsGone()
    {
        using var client = _hub.AsEngineer;
        using var request = new HttpRequestMessage(HttpMethod.Delete, "/api/repos/delete") { Content = TestHub.Json($$"""{"name":"tiny","organization":"acme"}""") };
        using var answer = await client.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

        Assert.Equal(HttpStatusCode.NotFound, (await HeadAsync("config.json")).Status);
    }

    private (int, int, int) Calls => (_hub.Catalog.EntriesAsked, _hub.Entitlement.Asked, _hub.Artifacts.LinksAsked);

    /// <summary>Entitlement's feed says this, and the Hub has heard it.</summary>
    private async Task TellAsync(params (string Key, IMessage? State)[] changes)
    {
        var feed = _hub.Garden.PartsOf(Hosting.ServiceNames.Hub).GetRequiredService<RightsFeed>();
        var heard = feed.Position + changes.Length;
        foreach (var (key, state) in changes)
        {
            _entitlementFeed.Announce(key, state);
        }

        await UntilAsync(() => Task.FromResult(feed.Position == heard));
    }

    /// <summary>Until a file is remembered.</summary>
    private async Task WarmAsync()
    {
        await _hub.CommitAsync(Name, TestHub.FileLine("config.json", $$"""{"n":"{{Guid.NewGuid()}}"}"""));
        await UntilAsync(async () => !await IsAskedAsync());
    }

    private async Task<bool> IsAskedAsync()
    {
        var before = Calls;
        await HeadAsync("config.json");
        return Calls != before;
    }

    private static async Task UntilAsync(Func<Task<bool>> happened)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        end.CancelAfter(TimeSpan.FromMinutes(1));
        while (!await happened())
        {
            end.Token.ThrowIfCancellationRequested();
        }
    }

    private async Task PublishGatedAsync()
    {
        var repository = _hub.Store.Find(Name)!;
        repository.IsPublished = true;
        repository.Declared.Licenses.Add("llama3");
        await _hub.CommitAsync(Name, TestHub.FileLine("notes.txt", "more"));
    }

    private async Task<(HttpStatusCode Status, string Commit, string ETag, string Location)> HeadAsync(string path, string tenant = "acme")
    {
        using var client = _hub.As(People.Engineer(tenant));
        using var request = new HttpRequestMessage(HttpMethod.Head, $"/{Name}/resolve/main/{path}");
        using var answer = await client.SendAsync(request, Cancel);
        return (answer.StatusCode, Of(answer, "X-Repo-Commit"), answer.Headers.ETag?.Tag ?? "", answer.Headers.Location?.ToString() ?? "");
    }

    private static string Of(HttpResponseMessage answer, string header) => answer.Headers.TryGetValues(header, out var values) ? values.First() : "";
}
