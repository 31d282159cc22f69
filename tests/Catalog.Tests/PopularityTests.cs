using Grpc.Core;
using ModelGarden.Catalog.Popularity;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Testing;

namespace ModelGarden.Catalog.Tests;

/// <summary>Who likes what, and how often it is downloaded.</summary>
public abstract class PopularityTests(Engine engine) : CatalogContract(engine)
{
    private static long Today => (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Days;

    [Fact]
    public async Task Like_GivenTwiceAndTakenBack_CountsOnce()
    {
        var (repository, _) = await PublishAsync();

        Assert.Equal(1, (await LikeAsync(Stranger)).Likes);
        Assert.Equal(1, (await LikeAsync(Stranger)).Likes);
        var liked = await LikeAsync(As(People.Person("bob", "globex")));

        Assert.Equal((2L, repository.UpdatedAt), (liked.Likes, liked.UpdatedAt));
        Assert.Equal(["ann", "bob"], (await LikersAsync(Curator)).Select(like => like.Account).Order());
        var told = await UntilAsync(repository.Id, state => state.Likes is 2);
        Assert.Equal((repository.UpdatedAt, true), (told.UpdatedAt, told.Trend > 0));
        Assert.Equal(1, (await LikeAsync(Stranger, false)).Likes);
        Assert.Equal(1, (await LikeAsync(Stranger, false)).Likes);
        Assert.Equal(["bob"], (await LikersAsync(Curator)).Select(like => like.Account));
        await LikeAsync(As(People.Person("bob", "globex")), false);
        Assert.Equal(0, (await UntilAsync(repository.Id, state => state.Likes is 0)).Trend);
    }

    [Fact]
    public async Task Likes_OfARepositoryThatOneMayNotSee_AreNotTold()
    {
        await CreateAsync();
        await CreateAsync("acme/other");
        await LikeAsync(Engineer);
        await Engineer.SetLikeAsync(new() { Name = "acme/other", Liked = true }, cancellationToken: Cancel);

        Assert.Equal("REPOSITORY_NOT_FOUND", await ReasonAsync(Stranger.SetLikeAsync(new() { Name = Model, Liked = true }, cancellationToken: Cancel)));
        Assert.Equal("REPOSITORY_NOT_FOUND", await ReasonAsync(Stranger.ListLikersAsync(new() { Name = Model }, cancellationToken: Cancel)));
        Assert.Empty(await LikesAsync(Stranger, "ann"));
        Assert.Equal(["acme/llama Model", "acme/other Model"], (await LikesAsync(Engineer, "ANN")).Select(like => $"{like.Repository.Name} {like.Repository.Kind}").Order());
        await Engineer.DeleteRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel);
        await Engineer.MoveRepositoryAsync(new() { Name = "acme/other", NewName = "acme/moved" }, cancellationToken: Cancel);
        Assert.Equal("acme/moved", Assert.Single(await LikesAsync(Engineer, "ann")).Repository.Name);
        Assert.Empty(await LikesAsync(Engineer, "nobody"));
    }

    [Fact]
    public async Task Likes_InALongList_ArePaged()
    {
        await PublishAsync();
        await CreateAsync("acme/other");
        await Engineer.SetLikeAsync(new() { Name = "acme/other", Liked = true }, cancellationToken: Cancel);
        foreach (var name in new[] { "ann", "bob", "cid" })
        {
            await LikeAsync(As(People.Person(name, "acme")));
        }

        var whole = await LikersAsync(Engineer);
        var first = await Engineer.ListLikersAsync(new() { Name = Model, PageSize = 2 }, cancellationToken: Cancel);
        var second = await Engineer.ListLikersAsync(new() { Name = Model, PageSize = 2, PageToken = first.NextPageToken }, cancellationToken: Cancel);
        Assert.Equal((3, ""), (whole.Count, second.NextPageToken));
        Assert.Equal(whole, [.. first.Likes, .. second.Likes]);

        var liked = await LikesAsync(Engineer, "ann");
        var one = await Engineer.ListLikesAsync(new() { Account = "ann", PageSize = 1 }, cancellationToken: Cancel);
        var other = await Engineer.ListLikesAsync(new() { Account = "ann", PageSize = 1, PageToken = one.NextPageToken }, cancellationToken: Cancel);
        Assert.Equal((2, ""), (liked.Count, other.NextPageToken));
        Assert.Equal(liked, [.. one.Likes, .. other.Likes]);
    }

