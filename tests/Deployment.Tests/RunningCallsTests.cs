using ModelGarden.Deployment.Reconciling;
using ModelGarden.Testing;

namespace ModelGarden.Deployment.Tests;

public sealed class RunningCallsTests
{
    private readonly ManualClock _clock = new();

    [Fact]
    public void Tell_ByTwoReporters_CountsEachOnesLastWord()
    {
        var calls = new RunningCalls(_clock);

        calls.Tell("one", 3);
        calls.Tell("two", 2);
        calls.Tell("two", 4);
        Assert.Equal(7, calls.Count);
        calls.Tell("two", 0);
        Assert.Equal(3, calls.Count);
        calls.Tell("one", -1);
        Assert.Equal((0, null), (calls.Count, calls.Until));
    }

    [Fact]
    public void Count_OfAReporterThatFellSilent_IsForgotten()
    {
        var calls = new RunningCalls(_clock);
        calls.Tell("killed", 3);
        var until = calls.Until;
        _clock.Advance(TimeSpan.FromSeconds(119));
        calls.Tell("alive", 1);
        Assert.Equal(4, calls.Count);

        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(_clock.GetUtcNow(), until);
        Assert.Equal(1, calls.Count);
    }
}
