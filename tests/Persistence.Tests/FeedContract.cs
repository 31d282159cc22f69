using Grpc.Core;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Errors;
using ModelGarden.Kernel;
using ModelGarden.Persistence.Victim;
using ModelGarden.Testing;

namespace ModelGarden.Persistence.Tests;

/// <summary>What holds for a change feed in either engine.</summary>
public abstract class FeedContract
{
    protected static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public async Task Feed_FromZero_HoldsTheNewestStateOfEachThing_InTheOrderOfChanges()
    {
        await using var database = await DatabaseAsync();
        await using var store = await Store.StartAsync(database);
        await store.AnnounceAsync("a", "1");
        await store.AnnounceAsync("b", "1");
        await store.AnnounceAsync("a", "2");
        await store.AnnounceAsync("c", "1");
        await store.AnnounceAsync("b", null);

        var events = await store.ReadAsync();

        Assert.NotNull(events[0].SnapshotBegin);
        Assert.Equal(["a=2", "c=1", "b=gone"], events.Where(@event => @event.Change is not null).Select(@event => Store.Text(@event.Change)));
        Assert.Equal([3L, 4, 5], events.Where(@event => @event.Change is not null).Select(@event => @event.Change.Sequence));
        Assert.Equal(5, events[^1].CaughtUp.Sequence);
        Assert.InRange(events[1].Change.At.ToDateTimeOffset(), DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(1));
    }

    [Fact]
    public async Task Feed_OfNothing_IsCaughtUpAtOnce()
    {
        await using var database = await DatabaseAsync();
        await using var store = await Store.StartAsync(database);

        var events = await store.ReadAsync();

        Assert.Equal(2, events.Count);
        Assert.Equal(0, events[1].CaughtUp.Sequence);
    }

    [Fact]
    public async Task Feed_FromAPosition_GoesOnAfterIt_AndStaysLive()
    {
        await using var database = await DatabaseAsync();
        await using var store = await Store.StartAsync(database);
        await store.AnnounceAsync("a", "1");
        await store.AnnounceAsync("b", "1");
        using var call = store.Watch(from: 1);

        Assert.Equal("b=1", Store.Text((await Store.NextAsync(call)).Change));
        Assert.Equal(2, (await Store.NextAsync(call)).CaughtUp.Sequence);
        await store.AnnounceAsync("c", "1");
        Assert.Equal("c=1", Store.Text((await Store.NextAsync(call)).Change));
    }

    [Fact]
    public async Task Feed_FromNow_TellsOfNothingThatWasThere()
    {
        await using var database = await DatabaseAsync();
        await using var store = await Store.StartAsync(database);
        await store.AnnounceAsync("a", "1");
        await store.AnnounceAsync("b", null);
        using var call = store.Watch(from: -1);

        Assert.NotNull((await Store.NextAsync(call)).SnapshotBegin);
        Assert.Equal(2, (await Store.NextAsync(call)).CaughtUp.Sequence);
        await store.AnnounceAsync("a", "2");
        Assert.Equal("a=2", Store.Text((await Store.NextAsync(call)).Change));
    }

    [Fact]
    public async Task Feed_LongerThanAPage_IsWhole()
    {
        await using var database = await DatabaseAsync();
        await using var store = await Store.StartAsync(database);
        await using (var context = store.Context())
        {
            for (var i = 0; i < 1203; i++)
            {
                context.Announce($"key {i}", new StringValue { Value = "x" });
            }

            await context.SaveChangesAsync(Cancel);
        }

        Assert.Equal(Enumerable.Range(0, 1203).Select(i => $"key {i}=x"), await store.StatesAsync());
    }

    [Fact]
    public async Task Feed_OfASaveThatFails_TellsNothing()
    {
        await using var database = await DatabaseAsync();
        await using var store = await Store.StartAsync(database);
        await SaveAsync(store, "one", "first");

        await Assert.ThrowsAsync<DbUpdateException>(() => SaveAsync(store, "one", "second"));

        Assert.Equal(["one=first"], await store.StatesAsync());
    }

