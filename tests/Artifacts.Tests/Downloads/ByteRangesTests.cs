using ModelGarden.Artifacts.Downloads;

namespace ModelGarden.Artifacts.Tests.Downloads;

public sealed class ByteRangesTests
{
    [Theory]
    [InlineData("bytes=0-0", 10, "0-0")]
    [InlineData("bytes=2-5", 10, "2-5")]
    [InlineData("BYTES=2-", 10, "2-9")]
    [InlineData("bytes=-3", 10, "7-9")]
    [InlineData("bytes=-30", 10, "0-9")]
    [InlineData("bytes=5-99999999999999999999999", 10, "5-9")]
    [InlineData("bytes= 0-1 , 4-5,-1", 10, "0-1 4-5 9-9")]
    [InlineData("bytes=0-1,20-30", 10, "0-1")]
    [InlineData("bytes=10-", 10, "")]
    [InlineData("bytes=99999999999999999999999-", 10, "")]
    [InlineData("bytes=-0", 10, "")]
    [InlineData("bytes=0-", 0, "")]
    [InlineData("bytes=-5", 0, "")]
    public void Read_WellFormed_RangesOfTheFile(string header, long length, string expected)
    {
        var ranges = ByteRanges.Read(header, length);

        Assert.Equal(expected, string.Join(' ', ranges!.Select(range => $"{range.First}-{range.Last}")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("bytes")]
    [InlineData("bytes=")]
    [InlineData("bytes=,")]
    [InlineData("bytes=-")]
    [InlineData("bytes=a-b")]
    [InlineData("bytes=5-2")]
    [InlineData("bytes=+1-2")]
    [InlineData("bytes=1-2-3")]
    [InlineData("bytes=1--3")]
    [InlineData("bytes=0-1,x")]
    [InlineData("items=0-1")]
    [InlineData("bytes=0-9,0-9")]
    public void Read_MalformedOrWasteful_WholeFile(string header) => Assert.Null(ByteRanges.Read(header, 10));

    [Fact]
    public void Read_TooManyRanges_WholeFile() =>
        Assert.Null(ByteRanges.Read($"bytes={string.Join(',', Enumerable.Range(0, 65).Select(i => $"{i * 2}-{i * 2}"))}", 1000));
}
