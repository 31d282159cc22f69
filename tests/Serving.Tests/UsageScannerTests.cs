using System.Text;
using ModelGarden.Serving.OpenAi;

namespace ModelGarden.Serving.Tests;

public sealed class UsageScannerTests
{
    [Theory]
    [InlineData("""{"a":1,"usage":{"prompt_tokens":1,"completion_tokens":2}}""", """{"a":1}""")]
    [InlineData("""{"usage":{"prompt_tokens":1,"completion_tokens":2},"a":1}""", """{"a":1}""")]
    [InlineData("""{"usage":{"prompt_tokens":1,"completion_tokens":2}}""", "{}")]
    [InlineData("""{"a":1, "usage" : {"x":{"y":[1]},"prompt_tokens":1,"completion_tokens":2} , "b":2}""", """{"a":1 , "b":2}""")]
    public void Without_Usage_LeavesTheRest(string json, string rest)
    {
        var bytes = Encoding.UTF8.GetBytes(json);

        var scanned = UsageScanner.Scan(bytes)!.Value;

        Assert.Equal(new Usage(1, 2), scanned.Usage);
        Assert.Equal(rest, Encoding.UTF8.GetString(scanned.Without(bytes)));
    }

    [Theory]
    [InlineData("""{"choices":[{}]}""", true)]
    [InlineData("""{"choices":[]}""", false)]
    [InlineData("""{"choices":null,"usage":null}""", false)]
    public void Scan_WithoutUsage_SeesChoices(string json, bool hasChoices)
    {
        var scanned = UsageScanner.Scan(Encoding.UTF8.GetBytes(json))!.Value;

        Assert.Null(scanned.Usage);
        Assert.Equal(hasChoices, scanned.HasChoices);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[1]")]
    [InlineData("{\"a\":")]
    [InlineData("nonsense")]
    public void Scan_NoObject_IsNull(string text) => Assert.Null(UsageScanner.Scan(Encoding.UTF8.GetBytes(text)));
}