    [Fact]
    public async Task Feed_OfATransactionThatIsRolledBack_TellsNothing_AndOneThatIsCommittedAll()
    {
        await using var database = await DatabaseAsync();
        await using var store = await Store.StartAsync(database);
        foreach (var isCommitted in (bool[])[false, true])
        {
            await using var context = store.Context();
            await using var transaction = await context.Database.BeginTransactionAsync(Cancel);
            context.Announce("a", new StringValue { Value = $"{isCommitted}" });
            await context.SaveChangesAsync(Cancel);
            context.Announce("b", new StringValue { Value = $"{isCommitted}" });
            await context.SaveChangesAsync(Cancel);
            await (isCommitted ? transaction.CommitAsync(Cancel) : transaction.RollbackAsync(Cancel));
        }

        Assert.Equal(["a=True", "b=True"], await store.StatesAsync());
    }

    [Fact]
    public async Task Feed_OfASaveTriedAgain_TellsItOnce_AndKeepsItsRows()
    {
        await using var database = await DatabaseAsync();
        await using var store = await Store.StartAsync(database);
        await using var context = store.Context();
        context.Add(new Thing { Name = "one" });
        context.Announce("one", new StringValue { Value = "x" });
        await store.ExecuteAsync("ALTER TABLE changes RENAME TO hidden");
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => context.SaveChangesAsync(Cancel));
        await store.ExecuteAsync("ALTER TABLE hidden RENAME TO changes");

        await context.SaveChangesAsync(Cancel);

