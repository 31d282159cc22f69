using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Persistence.Victim;
using ModelGarden.Testing;

namespace ModelGarden.Persistence.Tests;

/// <summary>A running service with a store, and short ways to write to it and to follow it.</summary>
internal sealed class Store(TestGarden garden) : IAsyncDisposable
{
    private static CancellationToken Cancel => Patience.Cancel;

    public TestGarden Garden => garden;

    public static async Task<Store> StartAsync(TestDatabase? database, TimeProvider? clock = null, string? data = null) => new(await TestGarden.StartAsync(
        database, clock, data is null ? null : new Dictionary<string, string> { ["Data"] = data }, VictimModule.Definition));

    public Task RestartAsync() => garden.RestartAsync(VictimModule.Definition).InTimeAsync();

    public ThingsDbContext Context() => garden.PartsOf(ServiceNames.Catalog).GetRequiredService<IDbContextFactory<ThingsDbContext>>().CreateDbContext();

    /// <summary>Tells the feed one state, in a save of its own; null: gone.</summary>
    public async Task AnnounceAsync(string key, string? state)
    {
        await using var context = Context();
        context.Announce(key, state is null ? null : new StringValue { Value = state });
        await context.SaveChangesAsync(Cancel);
    }

    public async Task ForgetAsync(DateTimeOffset before)
    {
        await using var context = Context();
        await ChangeLog.ForgetAsync(context.Database, before, Cancel);
    }

    public AsyncServerStreamingCall<FeedEvent> Watch(long from = 0, int beat = 0) =>
        new ChangeFeed.ChangeFeedClient(garden.As(People.Service("search"), ServiceNames.Catalog)).Watch(new() { From = from, BeatMilliseconds = beat }, cancellationToken: Cancel);

    /// <summary>All events up to the one that says that there are no more for now.</summary>
    public async Task<IReadOnlyList<FeedEvent>> ReadAsync(long from = 0)
    {
        using var call = Watch(from);
        var events = new List<FeedEvent>();
        do
        {
            events.Add(await NextAsync(call));
        }
        while (events[^1].CaughtUp is null);
        return events;
    }

    /// <summary>What the feed holds: <c>key=state</c> in the order of changes.</summary>
    public async Task<IEnumerable<string>> StatesAsync(long from = 0) => (await ReadAsync(from)).Where(@event => @event.Change is not null).Select(@event => Text(@event.Change));

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var context = Context();
        return (await context.Database.SqlQueryRaw<T>(sql).ToListAsync(Cancel)).Single();
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var context = Context();
        await context.Database.ExecuteSqlRawAsync(sql, Cancel);
    }

    public ValueTask DisposeAsync() => garden.DisposeAsync();

    public static async Task<FeedEvent> NextAsync(AsyncServerStreamingCall<FeedEvent> call)
    {
        Assert.True(await call.ResponseStream.MoveNext(Cancel).InTimeAsync("the feed's next event"));
        return call.ResponseStream.Current;
    }

    public static string Text(Change change) => $"{change.Key}={change.State?.Unpack<StringValue>().Value ?? "gone"}";
}
