using ModelGarden.Identity.SignIn;
using ModelGarden.Testing;

namespace ModelGarden.Identity.Tests;

public sealed class LockOutTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(4, 0)]
    [InlineData(5, 1)]
    [InlineData(6, 2)]
    [InlineData(10, 32)]
    [InlineData(11, 60)]
    [InlineData(int.MaxValue, 60)]
    public void After_Failures_GrowsToAnHour(int failures, int minutes) => Assert.Equal(TimeSpan.FromMinutes(minutes), LockOut.After(failures));

    [Fact]
    public void Take_FromOneAddress_IsABurstThenTenAMinute()
    {
        var clock = new ManualClock();
        var gate = new AddressGate(clock);

        Assert.All(Enumerable.Range(0, AddressGate.Burst), _ => Assert.Null(gate.Take("192.0.2.1")));
        Assert.Equal("TOO_MANY_TRIES", gate.Take("192.0.2.1")!.Reason);
        Assert.Null(gate.Take("192.0.2.2"));
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.All(Enumerable.Range(0, 10), _ => Assert.Null(gate.Take("192.0.2.1")));
        Assert.NotNull(gate.Take("192.0.2.1"));
    }

    [Fact]
    public void Take_ThatWasRight_DoesNotCount()
    {
        var gate = new AddressGate(new ManualClock());

        for (var i = 0; i < AddressGate.Burst * 3; i++)
        {
            Assert.Null(gate.Take("192.0.2.1"));
            gate.GiveBack("192.0.2.1");
        }
    }

    [Fact]
    public void Take_FromOneIPv6Network_IsOneAddress()
    {
        var gate = new AddressGate(new ManualClock());

        Assert.All(Enumerable.Range(0, AddressGate.Burst), i => Assert.Null(gate.Take($"2001:db8::{i:x}")));
        Assert.NotNull(gate.Take("2001:db8::ffff"));
        Assert.Null(gate.Take("2001:db8:0:1::1"));
    }
}
