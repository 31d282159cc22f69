using ModelGarden.Testing;

namespace ModelGarden.Hosting.Tests.Waiting;

/// <summary>What tests that move the clock rely on.</summary>
public sealed class ManualClockTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly ManualClock _clock = new();

    [Fact]
    public void Advance_PastSeveralTimers_FiresThemInOrderEachAtItsTime()
    {
        var start = _clock.GetUtcNow();
        var fired = new List<(string, TimeSpan)>();
        using var late = Timer(() => fired.Add(("late", _clock.GetUtcNow() - start)), 2 * Minute);
        using var early = Timer(() => fired.Add(("early", _clock.GetUtcNow() - start)), Minute);
        using var every = _clock.CreateTimer(_ => fired.Add(("every", _clock.GetUtcNow() - start)), null, 0.75 * Minute, 0.75 * Minute);

        _clock.Advance(2 * Minute);

        Assert.Equal([("every", 0.75 * Minute), ("early", Minute), ("every", 1.5 * Minute), ("late", 2 * Minute)], fired);
        Assert.Equal(start + (2 * Minute), _clock.GetUtcNow());
    }

    [Fact]
    public void Jump_PastAPeriodicTimerManyTimes_FiresItOnce()
    {
        var fired = 0;
        using var every = _clock.CreateTimer(_ => fired++, null, Minute, Minute);

        _clock.Jump(10 * Minute);
        Assert.Equal(1, fired);
        _clock.Advance(Minute);
        Assert.Equal(2, fired);
    }

    [Fact]
    public void Jump_TimerThatIsSetAnewWhileOthersFire_StaysSet()
    {
        var fired = 0;
        using var second = Timer(() => fired++, 2 * Minute);
        using var first = Timer(() => second.Change(Minute, Timeout.InfiniteTimeSpan), Minute);

        _clock.Jump(3 * Minute);
        fired = 0;
        _clock.Advance(Minute);

        Assert.Equal(1, fired);
    }

    [Fact]
    public async Task WhenAwaited_TimerSetBeforeOrAfter_IsFoundByItsBounds()
    {
        using var set = Timer(() => { }, 3 * Minute);
        _clock.Advance(Minute);
        Assert.Equal(2 * Minute, await _clock.WhenAwaitedAsync(Minute, 2 * Minute));

        var awaited = _clock.WhenAwaitedAsync(TimeSpan.Zero, Minute);
        using var longer = Timer(() => { }, 5 * Minute);
        Assert.False(awaited.IsCompleted);
        using var within = Timer(() => { }, Minute);
        Assert.Equal(Minute, await awaited);
    }

    private ITimer Timer(Action act, TimeSpan due) => _clock.CreateTimer(_ => act(), null, due, Timeout.InfiniteTimeSpan);
}
