using ModelGarden.Hosting.Waiting;
using ModelGarden.Testing;

namespace ModelGarden.Hosting.Tests.Waiting;

public sealed class WaitsTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly ManualClock _clock = new();
    private readonly TaskCompletionSource _task = new();

    [Fact]
    public async Task Within_TaskThatEnds_IsTrueAndLeavesNoTimer()
    {
        var waited = _task.Task.WithinAsync(Minute, _clock, CancellationToken.None);
        Assert.Equal(1, _clock.Timers);

        _task.SetResult();

        Assert.True(await waited.InTimeAsync());
        Assert.Equal(0, _clock.Timers);
    }

    [Fact]
    public async Task Within_TimeThatPasses_IsFalse()
    {
        var waited = _task.Task.WithinAsync(Minute, _clock, CancellationToken.None);
        _clock.Advance(Minute);

        Assert.False(await waited.InTimeAsync());
    }

    [Fact]
    public async Task Within_TaskThatFails_IsTrueAndDoesNotThrow()
    {
        _task.SetException(new IOException());

        Assert.True(await _task.Task.WithinAsync(Minute, _clock, CancellationToken.None).InTimeAsync());
    }

    [Fact]
    public async Task Within_Cancelled_ThrowsAndLeavesNoTimer()
    {
        using var cancel = new CancellationTokenSource();
        var waited = _task.Task.WithinAsync(Minute, _clock, cancel.Token);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waited.InTimeAsync());
        Assert.Equal(0, _clock.Timers);
    }
}
