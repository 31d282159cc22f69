using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Testing;

namespace ModelGarden.Catalog.Tests;

/// <summary>Repositories that a namespace has put together.</summary>
public abstract class CollectionTests(Engine engine) : CatalogContract(engine)
{
    [Fact]
    public async Task Collection_MadeFilledArrangedAndDeleted_IsAsItWasLeft()
    {
        await PublishAsync();
        await Engineer.CreateRepositoryAsync(new() { Name = "acme/data", Kind = RepositoryKind.Dataset }, cancellationToken: Cancel);
        await CreateAsync("acme/second");

        var made = (await Engineer.CreateCollectionAsync(new() { Owner = "acme", Title = " Small & Fast: 2026! ", Description = "for phones", Theme = CollectionTheme.Green }, cancellationToken: Cancel)).Collection;
        await AddAsync(made.Slug, Model, "the first");
        await AddAsync(made.Slug, "acme/data", kind: RepositoryKind.Dataset);
        var filled = await AddAsync(made.Slug, "acme/second");

        Assert.Equal(("acme", "Small & Fast: 2026!", "for phones", CollectionTheme.Green, false, 0L), (made.Owner, made.Title, made.Description, made.Theme, made.Private, made.Position));
        Assert.Equal($"acme/small-fast-2026-{made.Id}", made.Slug);
        Assert.Equal(["0 acme/llama Model the first", "1 acme/data Dataset", "2 acme/second Model"], Lines(filled));
        Assert.True(filled.UpdatedAt > made.UpdatedAt || filled.UpdatedAt.Equals(made.UpdatedAt));
        var record = filled.Items[0].Repository.Record;
        Assert.Equal(("text-generation", "apache-2.0", ""), (record.Declared.Task, Assert.Single(record.Declared.Licenses), record.Declared.CardJson));

        var arranged = await Engineer.UpdateCollectionItemAsync(new() { Slug = made.Slug, ItemId = filled.Items[2].Id, Position = 0, Note = "now first" }, cancellationToken: Cancel);
        Assert.Equal(["0 acme/second Model now first", "1 acme/llama Model the first", "2 acme/data Dataset"], Lines(arranged));
        var last = await Engineer.UpdateCollectionItemAsync(new() { Slug = made.Slug, ItemId = filled.Items[2].Id, Position = 99 }, cancellationToken: Cancel);
        Assert.Equal(["0 acme/llama Model the first", "1 acme/data Dataset", "2 acme/second Model now first"], Lines(last));
        var fewer = await Engineer.RemoveCollectionItemAsync(new() { Slug = made.Slug, ItemId = filled.Items[0].Id }, cancellationToken: Cancel);
        Assert.Equal(["0 acme/data Dataset", "1 acme/second Model now first"], Lines(fewer));
        Assert.Equal(fewer, await GetAsync(Engineer, made.Slug));

        await Engineer.DeleteCollectionAsync(new() { Slug = made.Slug }, cancellationToken: Cancel);
        Assert.Equal("COLLECTION_NOT_FOUND", await ReasonAsync(Engineer.GetCollectionAsync(new() { Slug = made.Slug }, cancellationToken: Cancel)));
    }

    [Fact]
    public async Task Items_OfRepositoriesThatOneMayNotSee_AreLeftOutForHim()
    {
        await CreateAsync("acme/draft");
        await CreateAsync("acme/other-draft");
        await PublishAsync();
        var made = await MakeAsync("Mixed");
        await AddAsync(made.Slug, "acme/draft");
        await AddAsync(made.Slug, Model);
        await AddAsync(made.Slug, "acme/other-draft");

        Assert.Equal(["acme/draft", Model, "acme/other-draft"], Names(await GetAsync(Engineer, made.Slug)));
        Assert.Equal(["acme/draft", Model, "acme/other-draft"], Names(await GetAsync(Curator, made.Slug)));
        foreach (var visitor in new[] { Stranger, As(People.Anonymous) })
        {
            Assert.Equal(["0 acme/llama Model"], Lines(await GetAsync(visitor, made.Slug)));
            Assert.Equal(["0 acme/llama Model"], Lines(Assert.Single(await ListAsync(visitor, new()))));
            // Nor can he find it by what he does not see in it.
            Assert.Empty(await ListAsync(visitor, new() { Repositories = { new NamedRepository { Name = "acme/draft" } } }));
        }

        Assert.Single(await ListAsync(Engineer, new() { Repositories = { new NamedRepository { Name = "acme/draft" } } }));
    }

