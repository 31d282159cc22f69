using Microsoft.EntityFrameworkCore;
using ModelGarden.Kernel;
using ModelGarden.Persistence.Victim;
using ModelGarden.Testing;

namespace ModelGarden.Persistence.Tests;

/// <summary>What holds for a store in either engine.</summary>
public abstract class StoreContract
{
    protected static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public async Task Start_OnAnEmptyDatabase_AppliesEveryScriptOnceInOrder()
    {
        await using var database = await DatabaseAsync();
        await using var store = await Store.StartAsync(database);
        var first = await HistoryAsync(store);

        await store.RestartAsync();

        Assert.Equal(["0000_change_log", "0001_things", "0002_counts"], first.Select(script => script.Name));
        Assert.Equal(first, await HistoryAsync(store));
    }

    [Fact]
    public async Task Start_WithAScriptThatWasChanged_Refuses()
    {
        await using var database = await DatabaseAsync();
        await using var store = await Store.StartAsync(database);
        await store.ExecuteAsync("UPDATE schema_history SET sha256 = 'another' WHERE name = '0001_things'");

        var exception = await Assert.ThrowsAsync<ErrorException>(store.RestartAsync);

        Assert.Equal("SCHEMA_CHANGED", exception.Error.Reason);
        Assert.Contains("0001_things", exception.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WithANewScriptBeforeAnAppliedOne_Refuses()
    {
        await using var database = await DatabaseAsync();
        await using var store = await Store.StartAsync(database);
        await store.ExecuteAsync("DELETE FROM schema_history WHERE name = '0001_things'");

        var exception = await Assert.ThrowsAsync<ErrorException>(store.RestartAsync);

        Assert.Contains("0001_things is new, yet 0002_counts was applied before it", exception.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WithAScriptThatFails_LeavesNothingHalfDone()
    {
        await using var database = await DatabaseAsync();
        await using var store = await Store.StartAsync(database);
        // As if the first script had not run, while what it makes is there.
        await store.ExecuteAsync("DELETE FROM schema_history WHERE name <> '0000_change_log'");

        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(store.RestartAsync);

        Assert.Equal(["0000_change_log"], (await HistoryAsync(store)).Select(script => script.Name));
    }

    [Fact]
    public async Task IsUniqueViolation_TellsATakenNameFromOtherFailures()
    {
        await using var database = await DatabaseAsync();
        await using var store = await Store.StartAsync(database);
        await AddAsync(store, new() { Id = 1, Name = "one" });

        Assert.True((await Assert.ThrowsAsync<DbUpdateException>(() => AddAsync(store, new() { Name = "one" }))).IsUniqueViolation());
        Assert.True((await Assert.ThrowsAsync<DbUpdateException>(() => AddAsync(store, new() { Id = 1, Name = "two" }))).IsUniqueViolation());
        Assert.False((await Assert.ThrowsAsync<DbUpdateException>(() => AddAsync(store, new() { Name = null! }))).IsUniqueViolation());
    }

    [Fact]
    public async Task Time_IsKeptToTheMillisecond_AndComparedByTheDatabase()
    {
        await using var database = await DatabaseAsync();
        await using var store = await Store.StartAsync(database);
        var noon = new DateTimeOffset(2026, 11, 21, 12, 0, 0, 123, TimeSpan.FromHours(5.5));
        await AddAsync(store, new() { Name = "noon", At = noon.AddTicks(4567), EndedAt = noon });
        await AddAsync(store, new() { Name = "early", At = new(1901, 1, 1, 0, 0, 0, TimeSpan.Zero) });
        await AddAsync(store, new() { Name = "late", At = DateTimeOffset.MaxValue });
        await using var context = store.Context();

        var things = await context.Things.OrderBy(thing => thing.At).ToListAsync(Cancel);
        var before = await context.Things.Where(thing => thing.At < noon).Select(thing => thing.Name).ToListAsync(Cancel);

        Assert.Equal(["early", "noon", "late"], things.Select(thing => thing.Name));
        Assert.Equal((noon.ToUniversalTime(), TimeSpan.Zero, noon), (things[1].At, things[1].At.Offset, things[1].EndedAt));
        Assert.Null(things[0].EndedAt);
        Assert.Equal(["early"], before);
    }

    [Fact]
    public async Task Save_OfTextBytesAndDefaults_GivesThemBack()
    {
        await using var database = await DatabaseAsync();
        await using var store = await Store.StartAsync(database);
        byte[] payload = [0, 1, 255];
        await AddAsync(store, new() { Name = "ß 🌱 \"quoted\" 'too'", Payload = payload, Count = long.MaxValue });
        await using var context = store.Context();

        var thing = await context.Things.SingleAsync(Cancel);

        Assert.Equal(("ß 🌱 \"quoted\" 'too'", "{}", long.MaxValue), (thing.Name, thing.Notes, thing.Count));
        Assert.Equal(payload, thing.Payload);
    }

    [Fact]
    public async Task Query_OfAPageInNoOrder_IsRefused()
    {
        await using var database = await DatabaseAsync();
        await using var store = await Store.StartAsync(database);
        await using var context = store.Context();

        await Assert.ThrowsAsync<InvalidOperationException>(() => context.Things.Take(1).ToListAsync(Cancel));
        Assert.Empty(await context.Things.OrderBy(thing => thing.Id).Take(1).ToListAsync(Cancel));
    }

    [Fact]
    public async Task SaveChanges_WithoutWaiting_IsRefused()
    {
        await using var database = await DatabaseAsync();
        await using var store = await Store.StartAsync(database);
        await using var context = store.Context();

        Assert.Throws<NotSupportedException>(() => context.SaveChanges());
    }

    /// <summary>The database of a test; null: SQLite in the garden's folder.</summary>
    protected abstract Task<TestDatabase?> DatabaseAsync();

    private static async Task AddAsync(Store store, Thing thing)
    {
        await using var context = store.Context();
        context.Add(thing);
        await context.SaveChangesAsync(Cancel);
    }

    private static async Task<IReadOnlyList<(string Name, long At)>> HistoryAsync(Store store)
    {
        await using var context = store.Context();
        var rows = await context.Database.SqlQuery<Script>($"SELECT name AS \"Name\", at AS \"At\" FROM schema_history ORDER BY name").ToListAsync(Cancel);
        return [.. rows.Select(row => (row.Name, row.At))];
    }

    private sealed record Script(string Name, long At);
}