    [Fact]
    public async Task Likes_OfManyAtOnce_AreAllCounted()
    {
        await PublishAsync();

        await Task.WhenAll(Enumerable.Range(0, 12).Select(i => LikeAsync(As(People.Person($"fan{i % 6}", "globex")))));

        Assert.Equal(6, (await Engineer.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)).Likes);
        Assert.Equal(6, (await LikersAsync(Engineer)).Count);
    }

    [Fact]
    public async Task Items_ThatOneLikes_SaySo()
    {
        await PublishAsync();
        await LikeAsync(Engineer);
        var made = (await Engineer.CreateCollectionAsync(new() { Owner = "acme", Title = "Liked" }, cancellationToken: Cancel)).Collection;

        var filled = await Engineer.AddCollectionItemAsync(new() { Slug = made.Slug, Repository = new() { Name = Model } }, cancellationToken: Cancel);

        Assert.Equal((true, 1L), (filled.Items[0].Liked, filled.Items[0].Repository.Likes));
        foreach (var other in new[] { As(People.Person("bob", "globex")), As(People.Anonymous) })
        {
            Assert.False((await other.GetCollectionAsync(new() { Slug = made.Slug }, cancellationToken: Cancel)).Items[0].Liked);
        }
    }

    [Fact]
    public async Task Downloads_OfAClientOnADay_CountOnce()
    {
        var (repository, _) = await PublishAsync();

        Assert.Equal(3, await CountAsync(Of(repository, 'a'), Of(repository, 'b'), Of(repository, 'a'), Of(repository, 'a', -1)));
        Assert.Equal(1, await CountAsync(Of(repository, 'b'), Of(repository, 'c')));
        Assert.Equal(0, await CountAsync(Of(repository, 'a', -1)));
        Assert.Equal(0, await CountAsync());
        Assert.Equal(0, await CountAsync(new Download { RepositoryId = "none", Client = new('a', 32), Day = Today }));

        var told = await UntilAsync(repository.Id, state => state.Downloads is 4);
        Assert.Equal((repository.UpdatedAt, true), (told.UpdatedAt, told.Trend > 0));
        Assert.Equal((4L, told.Trend), ((await Stranger.GetRepositoryAsync(new() { Name = Model }, cancellationToken: Cancel)).Downloads, told.Trend));
    }

    [Fact]
    public async Task Downloads_CountedAtOnceWithCommitsAndEachOther_AreAllThere()
    {
        await CreateAsync("acme/second");
        var second = await Engineer.GetRepositoryAsync(new() { Name = "acme/second" }, cancellationToken: Cancel);
        var first = await CreateAsync();

        var counts = Enumerable.Range(0, 8).Select(i => CountAsync(Of(i % 2 is 0 ? first : second, 'a'), Of(i % 2 is 0 ? second : first, 'b'), Of(first, (char)('0' + i)))).ToList();
        await Task.WhenAll([.. counts, .. Enumerable.Range(0, 4).Select(i => (Task)CommitAsync(Add($"file {i}", "x")))]);

        Assert.Equal(12, (await Task.WhenAll(counts)).Sum());
        var state = await UntilAsync(first.Id, state => state.Downloads is 10 && state.Record?.Measured.FileCount is 4);
        Assert.Equal(10, state.Downloads);
        Assert.Equal(2, (await Engineer.GetRepositoryAsync(new() { Name = "acme/second" }, cancellationToken: Cancel)).Downloads);
    }

    [Fact]
    public async Task Popularity_BadRequests_AreRefusedWithTheirReason()
    {
        var repository = await CreateAsync();

        Assert.Equal("BAD_DOWNLOAD", await ReasonAsync(Hub.CountDownloadsAsync(new() { Downloads = { Of(repository, 'a', -2) } }, cancellationToken: Cancel)));
        Assert.Equal("BAD_DOWNLOAD", await ReasonAsync(Hub.CountDownloadsAsync(new() { Downloads = { Of(repository, 'g') } }, cancellationToken: Cancel)));
        Assert.Equal("BAD_DOWNLOAD", await ReasonAsync(Hub.CountDownloadsAsync(new() { Downloads = { new Download { Client = new('a', 32), Day = Today } } }, cancellationToken: Cancel)));
        Assert.Equal("TOO_MANY_DOWNLOADS", await ReasonAsync(Hub.CountDownloadsAsync(new() { Downloads = { Enumerable.Repeat(Of(repository, 'a'), 1001) } }, cancellationToken: Cancel)));
        Assert.Equal(StatusCode.PermissionDenied, (await Assert.ThrowsAsync<RpcException>(async () => await As(People.Operator).CountDownloadsAsync(new(), cancellationToken: Cancel))).StatusCode);
        Assert.Equal(StatusCode.Unauthenticated, (await Assert.ThrowsAsync<RpcException>(async () => await As(People.Anonymous).SetLikeAsync(new() { Name = Model, Liked = true }, cancellationToken: Cancel))).StatusCode);
        Assert.Equal("BAD_ACCOUNT_NAME", await ReasonAsync(Engineer.ListLikesAsync(new() { Account = "a b" }, cancellationToken: Cancel)));
        Assert.Equal("BAD_PAGE_SIZE", await ReasonAsync(Engineer.ListLikersAsync(new() { Name = Model, PageSize = 1001 }, cancellationToken: Cancel)));
        foreach (var token in new[] { "?", "YQ", "YQpi", "OTk5OTk5OTk5OTk5OTk5OTk5CmI" })
        {
            Assert.Equal((token, "BAD_PAGE_TOKEN"), (token, await ReasonAsync(Engineer.ListLikersAsync(new() { Name = Model, PageToken = token }, cancellationToken: Cancel))));
            Assert.Equal((token, "BAD_PAGE_TOKEN"), (token, await ReasonAsync(Engineer.ListLikesAsync(new() { Account = "ann", PageToken = token }, cancellationToken: Cancel))));
        }
    }

    private Contracts.V1.Catalog.CatalogClient Hub => As(People.Service(ServiceNames.Hub));

    private static async Task<Repository> LikeAsync(Contracts.V1.Catalog.CatalogClient client, bool liked = true) =>
        await client.SetLikeAsync(new() { Name = Model, Liked = liked }, cancellationToken: Cancel);

    private static async Task<IReadOnlyList<Like>> LikersAsync(Contracts.V1.Catalog.CatalogClient client) =>
        (await client.ListLikersAsync(new() { Name = Model }, cancellationToken: Cancel)).Likes;

    private static async Task<IReadOnlyList<Like>> LikesAsync(Contracts.V1.Catalog.CatalogClient client, string account) =>
        (await client.ListLikesAsync(new() { Account = account }, cancellationToken: Cancel)).Likes;

    private async Task<long> CountAsync(params Download[] downloads) => (await Hub.CountDownloadsAsync(new() { Downloads = { downloads } }, cancellationToken: Cancel)).Counted;

    private static Download Of(Repository repository, char client, int days = 0) => new() { RepositoryId = repository.Id, Client = new(client, 32), Day = Today + days };
}

