using Grpc.Core;
using ModelGarden.StandIns.Tests.V1;

namespace ModelGarden.StandIns.Tests.Grpc;

public sealed class HeaderTests(GardenHost host) : IClassFixture<GardenHost>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Headers_TextAndBinary_TravelBothWays()
    {
        var sent = new Metadata { { "X-Tenant", "acme" }, { "x-raw-bin", [255, 0, 1] } };

        using var call = host.Client.DescribeAsync(new GetRequest(), sent, cancellationToken: Cancel);
        var early = await call.ResponseHeadersAsync;
        var description = await call;

        Assert.Equal("yes", early.GetValue("x-early"));
        Assert.Equal([9, 8], early.GetValueBytes("x-early-bin"));
        Assert.Equal("also", call.GetTrailers().GetValue("x-late"));
        Assert.Equal("acme", description.Headers["x-tenant"]);
        Assert.Equal("FF0001", description.Headers["x-raw-bin"]);
    }

    [Fact]
    public async Task Context_PlainCall_NamesMethodHostAndPeer()
    {
        var description = await host.Client.DescribeAsync(new GetRequest(), cancellationToken: Cancel);

        Assert.Equal("/modelgarden.standins.v1.Garden/Describe", description.Method);
        Assert.Equal(host.Address.Authority, description.Host);
        Assert.StartsWith("ipv4:127.0.0.1:", description.Peer, StringComparison.Ordinal);
        Assert.False(description.Authenticated);
        Assert.Empty(description.PeerProperties);
        Assert.Equal(0, description.SecondsLeft);
        Assert.StartsWith("grpc-dotnet/", description.Headers["user-agent"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("é")]
    [InlineData("")]
    public void Metadata_KeyOutsideTheAlphabet_IsRefused(string key) =>
        Assert.ThrowsAny<ArgumentException>(() => new Metadata { { key, "value" } });

    [Fact]
    public void Metadata_TextUnderABinaryKeyAndTheReverse_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => new Metadata { { "a-bin", "text" } });
        Assert.Throws<ArgumentException>(() => new Metadata { { "a", [1] } });
    }

    [Fact]
    public void Metadata_RepeatedKey_KeepsAllAndGetsTheLast()
    {
        var metadata = new Metadata { { "A", "1" }, { "a", "2" } };

        Assert.Equal(2, metadata.Count);
        Assert.Equal("2", metadata.GetValue("a"));
        Assert.Equal(["1", "2"], metadata.GetAll("A").Select(entry => entry.Value));
    }

    [Fact]
    public void Metadata_BinaryEntry_CannotBeChangedFromOutside()
    {
        byte[] given = [1, 2];
        var metadata = new Metadata { { "a-bin", given } };

        given[0] = 9;
        metadata.GetValueBytes("a-bin")![1] = 9;

        Assert.Equal([1, 2], metadata.GetValueBytes("a-bin"));
    }

    [Fact]
    public void Metadata_Empty_RefusesAdditions() =>
        Assert.Throws<InvalidOperationException>(() => Metadata.Empty.Add("a", "b"));
}