        Assert.Equal(["one=x"], await store.StatesAsync());
        Assert.Equal(1, await store.ScalarAsync<long>("SELECT COUNT(*) AS \"Value\" FROM things"));
    }

    [Fact]
    public async Task Feed_UnderSixteenWriters_ShowsEveryThingInItsLastState()
    {
        const int Writers = 16;
        const int Saves = 20;
        await using var database = await DatabaseAsync();
        await using var store = await Store.StartAsync(database);
        await using var replica = await ReplicaAsync(database);
        using var call = store.Watch();
        var follower = FollowAsync(call, seen => seen.Count is Writers + 1 + (Writers * Saves) && Enumerable.Range(0, Writers).All(writer => seen.GetValueOrDefault($"key {writer}") == $"{Saves}"));

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (var save = 1; save <= Saves; save++)
            {
                await using var context = (writer % 2 is 0 ? store : replica ?? store).Context();
                context.Add(new Thing { Name = $"{writer}/{save}" });
                context.Announce($"key {writer}", new StringValue { Value = $"{save}" });
                context.Announce("shared", new StringValue { Value = $"{writer}/{save}" });
                context.Announce($"row {writer}/{save}", new StringValue { Value = "x" });
                await context.SaveChangesAsync(Cancel);
            }
        }, Cancel)));

        var seen = await follower;
        var whole = await store.StatesAsync();
        Assert.Equal(whole.Order(StringComparer.Ordinal), seen.Select(pair => $"{pair.Key}={pair.Value}").Order(StringComparer.Ordinal));
        Assert.Equal(Writers * Saves, await store.ScalarAsync<long>("SELECT COUNT(*) AS \"Value\" FROM things"));
        Assert.Equal(Writers * Saves * 3, await store.ScalarAsync<long>("SELECT value AS \"Value\" FROM change_counter"));
    }

    [Fact]
    public async Task Forget_OfADeletion_SendsThoseBackToTheStartWhoHaveNotSeenIt()
    {
        await using var database = await DatabaseAsync();
        await using var store = await Store.StartAsync(database);
        await store.AnnounceAsync("a", "1");
        await store.AnnounceAsync("b", "1");
        await store.AnnounceAsync("b", null);
        await store.ForgetAsync(DateTimeOffset.UtcNow.AddMinutes(1));

        foreach (var from in (long[])[1, 2, 4])
        {
            var exception = await Assert.ThrowsAsync<RpcException>(() => store.ReadAsync(from));
            Assert.Equal((ErrorCode.Conflict, "TOO_OLD"), (exception.ToError("catalog").Code, exception.ToError("catalog").Reason));
        }

        // Who takes the snapshot stands where the feed stands, and can go on from there.
        var events = await store.ReadAsync();
        Assert.Equal("a=1", Store.Text(events.Single(@event => @event.Change is not null).Change));
        Assert.Equal(3, events[^1].CaughtUp.Sequence);
        Assert.Single(await store.ReadAsync(3));
    }

    [Fact]
    public async Task Forget_KeepsWhatIsThere_AndYoungDeletions()
    {
        await using var database = await DatabaseAsync();
        await using var store = await Store.StartAsync(database);
        await store.AnnounceAsync("a", "1");
        await store.AnnounceAsync("b", null);

        await store.ForgetAsync(DateTimeOffset.UtcNow.AddMinutes(-1));

        Assert.Equal(["a=1", "b=gone"], await store.StatesAsync());
        Assert.Equal(["b=gone"], await store.StatesAsync(from: 1));
    }

    [Fact]
    public async Task Trim_ADayAndAWeekLater_ForgetsByItself()
    {
        var clock = new ManualClock();
        await using var database = await DatabaseAsync();
        await using var store = await Store.StartAsync(database, clock);
        await store.AnnounceAsync("a", "1");
        await store.AnnounceAsync("b", null);

        // The first pause is of up to an hour, the others of most of a day.
        await clock.WhenAwaitedAsync(TimeSpan.FromMinutes(5), TimeSpan.FromHours(1));
        clock.Jump(TimeSpan.FromHours(1));
        await clock.WhenAwaitedAsync(TimeSpan.FromHours(12), TimeSpan.FromHours(24));
        Assert.Equal(2, await store.ScalarAsync<long>("SELECT COUNT(*) AS \"Value\" FROM changes"));

        clock.Jump(TimeSpan.FromDays(8));
        await clock.WhenAwaitedAsync(TimeSpan.FromHours(12), TimeSpan.FromHours(24));
        Assert.Equal(1, await store.ScalarAsync<long>("SELECT COUNT(*) AS \"Value\" FROM changes"));
    }

    [Theory]
    [InlineData(0, 8_000)]
    [InlineData(500, 500)]
    [InlineData(1, 100)]
    [InlineData(60_000, 10_000)]
    public async Task Feed_ThatIsQuiet_BeatsAsOftenAsItIsAsked(int asked, int milliseconds)
    {
        var beat = TimeSpan.FromMilliseconds(milliseconds);
        var clock = new ManualClock();
        await using var database = await DatabaseAsync();
        await using var store = await Store.StartAsync(database, clock);
        await store.AnnounceAsync("a", "1");
        using var call = store.Watch(from: 1, beat: asked);
        Assert.NotNull((await Store.NextAsync(call)).CaughtUp);

        for (var waited = TimeSpan.Zero; waited < beat;)
        {
            var look = await clock.WhenAwaitedAsync(TimeSpan.Zero, beat);
            waited += look;
            clock.Advance(look);
        }

        Assert.Equal(1, (await Store.NextAsync(call)).Heartbeat.Sequence);
    }

    [Fact]
    public async Task Feed_OfAServiceThatStops_EndsInGoodOrder()
    {
        await using var database = await DatabaseAsync();
        await using var store = await Store.StartAsync(database);
        using var call = store.Watch();
        await Store.NextAsync(call);
        await Store.NextAsync(call);

        var restarted = store.RestartAsync();

        Assert.False(await call.ResponseStream.MoveNext(Cancel).InTimeAsync());
        await restarted;
    }

    protected abstract Task<TestDatabase?> DatabaseAsync();

    /// <summary>A second replica on the same database, where the engine allows for one.</summary>
    private static async Task<Store?> ReplicaAsync(TestDatabase? database) => database is null ? null : await Store.StartAsync(database);

    private static async Task SaveAsync(Store store, string name, string state)
    {
        await using var context = store.Context();
        context.Add(new Thing { Name = name });
        context.Announce(name, new StringValue { Value = state });
        await context.SaveChangesAsync(Cancel);
    }

    /// <summary>What a follower holds once this is so; every number that it is given must be greater than the one before.</summary>
    private static async Task<Dictionary<string, string>> FollowAsync(AsyncServerStreamingCall<FeedEvent> call, Func<Dictionary<string, string>, bool> isEnough)
    {
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var last = 0L; !isEnough(seen);)
        {
            if (await Store.NextAsync(call) is { Change: { } change })
            {
                Assert.True(change.Sequence > last);
                last = change.Sequence;
                seen[change.Key] = change.State.Unpack<StringValue>().Value;
            }
        }

        return seen;
    }
}
