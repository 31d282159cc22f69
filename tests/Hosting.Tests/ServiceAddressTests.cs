using ModelGarden.Kernel;

namespace ModelGarden.Hosting.Tests;

public sealed class ServiceAddressTests
{
    [Theory]
    [InlineData("unix:/tmp/a.sock", "/tmp/a.sock", "http://garden.local/")]
    [InlineData("http://127.0.0.1:5001", null, "http://127.0.0.1:5001/")]
    [InlineData("http://catalog:5001/", null, "http://catalog:5001/")]
    [InlineData("https://[::1]:5001", null, "https://[::1]:5001/")]
    [InlineData("memory:garden/catalog", null, "http://garden.local/")]
    public void Create_OfAnAddress_TakesIt(string text, string? socket, string uri)
    {
        var address = ServiceAddress.Create(text).OrThrow();

        Assert.Equal((socket, new Uri(uri)), (address.SocketPath, address.Uri));
        Assert.Equal(text.TrimEnd('/'), address.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("unix:")]
    [InlineData("memory:")]
    [InlineData("unix:/")]
    [InlineData("unix:relative.sock")]
    [InlineData("catalog:5001")]
    [InlineData("ftp://catalog:5001")]
    [InlineData("http://")]
    [InlineData("http://catalog:70000")]
    [InlineData("http://catalog:5001/path")]
    [InlineData("http://catalog:5001?query")]
    [InlineData("http://user:password@catalog:5001")]
    public void Create_OfAnythingElse_SaysWhatIsExpected(string? text)
    {
        var error = ServiceAddress.Create(text).Error!;

        Assert.Equal((ErrorCode.InvalidArgument, "BAD_ADDRESS"), (error.Code, error.Reason));
        Assert.Contains("expected", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_OfASocketPathThatTheSystemCannotTake_SaysSo()
    {
        Assert.NotNull(ServiceAddress.Create("unix:/" + new string('a', 106)).OrThrow().SocketPath);

        Assert.Contains("108 bytes", ServiceAddress.Create("unix:/" + new string('a', 107)).Error!.Message, StringComparison.Ordinal);
        Assert.Contains("109 bytes", ServiceAddress.Create("unix:/" + new string('ä', 54)).Error!.Message, StringComparison.Ordinal);
    }
}
