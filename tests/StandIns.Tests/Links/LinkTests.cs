using System.Reflection;

namespace ModelGarden.StandIns.Tests.Links;

public sealed class LinkTests
{
    [Theory]
    [InlineData("Grpc.AspNetCore.Server", "Grpc.Core.Api", 90)]
    [InlineData("Grpc.AspNetCore.Server", "Grpc.Net.Common", 5)]
    [InlineData("Grpc.Net.Client", "Grpc.Core.Api", 90)]
    [InlineData("Grpc.Net.Client", "Grpc.Net.Common", 5)]
    [InlineData("Microsoft.Data.Sqlite", "SQLitePCLRaw.core", 50)]
    [InlineData("Microsoft.EntityFrameworkCore.Sqlite", "SQLitePCLRaw.core", 1)]
    [InlineData("Yarp.ReverseProxy", "System.IO.Hashing", 2)]
    [InlineData("Azure.Storage.Common", "System.IO.Hashing", 2)]
    [InlineData("Azure.Storage.Blobs", "System.IO.Hashing", 2)]
    public void RealAssembly_AllItTakesFromAStandIn_IsThereAndAccessible(string consumer, string standIn, int atLeast)
    {
        using var check = new LinkCheck(Assembly.Load(consumer), standIn);

        var (taken, misses) = check.Run();

        Assert.Empty(misses);
        Assert.InRange(taken, atLeast, int.MaxValue);
    }

    [Theory]
    [InlineData("Grpc.AspNetCore.Server")]
    [InlineData("Grpc.Net.Client")]
    [InlineData("Microsoft.Data.Sqlite")]
    [InlineData("Yarp.ReverseProxy")]
    [InlineData("Azure.Storage.Common")]
    public void RealAssembly_EachOfItsTypes_Loads(string name)
    {
        // Throws when a type lacks the implementation of an abstract or interface member, or has one that is no override.
        Assert.NotEmpty(Assembly.Load(name).GetTypes());
    }

    [Theory]
    [InlineData("Grpc.Core.Api", "2.0.0.0", "d754f35622e28bad")]
    [InlineData("Grpc.Net.Common", "2.0.0.0", "d754f35622e28bad")]
    public void GrpcStandIn_Identity_IsThatOfThePackage(string name, string version, string token)
    {
        var identity = Assembly.Load(name).GetName();

        Assert.Equal(version, identity.Version?.ToString());
        Assert.Equal(token, Convert.ToHexStringLower(identity.GetPublicKeyToken()!));
    }
}