    [Fact]
    public async Task Items_OfAnothersRepository_StayUnseenInTheirPlace()
    {
        await PublishAsync();
        var made = (await Stranger.CreateCollectionAsync(new() { Owner = "globex", Title = "Theirs and ours" }, cancellationToken: Cancel)).Collection;
        foreach (var name in new[] { "globex/a", "globex/b" })
        {
            await Stranger.CreateRepositoryAsync(new() { Name = name }, cancellationToken: Cancel);
        }

        await AddAsync(made.Slug, "globex/a", client: Stranger);
        await AddAsync(made.Slug, Model, client: Stranger);
        var full = await AddAsync(made.Slug, "globex/b", client: Stranger);
        await StepAsync(LifecycleAction.Retire);

        Assert.Equal(["0 globex/a Model", "1 globex/b Model"], Lines(await GetAsync(Stranger, made.Slug)));
        Assert.Equal("ITEM_NOT_FOUND", await ReasonAsync(Stranger.RemoveCollectionItemAsync(new() { Slug = made.Slug, ItemId = full.Items[1].Id }, cancellationToken: Cancel)));
        Assert.Equal("ITEM_NOT_FOUND", await ReasonAsync(Stranger.UpdateCollectionItemAsync(new() { Slug = made.Slug, ItemId = full.Items[1].Id, Note = "x" }, cancellationToken: Cancel)));
        Assert.Equal("REPOSITORY_NOT_FOUND", await ReasonAsync(Stranger.AddCollectionItemAsync(new() { Slug = made.Slug, Repository = new() { Name = Model } }, cancellationToken: Cancel)));
        var moved = await Stranger.UpdateCollectionItemAsync(new() { Slug = made.Slug, ItemId = full.Items[2].Id, Position = 0 }, cancellationToken: Cancel);
        Assert.Equal(["0 globex/b Model", "1 globex/a Model"], Lines(moved));
        Assert.Equal(["globex/b", "globex/a", Model], Names(await GetAsync(Curator, made.Slug)));
    }

    [Fact]
    public async Task Item_WhoseRepositoryIsMovedOrDeleted_GoesWithIt()
    {
        await CreateAsync();
        await CreateAsync("acme/doomed");
        var made = await MakeAsync("Movers");
        await AddAsync(made.Slug, Model, "kept");
        await AddAsync(made.Slug, "acme/doomed");

        await Engineer.MoveRepositoryAsync(new() { Name = Model, NewName = "acme/alpaca" }, cancellationToken: Cancel);
        await Engineer.DeleteRepositoryAsync(new() { Name = "acme/doomed" }, cancellationToken: Cancel);

        Assert.Equal(["0 acme/alpaca Model kept"], Lines(await GetAsync(Engineer, made.Slug)));
        // By the name that it had it is the same one.
        Assert.Equal("ITEM_EXISTS", await ReasonAsync(Engineer.AddCollectionItemAsync(new() { Slug = made.Slug, Repository = new() { Name = Model } }, cancellationToken: Cancel)));
        Assert.Single(await ListAsync(Engineer, new() { Repositories = { new NamedRepository { Name = Model } } }));
    }

