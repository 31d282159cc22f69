using System.Net;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Hub.Tests.Doubles;
using ModelGarden.Testing;

namespace ModelGarden.Hub.Tests;

/// <summary>Likes as they are on the wire, and what counts as a download.</summary>
public sealed class PopularityWireTests : IAsyncLifetime
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly ManualClock _clock = new();
    private TestHub _hub = null!;

    private static CancellationToken Cancel => Patience.Cancel;

    public async ValueTask InitializeAsync() => _hub = await TestHub.StartAsync(clock: _clock);

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public async Task Like_GivenAndTakenBack_IsListed()
    {
        await _hub.CreateAsync("acme/liked", published: true);
        using var client = _hub.AsEngineer;

        Assert.Equal("""{"success":true,"likes":1}""", await SendAsync(client, "POST", "/api/models/acme/liked/like"));
        Assert.Equal("""{"success":true,"likes":1}""", await SendAsync(client, "POST", "/api/models/acme/liked/like"));
        await SendAsync(_hub.As(People.Person("bob", "globex")), "POST", "/api/models/acme/liked/like");

        using var first = await client.SendRawAsync("GET", "/api/models/acme/liked/likers?limit=1");
        Assert.Equal($"<{TestHub.Address}/api/models/acme/liked/likers?limit=1&cursor=1>; rel=\"next\"", first.Header("Link"));
        Assert.Equal("""[{"_id":"3be2fb381d20c0e28582de9d","user":"ann","fullname":"ann","avatarUrl":"","isPro":false,"type":"user"}]""", (await TestHub.ReadAsync(first)).ToJsonString());
        Assert.Equal("bob", (string?)(await client.JsonAsync("/api/models/acme/liked/likers?limit=1&cursor=1"))[0]!["user"]);
        Assert.Equal("""[{"createdAt":"2026-02-03T04:05:06.000Z","repo":{"name":"acme/liked","type":"model"}}]""", await SendAsync(client, "GET", "/api/users/ann/likes"));
        Assert.Equal("""{"success":true,"likes":1}""", await SendAsync(client, "DELETE", "/api/models/acme/liked/like"));
        Assert.Equal("[]", await SendAsync(client, "GET", "/api/users/ann/likes"));
    }

    [Fact]
    public async Task Like_OfWhatOneMayNot_IsRefused()
    {
        await _hub.CreateAsync("acme/draft");

        using var anonymous = await _hub.As(People.Anonymous).SendRawAsync("POST", "/api/models/acme/draft/like");
        using var stranger = await _hub.As(People.Engineer("globex")).SendRawAsync("POST", "/api/models/acme/draft/like");
        using var likers = await _hub.As(People.Engineer("globex")).SendRawAsync("GET", "/api/models/acme/draft/likers");

        await anonymous.AssertRefusedAsync(HttpStatusCode.Unauthorized, null, "token");
        await stranger.AssertRefusedAsync(HttpStatusCode.NotFound, "RepoNotFound", "acme/draft");
        await likers.AssertRefusedAsync(HttpStatusCode.NotFound, "RepoNotFound", "acme/draft");
    }

    [Fact]
    public async Task Download_OfAnyFileAndVerb_IsToldOnceForEachClientAndDay()
    {
        var repository = await PublishAsync("acme/popular");
        using var engineer = _hub.AsEngineer;
        using var bob = _hub.As(People.Person("bob", "globex"));
        using var eve = _hub.As(People.Person("eve", "globex"));
        foreach (var path in new[] { "config.json", "weights.bin" })
        {
            await GetAsync(engineer, "HEAD", path);
            await GetAsync(engineer, "GET", path);
            await GetAsync(bob, "GET", path, ("User-Agent", "unknown/None; hf_hub/1.23.0"));
            await GetAsync(bob, "GET", path, ("User-Agent", "transformers/5.12.1"));
            await GetAsync(eve, "HEAD", path);
        }

        var told = await ToldAsync();

        Assert.Equal(3, told.Downloads.Count);
        Assert.All(told.Downloads, one => Assert.Equal((repository.Id, (long)(_clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Days), (one.RepositoryId, one.Day)));
        Assert.All(told.Downloads, one => Assert.Matches("^[0-9a-f]{32}$", one.Client));
        Assert.Equal(3, told.Downloads.Select(one => one.Client).Distinct().Count());

        await GetAsync(engineer, "GET", "config.json");
        _clock.Advance(TimeSpan.FromDays(1));
        await GetAsync(engineer, "GET", "config.json");
        var again = Assert.Single((await ToldAsync()).Downloads);
        Assert.Equal(told.Downloads[0].Day + 1, again.Day);
        // From one day to the next nobody is known again.
        Assert.DoesNotContain(again.Client, told.Downloads.Select(one => one.Client));
    }

    [Fact]
    public async Task Download_ByRobotsOfCardsOrRefused_DoesNotCount()
    {
        await PublishAsync("acme/popular");
        using var engineer = _hub.AsEngineer;
        await GetAsync(engineer, "GET", "config.json", ("User-Agent", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"));
        await GetAsync(engineer, "GET", "README.md");
        await GetAsync(engineer, "HEAD", ".gitattributes");
        _hub.Store.Find("acme/popular")!.Declared.Licenses.Add("llama3");
        using (var refused = await _hub.As(People.Engineer("globex")).SendRawAsync("GET", "/acme/popular/resolve/main/config.json"))
        {
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }

        // Only what counts is told of.
        _hub.Store.Find("acme/popular")!.Declared.Licenses.Clear();
        await GetAsync(_hub.As(People.Person("bob", "acme")), "GET", "config.json", ("User-Agent", "Boto3/1.35"));
        Assert.Single((await ToldAsync()).Downloads);
    }

    [Fact]
    public async Task Download_OfGitLfs_Counts()
    {
        var repository = await PublishAsync("acme/popular");
        var sha256 = repository.Commits[repository.Refs["refs/heads/main"]].Files["weights.bin"].Entry.Sha256;

        await SendAsync(_hub.AsEngineer, "POST", "/acme/popular.git/info/lfs/objects/batch", $$"""{"operation":"download","objects":[{"oid":"{{sha256}}","size":7}]}""");

        Assert.Equal(repository.Id, Assert.Single((await ToldAsync()).Downloads).RepositoryId);
    }

    [Fact]
    public async Task Download_ThatCouldNotBeTold_IsToldAMinuteLater()
    {
        await PublishAsync("acme/popular");
        _hub.Store.FailingCounts = 1;
        await GetAsync(_hub.AsEngineer, "GET", "config.json");

        var failed = await ToldAsync();
        var told = await ToldAsync();

        Assert.Equal(failed, told);
        Assert.Single(told.Downloads);
    }

    [Fact]
    public async Task Downloads_WhenTheHubStops_AreTold()
    {
        var repository = await PublishAsync("acme/popular");
        await GetAsync(_hub.AsEngineer, "GET", "config.json");

        await _hub.Garden.StopAsync(ServiceNames.Hub);

        Assert.True(_hub.Store.Counts.Reader.TryRead(out var told));
        Assert.Equal(repository.Id, Assert.Single(told.Downloads).RepositoryId);
        Assert.False(_hub.Store.Counts.Reader.TryRead(out _));
    }

    private async Task<StoredRepository> PublishAsync(string name)
    {
        var repository = await _hub.CreateAsync(name, published: true);
        var weights = _hub.Upload("weights"u8.ToArray());
        await _hub.CommitAsync(name, TestHub.FileLine("config.json", "{}"), TestHub.FileLine("README.md", "# popular"), TestHub.LargeLine("weights.bin", weights));
        return repository;
    }

    private static async Task GetAsync(HttpClient client, string verb, string path, params (string Name, string Value)[] headers)
    {
        using var answer = await client.SendRawAsync(verb, $"/acme/popular/resolve/main/{path}", null, headers);
        Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Found, $"{verb} {path}: {(int)answer.StatusCode}");
    }

    /// <summary>What Catalog is told when the minute is over.</summary>
    private async Task<CountDownloadsRequest> ToldAsync()
    {
        await _clock.WhenAwaitedAsync(TimeSpan.Zero, Minute);
        _clock.Advance(Minute);
        return await _hub.Store.Counts.Reader.ReadAsync(Cancel);
    }

    private static async Task<string> SendAsync(HttpClient client, string verb, string path, string? body = null)
    {
        using var answer = await client.SendRawAsync(verb, path, body is null ? null : TestHub.Json(body));
        var json = await TestHub.ReadAsync(answer);
        Assert.True(answer.IsSuccessStatusCode, json.ToJsonString());
        return json.ToJsonString();
    }
}
