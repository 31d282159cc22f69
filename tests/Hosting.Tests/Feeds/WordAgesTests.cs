using ModelGarden.Hosting.Feeds;
using ModelGarden.Testing;

namespace ModelGarden.Hosting.Tests.Feeds;

public sealed class WordAgesTests
{
    private readonly ManualClock _clock = new();

    [Fact]
    public void TimeOf_AWordThatCameLate_IsWhenItWasSaid()
    {
        var ages = new WordAges(_clock);
        var begun = _clock.GetTimestamp();
        _clock.Advance(TimeSpan.FromMilliseconds(20));
        ages.TimeOf(10);
        _clock.Advance(TimeSpan.FromSeconds(5));

        var said = ages.TimeOf(260);

        // 10 ms on its way, as the quickest word was.
        Assert.Equal(TimeSpan.FromMilliseconds(270), _clock.GetElapsedTime(begun, said));
    }

    [Fact]
    public void TimeOf_AWordThatSaysNothing_IsNow()
    {
        _clock.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(_clock.GetTimestamp(), new WordAges(_clock).TimeOf(null));
    }
}