    [Fact]
    public async Task Collection_Private_IsItsOwnersPeoplesAlone()
    {
        var made = (await Engineer.CreateCollectionAsync(new() { Owner = "acme", Title = "Secret plans", Private = true }, cancellationToken: Cancel)).Collection;

        Assert.True((await GetAsync(As(People.Person("vic", "acme")), made.Slug)).Private);
        Assert.Equal(made.Slug, (await GetAsync(As(People.Operator), made.Slug)).Slug);
        foreach (var other in new[] { Stranger, Curator, As(People.Anonymous) })
        {
            Assert.Equal("COLLECTION_NOT_FOUND", await ReasonAsync(other.GetCollectionAsync(new() { Slug = made.Slug }, cancellationToken: Cancel)));
            Assert.Empty(await ListAsync(other, new() { Owners = { "acme" } }));
        }

        Assert.Equal("COLLECTION_NOT_FOUND", await ReasonAsync(Stranger.DeleteCollectionAsync(new() { Slug = made.Slug }, cancellationToken: Cancel)));
        await Engineer.UpdateCollectionAsync(new() { Slug = made.Slug, Private = false }, cancellationToken: Cancel);
        Assert.Equal("Secret plans", (await GetAsync(Stranger, made.Slug)).Title);
    }

    [Fact]
    public async Task Collections_WrittenByOthers_AreRefused()
    {
        await PublishAsync();
        var made = await MakeAsync("Ours");
        var filled = await AddAsync(made.Slug, Model);
        var user = As(People.Person("vic", "acme"));

        Assert.Equal("NOT_YOUR_NAMESPACE", await ReasonAsync(Stranger.CreateCollectionAsync(new() { Owner = "acme", Title = "Mine" }, cancellationToken: Cancel)));
        Assert.Equal("ROLE_MISSING", await ReasonAsync(user.CreateCollectionAsync(new() { Owner = "acme", Title = "Mine" }, cancellationToken: Cancel)));
        Assert.Equal("NOT_YOUR_NAMESPACE", await ReasonAsync(Stranger.UpdateCollectionAsync(new() { Slug = made.Slug, Title = "Mine" }, cancellationToken: Cancel)));
        Assert.Equal("NOT_YOUR_NAMESPACE", await ReasonAsync(Stranger.DeleteCollectionAsync(new() { Slug = made.Slug }, cancellationToken: Cancel)));
        Assert.Equal("NOT_YOUR_NAMESPACE", await ReasonAsync(Stranger.AddCollectionItemAsync(new() { Slug = made.Slug, Repository = new() { Name = Model } }, cancellationToken: Cancel)));
        Assert.Equal("NOT_YOUR_NAMESPACE", await ReasonAsync(Curator.RemoveCollectionItemAsync(new() { Slug = made.Slug, ItemId = filled.Items[0].Id }, cancellationToken: Cancel)));
        Assert.Equal("ROLE_MISSING", await ReasonAsync(user.UpdateCollectionItemAsync(new() { Slug = made.Slug, ItemId = filled.Items[0].Id, Note = "x" }, cancellationToken: Cancel)));
        Assert.Equal(StatusCode.Unauthenticated, (await Assert.ThrowsAsync<RpcException>(async () => await As(People.Anonymous).DeleteCollectionAsync(new() { Slug = made.Slug }, cancellationToken: Cancel))).StatusCode);
        Assert.Equal(filled, await GetAsync(Engineer, made.Slug));
    }

    [Fact]
    public async Task Collection_OfATitleThatIsTaken_IsTheOneThatIsThere()
    {
        var made = await MakeAsync("Picks");
        var other = await MakeAsync("More picks");

        var again = await Engineer.CreateCollectionAsync(new() { Owner = "ACME", Title = "PICKS ", Description = "another" }, cancellationToken: Cancel);

        Assert.Equal((true, made), (again.Existed, again.Collection));
        Assert.Equal("COLLECTION_EXISTS", await ReasonAsync(Engineer.UpdateCollectionAsync(new() { Slug = other.Slug, Title = "picks" }, cancellationToken: Cancel)));
        Assert.False((await Stranger.CreateCollectionAsync(new() { Owner = "globex", Title = "Picks" }, cancellationToken: Cancel)).Existed);
        // Its own title in other letters is no other's.
        Assert.Equal("PICKS", (await Engineer.UpdateCollectionAsync(new() { Slug = made.Slug, Title = "PICKS" }, cancellationToken: Cancel)).Title);
    }

