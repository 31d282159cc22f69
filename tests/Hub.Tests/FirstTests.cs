using System.Net;
using ModelGarden.Hub.Tests.Doubles;

namespace ModelGarden.Hub.Tests;

public sealed class FirstTests
{
    [Fact]
    public async Task Commit_Files_CanBeRead()
    {
        await using var hub = await TestHub.StartAsync();
        await hub.CreateAsync();
        await hub.CommitAsync("acme/tiny", TestHub.FileLine("a b/ü.txt", "hello"), TestHub.LargeLine("w.bin", hub.Upload([1, 2, 3])));
        using var client = hub.AsEngineer;
        Assert.Equal("hello", await client.GetStringAsync("/acme/tiny/resolve/main/a%20b/%C3%BC.txt", TestContext.Current.CancellationToken));
    }
}
