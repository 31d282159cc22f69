using ModelGarden.Hosting.Waiting;

namespace ModelGarden.Hosting.Tests.Waiting;

public sealed class GrowingPauseTests
{
    private static readonly GrowingPause Pause = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));

    [Theory]
    [InlineData(int.MinValue, 1)]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 4)]
    [InlineData(6, 32)]
    [InlineData(7, 60)]
    [InlineData(100, 60)]
    [InlineData(int.MaxValue, 60)]
    public void After_FailuresInARow_DoublesUpToTheLongest(int failures, double seconds)
    {
        var pauses = Enumerable.Range(0, 1000).Select(_ => Pause.After(failures).TotalSeconds / seconds).ToList();

        Assert.All(pauses, part => Assert.InRange(part, 0.75, 1.25));
        Assert.Contains(pauses, part => part < 0.9);
        Assert.Contains(pauses, part => part > 1.1);
    }

    [Fact]
    public void After_LongestShorterThanTheFirst_IsTheLongest() =>
        Assert.InRange(new GrowingPause(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(1)).After(1).TotalSeconds, 0.75, 1.25);
}