    [Fact]
    public async Task Collection_Renamed_IsFoundByItsOldSlug()
    {
        var made = await MakeAsync("Before");

        var renamed = await Engineer.UpdateCollectionAsync(new() { Slug = made.Slug, Title = "Nachher – ü", Description = "changed", Theme = CollectionTheme.Pink, Private = true }, cancellationToken: Cancel);

        Assert.Equal($"acme/nachher-{made.Id}", renamed.Slug);
        Assert.Equal(("changed", CollectionTheme.Pink, true), (renamed.Description, renamed.Theme, renamed.Private));
        Assert.Equal(renamed, await GetAsync(Engineer, made.Slug));
        Assert.Equal(renamed, await GetAsync(Engineer, $"ACME/{made.Id}"));
        foreach (var slug in new[] { "", "acme", $"globex/x-{made.Id}", $"acme/x{made.Id}", $"acme/x-{made.Id[..^1]}g", made.Id, $"acme/{made.Id.ToUpperInvariant()}x" })
        {
            Assert.Equal((slug, "COLLECTION_NOT_FOUND"), (slug, await ReasonAsync(Engineer.GetCollectionAsync(new() { Slug = slug }, cancellationToken: Cancel))));
        }

        var unwritten = (await Engineer.CreateCollectionAsync(new() { Owner = "acme", Title = "モデル" }, cancellationToken: Cancel)).Collection;
        Assert.Equal($"acme/{unwritten.Id}", unwritten.Slug);
        Assert.Equal(unwritten, await GetAsync(Engineer, unwritten.Slug));
    }

    [Fact]
    public async Task Collections_Listed_AreFilteredOrderedAndPaged()
    {
        await PublishAsync();
        var slugs = new List<string>();
        foreach (var title in new[] { "One", "Two", "Three über" })
        {
            slugs.Add((await MakeAsync(title)).Slug);
        }

        await Stranger.CreateCollectionAsync(new() { Owner = "globex", Title = "Four", Description = "ÜBER alles" }, cancellationToken: Cancel);
        await AddAsync(slugs[1], Model);
        await Engineer.UpdateCollectionAsync(new() { Slug = slugs[2], Position = 0 }, cancellationToken: Cancel);

        Assert.Equal(["Three über 0", "One 1", "Two 2"], Titles(await ListAsync(Stranger, new() { Owners = { "ACME" } })));
        Assert.Equal(["Three über", "Two"], (await ListAsync(Stranger, new() { Owners = { "acme" }, Order = CollectionOrder.Updated })).Take(2).Select(one => one.Title));
        Assert.Equal(["Four", "Three über"], (await ListAsync(Stranger, new() { Text = "Über" })).Select(one => one.Title).Order());
        Assert.Equal(["Two"], (await ListAsync(Stranger, new() { Repositories = { new NamedRepository { Name = Model, Kind = RepositoryKind.Model } } })).Select(one => one.Title));
        Assert.Empty(await ListAsync(Stranger, new() { Repositories = { new NamedRepository { Name = Model, Kind = RepositoryKind.Dataset } } }));
        Assert.Equal(4, (await ListAsync(Stranger, new() { Owners = { "acme", "globex" } })).Count);
        foreach (var order in new[] { CollectionOrder.Updated, CollectionOrder.Position })
        {
            var whole = await ListAsync(Stranger, new() { Owners = { "acme" }, Order = order });
            var first = await Stranger.ListCollectionsAsync(new() { Owners = { "acme" }, Order = order, PageSize = 2 }, cancellationToken: Cancel);
            var second = await Stranger.ListCollectionsAsync(new() { Owners = { "acme" }, Order = order, PageSize = 2, PageToken = first.NextPageToken }, cancellationToken: Cancel);
            Assert.Equal(whole, [.. first.Collections, .. second.Collections]);
            Assert.Equal("", second.NextPageToken);
        }
    }

