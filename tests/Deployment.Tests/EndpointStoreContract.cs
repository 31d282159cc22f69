using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Contracts.V1;
using ModelGarden.Deployment.Endpoints;
using ModelGarden.Testing;
using Scaling = ModelGarden.Deployment.Endpoints.Scaling;

namespace ModelGarden.Deployment.Tests;

/// <summary>What the store promises on either database.</summary>
public abstract class EndpointStoreContract
{
    private static CancellationToken Cancel => Patience.Cancel;

    private protected abstract Task<TestDatabase?> OpenAsync();

    [Fact]
    public async Task Add_ThenFind_GivesTheSameBack()
    {
        await using var store = await StoreAsync();
        var row = Row("chat") with
        {
            Standing = Target("old"),
            LastCallAt = new(2026, 11, 21, 1, 2, 3, 4, TimeSpan.Zero),
            Status = new(EndpointState.Ready, "it \"is\" — ready", 0.25, [new("r-1", ReplicaState.Ready, "http://127.0.0.1:1", "abc", new(2026, 11, 21, 0, 0, 0, TimeSpan.Zero))]),
        };
        (await store.Value.AddAsync(row, Cancel)).OrThrow();

        var found = (await store.Value.FindAsync(row.Key with { Tenant = "ACME" }, Cancel)).OrThrow();

        Assert.Equivalent(row, found, strict: true);
        Assert.Equal(row.Status, found.Status);
        Assert.Equal(row.Wish.Target.Key, found.Wish.Target.Key);
    }

    [Fact]
    public async Task Add_NameTaken_IsRefused()
    {
        await using var store = await StoreAsync();
        await store.Value.AddAsync(Row("chat"), Cancel);

        Assert.Equal("ENDPOINT_EXISTS", (await store.Value.AddAsync(Row("chat"), Cancel)).Error!.Reason);
        Assert.Null((await store.Value.AddAsync(Row("chat") with { TenantKey = "other", Tenant = "other" }, Cancel)).Error);
        Assert.Single(await store.Value.ListAsync("Acme", Cancel));
        Assert.Equal(2, (await store.Value.ListAllAsync(Cancel)).Count);
    }

    [Fact]
    public async Task Change_ManyAtOnce_LosesNone()
    {
        await using var store = await StoreAsync();
        var row = Row("chat");
        await store.Value.AddAsync(row, Cancel);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => i % 2 is 0
            ? store.Value.ChangeAsync(row.Key, current => current with { Generation = current.Generation + 1 }, Cancel)
            : store.Value.ChangeAsync(row.Key, current => current with { Status = current.Status with { Progress = current.Status.Progress + 1 } }, Cancel)));
        var found = (await store.Value.FindAsync(row.Key, Cancel)).OrThrow();

        Assert.Equal((11, 10.0, 20), (found.Generation, found.Status.Progress, found.Version));
    }

    [Fact]
    public async Task Change_RefusedOrOfNothing_ChangesNothing()
    {
        await using var store = await StoreAsync();
        var row = Row("chat");
        await store.Value.AddAsync(row, Cancel);

        await store.Value.ChangeAsync(row.Key, current => DeploymentErrors.Exists(current.Key), Cancel);
        await store.Value.ChangeAsync(row.Key, current => current, Cancel);

        Assert.Equal(0, (await store.Value.FindAsync(row.Key, Cancel)).OrThrow().Version);
        Assert.Equal("ENDPOINT_NOT_FOUND", (await store.Value.ChangeAsync(Row("other").Key, current => current, Cancel)).Error!.Reason);
    }

    [Fact]
    public async Task Remove_Endpoint_TellsTheFeedThatItIsGone()
    {
        await using var store = await StoreAsync();
        var row = Row("chat") with { Deleted = true };
        await store.Value.AddAsync(row, Cancel);

        await store.Value.RemoveAsync(row, Cancel);
        await store.Value.RemoveAsync(row, Cancel);
        using var call = store.Garden.Feed.Watch(new(), cancellationToken: Cancel);
        await call.ResponseStream.MoveNext(Cancel);
        await call.ResponseStream.MoveNext(Cancel);

        Assert.Equal("ENDPOINT_NOT_FOUND", (await store.Value.FindAsync(row.Key, Cancel)).Error!.Reason);
        Assert.Equal(("endpoint/acme/chat", true), (call.ResponseStream.Current.Change.Key, call.ResponseStream.Current.Change.State is null));
    }

    private static StoredEndpoint Row(string name) => new()
    {
        Id = Guid.NewGuid().ToString("n"),
        Tenant = "acme",
        TenantKey = "acme",
        Name = name,
        Wish = new() { Repository = "acme/model", Target = Target("new"), Scaling = new Scaling(0, 2, 60_000), RequestedFile = "ü.gguf" },
        CreatedBy = "ann",
        CreatedAt = new(2026, 11, 21, 0, 0, 0, TimeSpan.Zero),
        UpdatedAt = new(2026, 11, 21, 0, 0, 1, TimeSpan.Zero),
    };

    private static Target Target(string revision) => new()
    {
        Revision = revision,
        File = "a.gguf",
        Files = [new("a.gguf", new string('a', 64), 12)],
        Runtime = "gguf-node",
        Protocol = "openai",
        MemoryEstimate = 1L << 40,
        Embedding = true,
        Licenses = ["apache-2.0", "mit"],
    };

    private async Task<OpenStore> StoreAsync()
    {
        var database = await OpenAsync();
        return new(await DeploymentGarden.StartAsync(database: database), database);
    }

    private sealed class OpenStore(DeploymentGarden garden, TestDatabase? database) : IAsyncDisposable
    {
        public DeploymentGarden Garden => garden;

        public EndpointStore Value { get; } = garden.Parts.GetRequiredService<EndpointStore>();

        public async ValueTask DisposeAsync()
        {
            await garden.DisposeAsync();
            if (database is not null)
            {
                await database.DisposeAsync();
            }
        }
    }
}

public sealed class SqliteEndpointStoreTests : EndpointStoreContract
{
    private protected override Task<TestDatabase?> OpenAsync() => Task.FromResult<TestDatabase?>(null);
}

public sealed class PostgresEndpointStoreTests : EndpointStoreContract
{
    private protected override async Task<TestDatabase?> OpenAsync() => await TestDatabase.CreateAsync();
}
