namespace ModelGarden.Xet.Tests;

public sealed class ByteGroupingTests
{
    [Fact]
    public void Split_OfTheVector_GroupsAsItSays()
    {
        var vector = XetVectors.All["bg4"]!;
        var input = XetVectors.Hex(vector["input_hex"]);
        var grouped = new byte[input.Length];

        ByteGrouping.Split(input, grouped);

        Assert.Equal((string?)vector["grouped_hex"], Convert.ToHexStringLower(grouped));
    }

    [Fact]
    public void SplitAndJoin_OfEveryLength_AreEachOthersInverseAndAsThePlainWay()
    {
        for (var length = 0; length < 300; length++)
        {
            var bytes = Samples.Random(length, length);
            var (wide, plain, joined, joinedPlain) = (new byte[length], new byte[length], new byte[length], new byte[length]);

            ByteGrouping.Split(bytes, wide);
            ByteGrouping.SplitFrom(0, bytes, plain);
            ByteGrouping.Join(wide, joined);
            ByteGrouping.JoinFrom(0, wide, joinedPlain);

            Assert.Equal(plain, wide);
            Assert.Equal(bytes, joined);
            Assert.Equal(bytes, joinedPlain);
        }
    }
}