    [Fact]
    public async Task Collections_InALongList_ShowTheirFirstItems()
    {
        var (one, two) = (await MakeAsync("one"), await MakeAsync("two"));
        for (var i = 0; i < 6; i++)
        {
            await CreateAsync($"acme/m{i}");
            await AddAsync(one.Slug, $"acme/m{i}");
        }

        await AddAsync(two.Slug, "acme/m5");

        var listed = await ListAsync(Engineer, new() { Owners = { "acme" } });
        Assert.Equal(["acme/m0", "acme/m1", "acme/m2", "acme/m3"], Names(listed[0]));
        Assert.Equal(["acme/m5"], Names(listed[1]));
        Assert.Equal(6, (await GetAsync(Engineer, one.Slug)).Items.Count);
    }

    [Fact]
    public async Task Collections_BadRequests_AreRefusedWithTheirReason()
    {
        await CreateAsync();
        var made = await MakeAsync("Bounds");
        var item = (await AddAsync(made.Slug, Model, new string('n', 500))).Items[0].Id;

        foreach (var title in new[] { "", "  ", new string('t', 61), "a\nb", "a\0b" })
        {
            Assert.Equal((title, "BAD_TEXT"), (title, await ReasonAsync(Engineer.CreateCollectionAsync(new() { Owner = "acme", Title = title }, cancellationToken: Cancel))));
            Assert.Equal((title, "BAD_TEXT"), (title, await ReasonAsync(Engineer.UpdateCollectionAsync(new() { Slug = made.Slug, Title = title }, cancellationToken: Cancel))));
        }

        Assert.Equal("BAD_TENANT_NAME", await ReasonAsync(Engineer.CreateCollectionAsync(new() { Owner = "a/b", Title = "x" }, cancellationToken: Cancel)));
        Assert.Equal("BAD_TEXT", await ReasonAsync(Engineer.CreateCollectionAsync(new() { Owner = "acme", Title = "x", Description = new('d', 151) }, cancellationToken: Cancel)));
        Assert.Equal("BAD_VALUE", await ReasonAsync(Engineer.UpdateCollectionAsync(new() { Slug = made.Slug, Theme = (CollectionTheme)9 }, cancellationToken: Cancel)));
        Assert.Equal("BAD_POSITION", await ReasonAsync(Engineer.UpdateCollectionAsync(new() { Slug = made.Slug, Position = -1 }, cancellationToken: Cancel)));
        Assert.Equal("BAD_TEXT", await ReasonAsync(Engineer.UpdateCollectionItemAsync(new() { Slug = made.Slug, ItemId = item, Note = new('n', 501) }, cancellationToken: Cancel)));
        Assert.Equal("BAD_POSITION", await ReasonAsync(Engineer.UpdateCollectionItemAsync(new() { Slug = made.Slug, ItemId = item, Position = -1 }, cancellationToken: Cancel)));
        Assert.Equal("ITEM_NOT_FOUND", await ReasonAsync(Engineer.RemoveCollectionItemAsync(new() { Slug = made.Slug, ItemId = made.Id }, cancellationToken: Cancel)));
        Assert.Equal("BAD_REPOSITORY_NAME", await ReasonAsync(Engineer.AddCollectionItemAsync(new() { Slug = made.Slug }, cancellationToken: Cancel)));
        Assert.Equal("REPOSITORY_NOT_FOUND", await ReasonAsync(Engineer.AddCollectionItemAsync(new() { Slug = made.Slug, Repository = new() { Name = "acme/none" } }, cancellationToken: Cancel)));
        Assert.Equal("REPOSITORY_NOT_FOUND", await ReasonAsync(Engineer.AddCollectionItemAsync(new() { Slug = made.Slug, Repository = new() { Name = Model, Kind = RepositoryKind.App } }, cancellationToken: Cancel)));
        Assert.Equal("ITEM_EXISTS", await ReasonAsync(Engineer.AddCollectionItemAsync(new() { Slug = made.Slug, Repository = new() { Name = "ACME/Llama" } }, cancellationToken: Cancel)));
        Assert.Equal("BAD_ORDER", await ReasonAsync(Engineer.ListCollectionsAsync(new() { Order = CollectionOrder.Position }, cancellationToken: Cancel)));
        Assert.Equal("BAD_TEXT", await ReasonAsync(Engineer.ListCollectionsAsync(new() { Text = new('t', 201) }, cancellationToken: Cancel)));
        Assert.Equal("TOO_MANY_FILTERS", await ReasonAsync(Engineer.ListCollectionsAsync(new() { Owners = { Enumerable.Range(0, 51).Select(i => $"t{i}") } }, cancellationToken: Cancel)));
        Assert.Equal("BAD_TENANT_NAME", await ReasonAsync(Engineer.ListCollectionsAsync(new() { Owners = { "-" } }, cancellationToken: Cancel)));
        Assert.Equal("BAD_REPOSITORY_NAME", await ReasonAsync(Engineer.ListCollectionsAsync(new() { Repositories = { new NamedRepository { Name = "x" } } }, cancellationToken: Cancel)));
        Assert.Equal("BAD_PAGE_SIZE", await ReasonAsync(Engineer.ListCollectionsAsync(new() { PageSize = 101 }, cancellationToken: Cancel)));
        foreach (var token in new[] { "?", "YQ", "YQpi", "LTEKYg", "OTk5OTk5OTk5OTk5OTk5OTk5CmI" })
        {
            Assert.Equal((token, "BAD_PAGE_TOKEN"), (token, await ReasonAsync(Engineer.ListCollectionsAsync(new() { PageToken = token }, cancellationToken: Cancel))));
        }

        Assert.Equal(["0 acme/llama Model " + new string('n', 500)], Lines(await GetAsync(Engineer, made.Slug)));
    }

