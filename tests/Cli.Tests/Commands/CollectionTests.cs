using Google.Protobuf.WellKnownTypes;
using ModelGarden.Cli.Tests.Doubles;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Tests.Commands;

public sealed class CollectionTests : IAsyncLifetime
{
    private const string Slug = "acme/small-0123456789abcdef01234567";
    private const string Item = "89abcdef0123456789abcdef";
    private GardenDouble _garden = null!;
    private Machine _machine = null!;

    private static Collection Small => new()
    {
        Slug = Slug, Owner = "acme", Title = "Small", Featured = new() { Position = 2 },
        Items = { new CollectionItem { Id = Item, Note = "fast", Repository = new() { Name = "acme/tiny", Kind = Contracts.V1.RepositoryKind.Model } } },
    };

    public async ValueTask InitializeAsync()
    {
        _garden = await GardenDouble.StartAsync();
        _machine = new(_garden);
        _garden.On<WhoAmIRequest>("WhoAmI", _ => new Principal { Name = "ann", Tenant = "acme" });
    }

    public async ValueTask DisposeAsync()
    {
        _machine.Dispose();
        await _garden.DisposeAsync();
    }

    [Fact]
    public async Task List_WithFilters_AsksAndShowsATable()
    {
        ListCollectionsRequest? asked = null;
        _garden.On<ListCollectionsRequest>("ListCollections", request =>
        {
            asked = request;
            return new ListCollectionsResponse { Collections = { Small } };
        });

        var ran = (await _machine.RunAsync("collections", "list", "--owner", "acme", "--owner", "globex", "--text", "small", "--featured")).Ok();

        Assert.Equal(new ListCollectionsRequest { Owners = { "acme", "globex" }, Text = "small", Featured = true, PageSize = 50 }, asked);
        Assert.Matches($"(?m)^{Slug} +Small +place 2 +public$", ran.Out);
    }

    [Fact]
    public async Task Show_ACollection_PrintsItsItems()
    {
        _garden.On<GetCollectionRequest>("GetCollection", request => new Collection(Small) { Slug = request.Slug });

        Assert.Matches($"(?m)^{Item} +acme/tiny +model +fast$", (await _machine.RunAsync("collections", "show", Slug)).Ok().Out);
        Assert.Equal(Slug, (string?)(await _machine.RunAsync("collections", "show", Slug, "--json")).Ok().Json["slug"]);
        Assert.Equal($"/garden/v1/collections/{Slug}", _garden.Requests.First().Path);
    }

    [Fact]
    public async Task Create_WithoutAnOwner_IsOnesOwn()
    {
        var asked = new List<CreateCollectionRequest>();
        _garden.On<CreateCollectionRequest>("CreateCollection", request =>
        {
            asked.Add(request);
            return new CreateCollectionResponse { Collection = Small, Existed = asked.Count > 1 };
        });

        Assert.Contains("garden collections add", (await _machine.RunAsync("collections", "create", "Small", "--description", "d", "--private", "--theme", "green")).Ok().Err, StringComparison.Ordinal);
        Assert.Contains("already", (await _machine.RunAsync("collections", "create", "Small", "--owner", "globex")).Ok().Err, StringComparison.Ordinal);

        Assert.Equal(
            [new CreateCollectionRequest { Owner = "acme", Title = "Small", Description = "d", Private = true, Theme = CollectionTheme.Green }, new CreateCollectionRequest { Owner = "globex", Title = "Small" }], asked);
    }

    [Fact]
    public async Task Update_WhatIsGiven_IsSentAndNothingElse()
    {
        var asked = new List<UpdateCollectionRequest>();
        _garden.On<UpdateCollectionRequest>("UpdateCollection", request =>
        {
            asked.Add(request);
            return Small;
        });

        (await _machine.RunAsync("collections", "update", Slug, "--title", "New", "--description", "", "--private", "false", "--position", "0")).Ok();
        (await _machine.RunAsync("collections", "update", Slug, "--private")).Ok();

        Assert.Equal([new UpdateCollectionRequest { Slug = Slug, Title = "New", Description = "", Private = false, Position = 0 }, new UpdateCollectionRequest { Slug = Slug, Private = true }], asked);
    }

    [Fact]
    public async Task Items_AddedChangedAndRemoved_AreAskedForSo()
    {
        AddCollectionItemRequest? added = null;
        UpdateCollectionItemRequest? changed = null;
        RemoveCollectionItemRequest? removed = null;
        _garden.On<AddCollectionItemRequest>("AddCollectionItem", request => Answer(added = request));
        _garden.On<UpdateCollectionItemRequest>("UpdateCollectionItem", request => Answer(changed = request));
        _garden.On<RemoveCollectionItemRequest>("RemoveCollectionItem", request => Answer(removed = request));

        (await _machine.RunAsync("collections", "add", Slug, "acme/tiny", "--kind", "model", "--note", "fast")).Ok();
        (await _machine.RunAsync("collections", "update-item", Slug, Item, "--position", "3", "--note", "")).Ok();
        (await _machine.RunAsync("collections", "remove", Slug, Item)).Ok();

        Assert.Equal(new AddCollectionItemRequest { Slug = Slug, Repository = new() { Name = "acme/tiny", Kind = Contracts.V1.RepositoryKind.Model }, Note = "fast" }, added);
        Assert.Equal(new UpdateCollectionItemRequest { Slug = Slug, ItemId = Item, Position = 3, Note = "" }, changed);
        Assert.Equal(new RemoveCollectionItemRequest { Slug = Slug, ItemId = Item }, removed);

        static Collection Answer(object _) => Small;
    }

    [Fact]
    public async Task Feature_WithAPlaceAndAnEnd_IsAskedForSo()
    {
        var asked = new List<FeatureCollectionRequest>();
        _garden.On<FeatureCollectionRequest>("FeatureCollection", request =>
        {
            asked.Add(request);
            return Small;
        });

        Assert.Matches("(?m)^featured +place 2$", (await _machine.RunAsync("collections", "feature", Slug, "--position", "0", "--until", "2027-01-31")).Ok().Out);
        (await _machine.RunAsync("collections", "unfeature", Slug)).Ok();

        var until = Timestamp.FromDateTimeOffset(new(2027, 1, 31, 0, 0, 0, TimeSpan.Zero));
        Assert.Equal([new FeatureCollectionRequest { Slug = Slug, Featured = true, Position = 0, Until = until }, new FeatureCollectionRequest { Slug = Slug }], asked);
    }

    [Fact]
    public async Task Delete_ACollection_IsConfirmed()
    {
        _garden.On<DeleteCollectionRequest>("DeleteCollection", _ => new DeleteCollectionResponse());

        Assert.Equal(ExitCodes.Usage, (await _machine.RunAsync("collections", "delete", Slug)).Code);
        Assert.Empty(_garden.Requests);
        (await _machine.RunAsync("collections", "delete", Slug, "--yes")).Ok();
        Assert.Equal("DELETE", _garden.Requests.Single().Verb);
    }

    [Theory]
    [InlineData("collections", "show", "small")]
    [InlineData("collections", "show", "acme/../x")]
    [InlineData("collections", "remove", Slug, "9")]
    [InlineData("collections", "feature", Slug, "--position", "-1")]
    [InlineData("collections", "feature", Slug, "--until", "soon")]
    [InlineData("collections", "create", "x", "--theme", "red")]
    public async Task Collections_WrongUsage_AsksNothing(params string[] arguments)
    {
        Assert.Equal(ExitCodes.Usage, (await _machine.RunAsync(arguments)).Code);
        Assert.Empty(_garden.Requests);
    }
}
