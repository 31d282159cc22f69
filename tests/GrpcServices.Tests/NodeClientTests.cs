using ModelGarden.StandIns.Tests.Foreign;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace ModelGarden.GrpcServices.Tests;

/// <summary>Clients that bring the standard protos themselves; the checks are in <c>node/standard.mjs</c>.</summary>
public sealed class NodeClientTests
{
    [Theory]
    [InlineData("reflection v1")]
    [InlineData("reflection v1alpha")]
    [InlineData("health check")]
    [InlineData("health watch")]
    public async Task NodeClient_Check_Passes(string check)
    {
        await using var host = await ServiceHost.StartAsync();
        host.Health.Set("sick", ServingStatus.NotServing);

        Assert.Equal("passed\n", await NodeScript.RunAsync("standard.mjs", host.Address.Authority, check));
    }
}