    [Fact]
    public async Task Item_WithALargeCard_ShowsWhatIsShortOfIt()
    {
        await CreateAsync();
        await CommitAsync(Add("README.md", $"---\nlicense: apache-2.0\nmore: {new string('x', 100_000)}\n---\n"));
        var made = await MakeAsync("Large");
        var licenses = string.Join(", ", Enumerable.Range(0, 3000).Select(i => $"license-number-{i}"));

        var shown = (await AddAsync(made.Slug, Model)).Items[0].Repository;
        await CommitAsync(Add("README.md", $"---\nlicense: [{licenses}]\n---\n"));

        Assert.Equal(["apache-2.0"], shown.Record.Declared.Licenses);
        Assert.Null((await GetAsync(Engineer, made.Slug)).Items[0].Repository.Record);
    }

    [Fact]
    public async Task Collection_Full_TakesNoMore()
    {
        var made = await MakeAsync("Full");
        var names = Enumerable.Range(0, 501).Select(i => $"acme/full{i}").ToList();
        foreach (var name in names)
        {
            await CreateAsync(name);
        }

        foreach (var name in names.Take(500))
        {
            await AddAsync(made.Slug, name);
        }

        Assert.Equal("TOO_MANY_ITEMS", await ReasonAsync(Engineer.AddCollectionItemAsync(new() { Slug = made.Slug, Repository = new() { Name = names[500] } }, cancellationToken: Cancel)));
        Assert.Equal(names.Take(500), Names(await GetAsync(Engineer, made.Slug)));
    }

    [Fact]
    public async Task Collections_Many_AreBoundedForEachOwner()
    {
        for (var i = 0; i < 500; i++)
        {
            await MakeAsync($"Number {i}");
        }

        Assert.Equal("TOO_MANY_COLLECTIONS", await ReasonAsync(Engineer.CreateCollectionAsync(new() { Owner = "acme", Title = "One more" }, cancellationToken: Cancel)));
        Assert.True((await Engineer.CreateCollectionAsync(new() { Owner = "acme", Title = "Number 7" }, cancellationToken: Cancel)).Existed);
        await Stranger.CreateCollectionAsync(new() { Owner = "globex", Title = "One more" }, cancellationToken: Cancel);
    }

