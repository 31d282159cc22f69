using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Hosting;
using ModelGarden.Persistence.Victim;
using ModelGarden.Testing;

namespace ModelGarden.Persistence.Tests;

/// <summary>Of PostgreSQL alone: SQLite has one writer, and no two that wait for each other.</summary>
public sealed class TransactionTests
{
    private static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public async Task Transact_TwoThatWaitForEachOther_AreBothKept()
    {
        await using var database = await Engine.PostgresAsync();
        await using var store = await Store.StartAsync(database);
        await AddAsync(store, "a", "b");
        var (first, second, attempts) = (new TaskCompletionSource(), new TaskCompletionSource(), 0);

        await Task.WhenAll(ChangeAsync("a", "b", first, second), ChangeAsync("b", "a", second, first)).InTimeAsync();

        Assert.Equal((4, 3), (await store.ScalarAsync<long>("SELECT CAST(sum(count) AS BIGINT) AS \"Value\" FROM things"), attempts));

        Task ChangeAsync(string one, string other, TaskCompletionSource mine, TaskCompletionSource theirs) => Contexts(store).TransactAsync(
            async (context, transaction) =>
            {
                Interlocked.Increment(ref attempts);
                await CountAsync(context, one);
                mine.TrySetResult();
                await theirs.Task.InTimeAsync();
                await CountAsync(context, other);
                await transaction.CommitAsync(Cancel);
            },
            Cancel);
    }

    [Fact]
    public async Task Transact_WhatIsNotCommitted_IsNotKept()
    {
        await using var database = await Engine.PostgresAsync();
        await using var store = await Store.StartAsync(database);
        await AddAsync(store, "a");

        Assert.Equal(1, await Contexts(store).TransactAsync((context, _) => CountAsync(context, "a"), Cancel));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Contexts(store).TransactAsync(
            async (context, _) =>
            {
                await CountAsync(context, "a");
                throw new InvalidOperationException("no");
            },
            Cancel));

        Assert.Equal(0, await store.ScalarAsync<long>("SELECT count AS \"Value\" FROM things"));
    }

    private static IDbContextFactory<ThingsDbContext> Contexts(Store store) => store.Garden.PartsOf(ServiceNames.Catalog).GetRequiredService<IDbContextFactory<ThingsDbContext>>();

    private static async Task AddAsync(Store store, params string[] names)
    {
        await using var context = store.Context();
        context.AddRange(names.Select(name => new Thing { Name = name }));
        await context.SaveChangesAsync(Cancel);
    }

    private static Task<int> CountAsync(ThingsDbContext context, string name) =>
        context.Things.Where(thing => thing.Name == name).ExecuteUpdateAsync(thing => thing.SetProperty(found => found.Count, found => found.Count + 1), Cancel);
}
