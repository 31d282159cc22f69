using ModelGarden.Artifacts.Cas;
using ModelGarden.Kernel;
using ModelGarden.Testing;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Cas;

public sealed class ShardGateTests : IDisposable
{
    private readonly ManualClock _clock = new();
    private readonly ShardGate _gate;

    public ShardGateTests() => _gate = new(_clock);

    public void Dispose() => _gate.Dispose();

    [Fact]
    public async Task Enter_ThatWaitsTooLong_IsToldToComeAgainAndLeavesItsPlace()
    {
        var inside = new[] { await EnterAsync("a"), await EnterAsync("a") };
        var waiting = EnterAsync("a");

        _clock.Advance(ShardGate.Patience);

        var refused = await Assert.ThrowsAsync<ErrorException>(() => waiting.InTimeAsync());
        Assert.Equal(("SHARDS_BUSY", ErrorCode.Unavailable), (refused.Error.Reason, refused.Error.Code));
        inside[0].Dispose();
        (await EnterAsync("a").InTimeAsync()).Dispose();
        inside[1].Dispose();
    }

    [Fact]
    public async Task Enter_OfOneTenant_TwoAtOnceAndTheNextWhenOneLeaves()
    {
        var (first, second, third) = (await EnterAsync("a"), await EnterAsync("a"), EnterAsync("a"));

        Assert.False(third.IsCompleted);
        first.Dispose();
        first.Dispose();
        using var entered = await third.InTimeAsync();
        using var fourth = EnterAsync("a");
        Assert.False(fourth.IsCompleted);
        second.Dispose();
        (await fourth.InTimeAsync()).Dispose();
    }

    [Fact]
    public async Task Enter_OfManyTenants_FourAtOnce()
    {
        var entered = new[] { await EnterAsync("a"), await EnterAsync("a"), await EnterAsync("b"), await EnterAsync("c") };

        using var fifth = EnterAsync("d");

        Assert.False(fifth.IsCompleted);
        entered[3].Dispose();
        (await fifth.InTimeAsync()).Dispose();
    }

    [Fact]
    public async Task Enter_WhileTooManyWait_RefusedUntilOneGoes()
    {
        using var cancel = new CancellationTokenSource();
        var inside = new[] { await EnterAsync("a"), await EnterAsync("a") };
        var waiting = Enumerable.Range(0, 64).Select(n => _gate.EnterAsync("a", n is 0 ? cancel.Token : Cancel)).ToList();

        var refused = await Assert.ThrowsAsync<ErrorException>(() => EnterAsync("a"));
        Assert.Equal(("TOO_MANY_SHARDS", ErrorCode.ResourceExhausted), (refused.Error.Reason, refused.Error.Code));
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting[0]);
        waiting[0] = EnterAsync("a");

        Assert.False(waiting[0].IsCompleted);
        foreach (var entry in inside.Select(Task.FromResult).Concat(waiting.Skip(1)).Append(waiting[0]))
        {
            (await entry.InTimeAsync()).Dispose();
        }
    }

    [Fact]
    public async Task Enter_CancelledBeforeAllAndWhileOthersAreIn_LeavesRoom()
    {
        using var cancel = new CancellationTokenSource();
        var others = new[] { await EnterAsync("a"), await EnterAsync("a"), await EnterAsync("b"), await EnterAsync("b") };
        var waiting = _gate.EnterAsync("c", cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);

        foreach (var entry in others)
        {
            entry.Dispose();
        }

        using var first = await EnterAsync("c").InTimeAsync();
        using var second = await EnterAsync("c").InTimeAsync();
    }

    private Task<IDisposable> EnterAsync(string tenant) => _gate.EnterAsync(tenant, Cancel);
}
