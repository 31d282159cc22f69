using ModelGarden.Artifacts.Objects;
using ModelGarden.Artifacts.Tests.Objects.Servers;

namespace ModelGarden.Artifacts.Tests.Objects;

/// <summary>What stores on servers do beyond the contract of all: say what is wrong with the server, and give addresses.</summary>
public abstract class RemoteStoreContract(NodeServer server) : ObjectStoreContract, IAsyncLifetime
{
    protected const string Secret = "c2VjcmV0LXRoYXQtbm9ib2R5LXNlZXM=";
    private protected static readonly ObjectKey Key = ObjectKey.FromStored("objects/a-remote-key");
    private IObjectStore _store = null!;

    private protected override IObjectStore Store => _store;

    public async ValueTask InitializeAsync() => await (_store = Open(server.Endpoint, "bucket")).CheckAsync(Cancel);

    public ValueTask DisposeAsync()
    {
        (_store as IDisposable)?.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>A store in a new bucket whose name begins so, with few entries to a page.</summary>
    private protected abstract IObjectStore Open(Uri endpoint, string kind, bool wrongSecret = false, bool create = true);

    [Fact]
    public void IsRemote_OnAServer_WhatIsReadIsToBeVerified() => Assert.True(Store.IsRemote);

    [Fact]
    public async Task Presign_OfAnObject_AnyoneReadsIt()
    {
        await WriteAsync(Key, "text");
        using var http = new HttpClient();

        using var response = await http.GetAsync(await Store.PresignAsync(Key, TimeSpan.FromMinutes(5), "model.bin", Cancel), Cancel);

        Assert.Equal("text", await response.Content.ReadAsStringAsync(Cancel));
        Assert.Equal(("attachment", "application/octet-stream"), (response.Content.Headers.ContentDisposition?.DispositionType, response.Content.Headers.ContentType?.MediaType));
        Assert.Equal("model.bin", response.Content.Headers.ContentDisposition?.FileName?.Trim('"'));
    }

    [Fact]
    public async Task Check_WithAWrongSecret_SaysSoWithoutIt()
    {
        var store = Open(server.Endpoint, "bucket", wrongSecret: true);

        var exception = await Assert.ThrowsAsync<ObjectStoreException>(async () => await store.CheckAsync(Cancel));

        Assert.Equal(StoreFault.Denied, exception.Fault);
        Assert.Contains("credentials", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_WithoutABucketNotToBeMade_SaysWhatToDo()
    {
        var store = Open(server.Endpoint, "bucket", create: false);

        var exception = await Assert.ThrowsAsync<ObjectStoreException>(async () => await store.CheckAsync(Cancel));

        Assert.Equal(StoreFault.NoBucket, exception.Fault);
        Assert.Contains("make it, or set Garden:Artifacts:Store:", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_WithoutABucket_SaysSo()
    {
        var store = Open(server.Endpoint, "bucket", create: false);
        await using var writer = await store.CreateAsync(Key, Cancel);

        var exception = await Assert.ThrowsAsync<ObjectStoreException>(async () => await writer.CommitAsync(Cancel));

        Assert.Equal(StoreFault.NoBucket, exception.Fault);
    }

    [Fact]
    public async Task Check_OfAServerThatBreaksOff_SaysUnreachable()
    {
        await using var gate = new Gate(server.Endpoint, open: false);
        var store = Open(gate.Address, "bucket");

        var exception = await Assert.ThrowsAsync<ObjectStoreException>(async () => await store.CheckAsync(Cancel));

        Assert.Equal(StoreFault.Unreachable, exception.Fault);
        Assert.Contains(gate.Address.Authority, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData((8 << 20) + 1000)]
    public async Task Write_ChangedOnTheWay_IsRefusedAndNotThere(int length)
    {
        await using var gate = new Gate(server.Endpoint, open: true);
        var store = Open(gate.Address, "bucket");
        await store.CheckAsync(Cancel);
        var bytes = ArtifactsGarden.Bytes(length);
        Gate.Marker.CopyTo(bytes, length - 900);
        await using var writer = await store.CreateAsync(Key, Cancel);
        await writer.WriteAsync(bytes, Cancel);

        await Assert.ThrowsAsync<ObjectStoreException>(async () => await writer.CommitAsync(Cancel));

        Assert.Null(await store.FindAsync(Key, Cancel));
    }

    [Fact]
    public async Task Read_OfAnAnswerThatBreaksOff_GoesOnFromThere()
    {
        await using var gate = new Gate(server.Endpoint, open: true);
        var store = Open(gate.Address, "bucket");
        await store.CheckAsync(Cancel);
        var bytes = ArtifactsGarden.Bytes(6 << 20);
        await using (var writer = await store.CreateAsync(Key, Cancel))
        {
            await writer.WriteAsync(bytes, Cancel);
            await writer.CommitAsync(Cancel);
        }

        using var reader = await store.OpenAsync(Key, Cancel);
        gate.BreakAnswerAfter(1 << 20);
        var read = new byte[bytes.Length];

        Assert.Equal(bytes.Length, await reader!.ReadAsync(read, 0, Cancel));
        Assert.True(bytes.AsSpan().SequenceEqual(read));
    }
}
