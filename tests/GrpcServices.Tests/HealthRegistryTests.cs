using ModelGarden.GrpcServices.Health;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace ModelGarden.GrpcServices.Tests;

public sealed class HealthRegistryTests
{
    private readonly HealthRegistry _registry = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Find_NewRegistry_WholeServerServesAndNothingElseIsKnown()
    {
        Assert.Equal(ServingStatus.Serving, _registry.Find(HealthRegistry.WholeServer));
        Assert.Null(_registry.Find("a"));
    }

    [Fact]
    public void Set_ServiceUnknown_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => _registry.Set("a", ServingStatus.ServiceUnknown));

    [Fact]
    public async Task Watch_ThroughChanges_TellsEachOnce()
    {
        await using var watch = _registry.WatchAsync("a", Cancel).GetAsyncEnumerator(Cancel);
        Assert.Equal(ServingStatus.ServiceUnknown, await NextAsync(watch));

        _registry.Set("a", ServingStatus.Serving);
        Assert.Equal(ServingStatus.Serving, await NextAsync(watch));

        // Neither the same status again nor another service's change is news.
        _registry.Set("a", ServingStatus.Serving);
        _registry.Set("b", ServingStatus.NotServing);
        var next = NextAsync(watch);
        _registry.Remove("a");
        Assert.Equal(ServingStatus.ServiceUnknown, await next);
    }

    [Fact]
    public async Task Watch_SlowReader_GetsTheNewestStatus()
    {
        await using var watch = _registry.WatchAsync("a", Cancel).GetAsyncEnumerator(Cancel);
        Assert.Equal(ServingStatus.ServiceUnknown, await NextAsync(watch));

        _registry.Set("a", ServingStatus.Serving);
        _registry.Set("a", ServingStatus.NotServing);

        Assert.Equal(ServingStatus.NotServing, await NextAsync(watch));
    }

    [Fact]
    public async Task Shutdown_WhileWatched_TellsNotServingThenEnds()
    {
        _registry.Set("a", ServingStatus.Serving);
        await using var watch = _registry.WatchAsync("a", Cancel).GetAsyncEnumerator(Cancel);
        Assert.Equal(ServingStatus.Serving, await NextAsync(watch));

        _registry.Shutdown();

        Assert.Equal(ServingStatus.NotServing, await NextAsync(watch));
        Assert.False(await watch.MoveNextAsync());
    }

    [Fact]
    public void Set_AfterShutdown_ChangesNothing()
    {
        _registry.Set("a", ServingStatus.Serving);
        _registry.Shutdown();

        _registry.Set("a", ServingStatus.Serving);
        _registry.Remove(HealthRegistry.WholeServer);

        Assert.All(_registry.List().Values, status => Assert.Equal(ServingStatus.NotServing, status));
        Assert.Equal(["", "a"], _registry.List().Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Watch_ManyWritersAndWatchers_EachWatcherSeesTheLastStatus()
    {
        async Task<ServingStatus> LastAsync()
        {
            var last = ServingStatus.Unknown;
            await foreach (var status in _registry.WatchAsync("a", Cancel))
            {
                last = status;
            }

            return last;
        }

        var watchers = Enumerable.Range(0, 8).Select(_ => Task.Run(LastAsync, Cancel)).ToList();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(
            () =>
            {
                for (var i = 0; i < 1000; i++)
                {
                    _registry.Set("a", i % 2 == 0 ? ServingStatus.Serving : ServingStatus.NotServing);
                }
            },
            Cancel)));
        _registry.Set("a", ServingStatus.Serving);
        _registry.Shutdown();

        Assert.All(await Task.WhenAll(watchers), last => Assert.Equal(ServingStatus.NotServing, last));
    }

    private static async Task<ServingStatus> NextAsync(IAsyncEnumerator<ServingStatus> watch)
    {
        Assert.True(await watch.MoveNextAsync());
        return watch.Current;
    }
}
