using System.Net;
using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Errors;
using ModelGarden.Kernel;
using ModelGarden.Testing;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Quotas;

/// <summary>Files that a service gives to a tenant that did not send them.</summary>
public sealed class HoldTests
{
    [Fact]
    public async Task Held_File_IsTheTenantsAsIfItHadSentIt()
    {
        await using var garden = await StartAsync();
        var (file, sha256) = await SendAsync(garden);
        Assert.Empty((await FilesAsync(garden, sha256)).Files);

        Assert.Empty((await AskAsync(garden, People.Service(ServiceNames.Catalog), "globex", sha256)).Files);
        Assert.Single((await AskAsync(garden, People.Service(ServiceNames.Catalog), "", sha256)).Files);
        Assert.Empty((await AskAsync(garden, People.Engineer("globex"), "acme", sha256)).Files);

        await HoldAsync(garden, sha256);
        await HoldAsync(garden, sha256);

        Assert.Equal(sha256, (await FilesAsync(garden, sha256)).Files.Single().Sha256);
        Assert.Single((await AskAsync(garden, People.Service(ServiceNames.Catalog), "Globex", sha256)).Files);
        var usage = await garden.As(People.Engineer("globex")).GetStorageUsageAsync(new() { Tenant = "globex" }, cancellationToken: Cancel);
        Assert.Equal((1, file.Length), (usage.Files, usage.LogicalBytes));
        Assert.True((await garden.PrepareAsync(file, "globex")).Stored);
        await UsageProof.AssertAsync(garden);
    }

    [Fact]
    public async Task Held_BeyondTheQuota_IsRefused()
    {
        await using var garden = await StartAsync(settings: ("Artifacts:TenantLogicalBytes", "50000"));
        var (_, first) = await SendAsync(garden, 1);
        var (_, second) = await SendAsync(garden, 2, "initech");
        await HoldAsync(garden, first);

        Assert.Equal("QUOTA_LOGICAL", await RefusalAsync(() => HoldAsync(garden, first, second)));

        Assert.Single((await FilesAsync(garden, first, second)).Files);
    }

    [Fact]
    public async Task Held_ThatIsNotThere_OrNotClean_IsRefused()
    {
        await using var garden = await StartAsync();
        var (_, bad) = await SendAsync(garden, "cos\nsystem\n(S'true'\ntR."u8.ToArray(), "acme");

        Assert.Equal("FILE_NOT_FOUND", await RefusalAsync(() => HoldAsync(garden, new string('a', 64))));
        Assert.Equal("FILE_NOT_CLEAN", await RefusalAsync(() => HoldAsync(garden, bad)));
        Assert.Equal("TOO_MANY_FILES", await RefusalAsync(() => HoldAsync(garden, [.. Enumerable.Range(0, 1001).Select(i => Sha256Digest.Of([(byte)i, (byte)(i >> 8)]).Hex)])));
    }

    [Fact]
    public async Task Hold_ByWhoIsNoService_IsRefused()
    {
        await using var garden = await StartAsync();
        var (_, sha256) = await SendAsync(garden);

        Assert.Equal("SERVICES_ONLY", await RefusalAsync(async () => await garden.As(People.Operator).HoldFilesAsync(new() { Tenant = "globex", Sha256 = { sha256 } }, cancellationToken: Cancel)));
    }

    private static Task<(byte[] File, string Sha256)> SendAsync(ArtifactsGarden garden, int seed = 1, string tenant = "acme") => SendAsync(garden, Bytes(40_000, seed), tenant);

    private static async Task<(byte[] File, string Sha256)> SendAsync(ArtifactsGarden garden, byte[] file, string tenant)
    {
        using var sent = await garden.PutAsync((await garden.PrepareAsync(file, tenant)).Url, file);
        Assert.Equal(HttpStatusCode.OK, sent.StatusCode);
        return (file, Sha256Digest.Of(file).Hex);
    }

    private static async Task HoldAsync(ArtifactsGarden garden, params IEnumerable<string> files) =>
        await garden.As(People.Service(ServiceNames.Hub)).HoldFilesAsync(new() { Tenant = "Globex", Sha256 = { files } }, cancellationToken: Cancel);

    private static async Task<GetFilesResponse> FilesAsync(ArtifactsGarden garden, params IEnumerable<string> files) =>
        await garden.As(People.Engineer("globex")).GetFilesAsync(new() { Sha256 = { files } }, cancellationToken: Cancel);

    private static async Task<GetFilesResponse> AskAsync(ArtifactsGarden garden, Principal principal, string tenant, string sha256) =>
        await garden.As(principal).GetFilesAsync(new() { Sha256 = { sha256 }, Tenant = tenant }, cancellationToken: Cancel);

    private static async Task<string> RefusalAsync(Func<Task> call) => (await Assert.ThrowsAsync<RpcException>(call)).ToError(ServiceNames.Artifacts).Reason;
}
