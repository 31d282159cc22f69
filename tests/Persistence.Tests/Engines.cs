using ModelGarden.Testing;

namespace ModelGarden.Persistence.Tests;

public sealed class SqliteStoreTests : StoreContract
{
    protected override Task<TestDatabase?> DatabaseAsync() => Engine.Sqlite();
}

public sealed class PostgresStoreTests : StoreContract
{
    protected override Task<TestDatabase?> DatabaseAsync() => Engine.PostgresAsync();

    [Fact]
    public async Task Start_OfManyReplicasAtOnce_MigratesOnce()
    {
        await using var database = await DatabaseAsync();

        var stores = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Store.StartAsync(database), Cancel)));

        Assert.Equal(3, await stores[0].ScalarAsync<long>("SELECT COUNT(*) AS \"Value\" FROM schema_history"));
        foreach (var store in stores)
        {
            await store.DisposeAsync();
        }
    }
}

public sealed class SqliteFeedTests : FeedContract
{
    protected override Task<TestDatabase?> DatabaseAsync() => Engine.Sqlite();
}

public sealed class PostgresFeedTests : FeedContract
{
    protected override Task<TestDatabase?> DatabaseAsync() => Engine.PostgresAsync();

    [Fact]
    public async Task Feed_OfOneReplica_TellsWhatAnotherWrites()
    {
        await using var database = await DatabaseAsync();
        await using var one = await Store.StartAsync(database);
        await using var other = await Store.StartAsync(database);
        using var call = one.Watch();
        await Store.NextAsync(call);
        await Store.NextAsync(call);

        await other.AnnounceAsync("a", "1");

        Assert.Equal("a=1", Store.Text((await Store.NextAsync(call)).Change));
    }
}

public sealed class SqliteFollowerTests : FollowerContract
{
    protected override Task<TestDatabase?> DatabaseAsync() => Engine.Sqlite();
}

public sealed class PostgresFollowerTests : FollowerContract
{
    protected override Task<TestDatabase?> DatabaseAsync() => Engine.PostgresAsync();
}

internal static class Engine
{
    /// <summary>None: SQLite, in the garden's folder.</summary>
    public static Task<TestDatabase?> Sqlite() => Task.FromResult<TestDatabase?>(null);

    public static async Task<TestDatabase?> PostgresAsync() => await TestDatabase.CreateAsync();
}