public sealed class PopularityOnSqliteTests() : PopularityTests(Engine.Sqlite);

public sealed class PopularityOnPostgresTests() : PopularityTests(Engine.Postgres);

/// <summary>One number for how much is going on of late.</summary>
public sealed class TrendTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Trend_OfWhatHappenedLater_CountsForMore()
    {
        var (early, late) = (Trend.With(0, 1, Now.AddDays(-3)), Trend.With(0, 1, Now));

        Assert.Equal(1, late - early, 9);
        // Two of three days ago are as much as one of now.
        Assert.Equal(late, Trend.With(early, 1, Now.AddDays(-3)), 9);
        Assert.True(Trend.With(early, 1, Now) > late);
    }

    [Fact]
    public void Trend_TakenBack_IsAsBefore()
    {
        var one = Trend.With(0, Trend.OfALike, Now.AddDays(-9));
        var both = Trend.With(one, Trend.OfADownload, Now);

        Assert.Equal(one, Trend.Without(both, Trend.OfADownload, Now), 9);
        Assert.Equal(0, Trend.Without(one, Trend.OfALike, Now.AddDays(-9)));
        Assert.Equal(0, Trend.Without(0, Trend.OfALike, Now));
    }

    [Fact]
    public void Trend_OfMillions_StaysANumber()
    {
        var trend = 0.0;
        for (var i = 0; i < 10_000; i++)
        {
            trend = Trend.With(trend, 1_000_000, Now.AddDays(i));
        }

        Assert.True(double.IsFinite(trend));
    }
}
