using ModelGarden.Hosting.Health;
using ModelGarden.Testing;

namespace ModelGarden.Hosting.Tests.Health;

public sealed class ReadinessTests
{
    private static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public async Task WhenReady_WithNothingToWaitFor_IsAtOnce() => await new Readiness().WhenReadyAsync(Cancel);

    [Fact]
    public async Task WhenReady_WithTwoThings_WaitsForBoth()
    {
        var readiness = new Readiness();
        readiness.WaitFor("sun");
        readiness.WaitFor("moon");
        var ready = readiness.WhenReadyAsync(Cancel);

        readiness.Reached("sun");
        Assert.False(readiness.IsReady);
        Assert.Equal(["moon"], readiness.Waiting);
        Assert.False(ready.IsCompleted);

        readiness.Reached("moon");
        await ready;
    }

    [Fact]
    public async Task WhenReady_Cancelled_Ends()
    {
        var readiness = new Readiness();
        readiness.WaitFor("sun");
        using var cancel = new CancellationTokenSource();
        var ready = readiness.WhenReadyAsync(cancel.Token);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ready);
    }

    [Fact]
    public async Task WhenReady_WhileManyComeAndGo_NeverMissesTheLast()
    {
        for (var round = 0; round < 200; round++)
        {
            var readiness = new Readiness();
            var things = Enumerable.Range(0, 4).Select(i => $"thing {i}").ToList();
            things.ForEach(readiness.WaitFor);
            var ready = readiness.WhenReadyAsync(Cancel);
            await Task.WhenAll(things.Select(thing => Task.Run(() => readiness.Reached(thing), Cancel)));
            await ready;
        }
    }

    [Fact]
    public void Reached_OfWhatNobodyWaitsFor_ChangesNothing()
    {
        var readiness = new Readiness();
        readiness.WaitFor("sun");

        readiness.Reached("moon");

        Assert.Equal(["sun"], readiness.Waiting);
    }
}
