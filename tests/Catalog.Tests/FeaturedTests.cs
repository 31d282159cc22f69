using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Testing;
using CatalogClient = ModelGarden.Contracts.V1.Catalog.CatalogClient;

namespace ModelGarden.Catalog.Tests;

/// <summary>The collections that curators show everybody first.</summary>
public abstract class FeaturedTests(Engine engine) : CatalogContract(engine)
{
    private readonly ManualClock _clock = new(new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero));

    protected override TimeProvider Clock => _clock;

    [Fact]
    public async Task Feature_AddedMovedAndTakenOff_IsAsItWasLeft()
    {
        var (one, two, three) = (await MakeAsync("One"), await MakeAsync("Two"), await MakeAsync("Three", Stranger, "globex"));
        await MakeAsync("Never");

        Assert.Equal(0, (await FeatureAsync(one)).Featured.Position);
        await FeatureAsync(two);
        var first = await FeatureAsync(three, position: 0);

        Assert.Equal((0L, null), (first.Featured.Position, first.Featured.Until));
        Assert.Equal(["Three 0", "One 1", "Two 2"], await ListAsync(As(People.Anonymous)));
        Assert.Equal(1, (await Engineer.GetCollectionAsync(new() { Slug = one }, cancellationToken: Cancel)).Featured.Position);
        await FeatureAsync(three, position: 99);
        // Without a position it stays where it is.
        await FeatureAsync(one);
        Assert.Equal(["One 0", "Two 1", "Three 2"], await ListAsync(Stranger));
        Assert.Null((await Curator.FeatureCollectionAsync(new() { Slug = two }, cancellationToken: Cancel)).Featured);
        await Curator.FeatureCollectionAsync(new() { Slug = two }, cancellationToken: Cancel);
        await Stranger.DeleteCollectionAsync(new() { Slug = three }, cancellationToken: Cancel);
        Assert.Equal(["One 0"], await ListAsync(Stranger));
    }

    [Theory]
    [InlineData(253_402_300_800, 0)]
    [InlineData(long.MinValue, 0)]
    [InlineData(1_900_000_000, 1_000_000_000)]
    public async Task Feature_UntilATimeThatIsNone_IsRefusedByItsName(long seconds, int nanos)
    {
        var slug = await MakeAsync("One");

        var error = await ErrorAsync(Curator.FeatureCollectionAsync(new() { Slug = slug, Featured = true, Until = new() { Seconds = seconds, Nanos = nanos } }, cancellationToken: Cancel));

        Assert.Equal((Kernel.ErrorCode.InvalidArgument, "BAD_DATE"), (error.Code, error.Reason));
        Assert.StartsWith("until, ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Feature_WithAnEnd_EndsByItself()
    {
        var (one, two) = (await MakeAsync("One"), await MakeAsync("Two"));
        var until = _clock.GetUtcNow().AddDays(1);

        var featured = await FeatureAsync(one, until: until);
        await FeatureAsync(two);
        Assert.Equal(until, featured.Featured.Until.ToDateTimeOffset());
        _clock.Jump(TimeSpan.FromDays(1));

        Assert.Equal(["Two 0"], await ListAsync(Stranger));
        Assert.Null((await Stranger.GetCollectionAsync(new() { Slug = one }, cancellationToken: Cancel)).Featured);
        Assert.Equal(1, (await FeatureAsync(one)).Featured.Position);
    }

    [Fact]
    public async Task Feature_OfAPrivateCollection_IsRefusedOrNotShown()
    {
        var (one, two) = (await MakeAsync("One"), await MakeAsync("Two"));
        await FeatureAsync(one);
        await FeatureAsync(two);

        await Engineer.UpdateCollectionAsync(new() { Slug = one, Private = true }, cancellationToken: Cancel);

        Assert.Equal(["Two 0"], await ListAsync(Engineer));
        Assert.Equal("COLLECTION_NOT_FOUND", await ReasonAsync(Curator.FeatureCollectionAsync(new() { Slug = one, Featured = true }, cancellationToken: Cancel)));
        Assert.Equal("COLLECTION_PRIVATE", await ReasonAsync(As(People.Operator).FeatureCollectionAsync(new() { Slug = one, Featured = true }, cancellationToken: Cancel)));
        await Engineer.UpdateCollectionAsync(new() { Slug = one, Private = false }, cancellationToken: Cancel);
        Assert.Equal(["One 0", "Two 1"], await ListAsync(Stranger));
    }

    [Fact]
    public async Task Feature_WhoMayNotOrBadly_IsRefused()
    {
        var one = await MakeAsync("One");
        var request = new FeatureCollectionRequest { Slug = one, Featured = true };

        foreach (var other in new[] { People.Engineer(), People.Admin(), People.Engineer("globex"), People.Person("leo", "acme", Roles.Legal, Roles.Auditor) })
        {
            Assert.Equal("ROLE_MISSING", await ReasonAsync(As(other).FeatureCollectionAsync(request, cancellationToken: Cancel)));
        }

        Assert.Equal("SIGN_IN", await ReasonAsync(As(People.Anonymous).FeatureCollectionAsync(request, cancellationToken: Cancel)));
        Assert.Equal("BAD_POSITION", await ReasonAsync(Curator.FeatureCollectionAsync(new(request) { Position = -1 }, cancellationToken: Cancel)));
        Assert.Equal("BAD_DATE", await ReasonAsync(Curator.FeatureCollectionAsync(new(request) { Until = Timestamp.FromDateTimeOffset(_clock.GetUtcNow()) }, cancellationToken: Cancel)));
        Assert.Equal("BAD_DATE", await ReasonAsync(Curator.FeatureCollectionAsync(new(request) { Featured = false, Position = 1 }, cancellationToken: Cancel)));
        Assert.Equal("COLLECTION_NOT_FOUND", await ReasonAsync(Curator.FeatureCollectionAsync(new(request) { Slug = "acme/none" }, cancellationToken: Cancel)));
        Assert.Equal("BAD_ORDER", await ReasonAsync(Curator.ListCollectionsAsync(new() { Featured = true, Order = CollectionOrder.Updated }, cancellationToken: Cancel)));
        Assert.Empty(await ListAsync(Engineer));
    }

    [Fact]
    public async Task Features_Many_AreBoundedFilteredAndPaged()
    {
        for (var i = 0; i < 100; i++)
        {
            await FeatureAsync(await MakeAsync($"Number {i}"));
        }

        var last = await MakeAsync("One more", Stranger, "globex");
        Assert.Equal("TOO_MANY_FEATURED", await ReasonAsync(Curator.FeatureCollectionAsync(new() { Slug = last, Featured = true }, cancellationToken: Cancel)));
        var (titles, token) = (new List<string>(), "");
        do
        {
            var page = await Stranger.ListCollectionsAsync(new() { Featured = true, PageSize = 30, PageToken = token }, cancellationToken: Cancel);
            titles.AddRange(page.Collections.Select(one => one.Title));
            token = page.NextPageToken;
        }
        while (token.Length > 0);

        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"Number {i}"), titles);
        Assert.Equal(["Number 77"], (await Stranger.ListCollectionsAsync(new() { Featured = true, Text = "77" }, cancellationToken: Cancel)).Collections.Select(one => one.Title));
        Assert.Empty((await Stranger.ListCollectionsAsync(new() { Featured = true, Owners = { "globex" } }, cancellationToken: Cancel)).Collections);
    }

    [Fact]
    public async Task Features_ChangedAtOnce_AreNeitherLostNorTorn()
    {
        var slugs = new List<string>();
        for (var i = 0; i < 9; i++)
        {
            slugs.Add(await MakeAsync($"Number {i}"));
        }

        await FeatureAsync(slugs[8]);
        await Task.WhenAll([.. slugs.Take(8).Select(slug => (Task)FeatureAsync(slug, position: 0)), DeleteAsync(slugs[8])]);

        var listed = await ListAsync(Stranger);
        Assert.Equal(Enumerable.Range(0, 8).Select(i => $"Number {i}"), listed.Select(line => line[..^2]).Order(StringComparer.Ordinal));
        Assert.Equal(Enumerable.Range(0, 8), listed.Select(line => line[^1] - '0'));

        async Task DeleteAsync(string slug) => await Engineer.DeleteCollectionAsync(new() { Slug = slug }, cancellationToken: Cancel);
    }

    private async Task<string> MakeAsync(string title, CatalogClient? client = null, string owner = "acme") =>
        (await (client ?? Engineer).CreateCollectionAsync(new() { Owner = owner, Title = title }, cancellationToken: Cancel)).Collection.Slug;

    private async Task<Collection> FeatureAsync(string slug, long? position = null, DateTimeOffset? until = null)
    {
        var request = new FeatureCollectionRequest { Slug = slug, Featured = true, Until = until is { } end ? Timestamp.FromDateTimeOffset(end) : null };
        if (position is { } place)
        {
            request.Position = place;
        }

        return await Curator.FeatureCollectionAsync(request, cancellationToken: Cancel);
    }

    private static async Task<IReadOnlyList<string>> ListAsync(CatalogClient client) =>
        [.. (await client.ListCollectionsAsync(new() { Featured = true }, cancellationToken: Cancel)).Collections.Select(one => $"{one.Title} {one.Featured.Position}")];
}

public sealed class FeaturedOnSqliteTests() : FeaturedTests(Engine.Sqlite);

public sealed class FeaturedOnPostgresTests() : FeaturedTests(Engine.Postgres);