    [Fact]
    public async Task Items_AddedMovedAndRemovedAtOnce_AreNeitherLostNorTorn()
    {
        var made = await MakeAsync("Busy");
        var names = Enumerable.Range(0, 12).Select(i => $"acme/busy{i}").ToList();
        foreach (var name in names)
        {
            await CreateAsync(name);
        }

        var doomed = (await AddAsync(made.Slug, names[11])).Items[0].Id;
        await Task.WhenAll(
        [
            .. names.Take(10).Select(name => AddAsync(made.Slug, name)),
            .. Enumerable.Range(0, 5).Select(async i => await Engineer.UpdateCollectionItemAsync(new() { Slug = made.Slug, ItemId = doomed, Position = i }, cancellationToken: Cancel)),
            DeleteAsync(names[10]),
        ]);
        await Engineer.RemoveCollectionItemAsync(new() { Slug = made.Slug, ItemId = doomed }, cancellationToken: Cancel);

        var left = await GetAsync(Engineer, made.Slug);
        Assert.Equal(names.Take(10).Order(StringComparer.Ordinal), Names(left).Order(StringComparer.Ordinal));
        Assert.Equal(Enumerable.Range(0, 10).Select(i => (long)i), left.Items.Select(item => item.Position));
    }

    [Fact]
    public async Task Collection_MadeManyTimesAtOnce_IsMadeOnce()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(async i => await Engineer.CreateCollectionAsync(new() { Owner = "acme", Title = "Once" }, cancellationToken: Cancel)));

        Assert.Single(answers, answer => !answer.Existed);
        Assert.Single(answers.Select(answer => answer.Collection.Slug).Distinct());
    }

    [Fact]
    public async Task Item_AddedWhileItsRepositoryIsDeleted_IsThereOrRefused()
    {
        var made = await MakeAsync("Race");
        for (var i = 0; i < 10; i++)
        {
            await CreateAsync($"acme/race{i}");
        }

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 10).SelectMany(i => new[] { AddingAsync($"acme/race{i}"), DeletingAsync($"acme/race{i}") }));

        Assert.All(outcomes, outcome => Assert.Contains(outcome, new[] { "", "REPOSITORY_NOT_FOUND" }));
        Assert.Empty((await GetAsync(Engineer, made.Slug)).Items);

        async Task<string> AddingAsync(string name)
        {
            try
            {
                await AddAsync(made.Slug, name);
                return "";
            }
            catch (RpcException exception)
            {
                return Hosting.Errors.GrpcErrors.ToError(exception, Hosting.ServiceNames.Catalog).Reason;
            }
        }

        async Task<string> DeletingAsync(string name)
        {
            await DeleteAsync(name);
            return "";
        }
    }

    private async Task DeleteAsync(string name) => await Engineer.DeleteRepositoryAsync(new() { Name = name }, cancellationToken: Cancel);

    private async Task<Collection> MakeAsync(string title) => (await Engineer.CreateCollectionAsync(new() { Owner = "acme", Title = title }, cancellationToken: Cancel)).Collection;

    private async Task<Collection> AddAsync(string slug, string name, string note = "", RepositoryKind kind = RepositoryKind.Model, Contracts.V1.Catalog.CatalogClient? client = null) =>
        await (client ?? Engineer).AddCollectionItemAsync(new() { Slug = slug, Repository = new() { Name = name, Kind = kind }, Note = note }, cancellationToken: Cancel);

    private static async Task<Collection> GetAsync(Contracts.V1.Catalog.CatalogClient client, string slug) => await client.GetCollectionAsync(new() { Slug = slug }, cancellationToken: Cancel);

    private static async Task<IReadOnlyList<Collection>> ListAsync(Contracts.V1.Catalog.CatalogClient client, ListCollectionsRequest request) =>
        (await client.ListCollectionsAsync(request, cancellationToken: Cancel)).Collections;

    private static IEnumerable<string> Titles(IEnumerable<Collection> collections) => collections.Select(one => $"{one.Title} {one.Position}");

    private static IEnumerable<string> Names(Collection collection) => collection.Items.Select(item => item.Repository.Name);

    private static IEnumerable<string> Lines(Collection collection) =>
        collection.Items.Select(item => $"{item.Position} {item.Repository.Name} {item.Repository.Kind} {item.Note}".TrimEnd());
}

public sealed class CollectionOnSqliteTests() : CollectionTests(Engine.Sqlite);

public sealed class CollectionOnPostgresTests() : CollectionTests(Engine.Postgres);
