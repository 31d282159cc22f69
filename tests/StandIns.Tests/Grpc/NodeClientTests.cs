using ModelGarden.StandIns.Tests.Foreign;

namespace ModelGarden.StandIns.Tests.Grpc;

/// <summary>A client that shares no code with ours; the checks are in <c>node/garden.mjs</c>.</summary>
public sealed class NodeClientTests(GardenHost host) : IClassFixture<GardenHost>
{
    [Theory]
    [InlineData("unary")]
    [InlineData("every field")]
    [InlineData("gzip")]
    [InlineData("metadata")]
    [InlineData("error")]
    [InlineData("deadline")]
    [InlineData("server stream")]
    [InlineData("client stream")]
    [InlineData("duplex")]
    [InlineData("cancel")]
    [InlineData("unimplemented")]
    public async Task NodeClient_Check_Passes(string check)
    {
        var proto = Path.Combine(NodeScript.ProjectDirectory, "Protos", "garden.proto");

        Assert.Equal("passed\n", await NodeScript.RunAsync("garden.mjs", host.Address.Authority, proto, check));
    }
}
