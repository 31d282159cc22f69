using System.Net;
using ModelGarden.Artifacts.Objects;
using ModelGarden.Artifacts.Tests.Objects.Servers;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Health;
using ModelGarden.Testing;

namespace ModelGarden.Artifacts.Tests.Objects;

/// <summary>The whole service over stores on servers.</summary>
public sealed class RemoteGardenTests(S3Server s3, AzureServer azure) : IClassFixture<S3Server>, IClassFixture<AzureServer>
{
    [Theory]
    [InlineData(StoreOptions.S3Kind)]
    [InlineData(StoreOptions.AzureKind)]
    public async Task Upload_InPartsAndWhole_IsServedInRangesAfterARestart(string kind)
    {
        await using var garden = await StartAsync(kind is StoreOptions.S3Kind ? s3.Options() : azure.Options());
        await ReadyAsync(garden);
        var (parts, whole) = (ArtifactsGarden.Bytes(3 * ArtifactsGarden.PartSize, 1), ArtifactsGarden.Bytes(1000, 2));
        var upload = await garden.PrepareAsync(parts, multipart: true);
        var etags = await Task.WhenAll(Enumerable.Range(1, 3).Select(async number => (number, await garden.PutPartAsync(upload, parts, number))));
        using var completed = await garden.CompleteAsync(upload, parts, etags);

        Assert.Equal(HttpStatusCode.OK, completed.StatusCode);
        Assert.NotEqual(Verdict.Pending, (await garden.UploadAsync(whole)).Verdict);
        await garden.RestartAsync();
        await ReadyAsync(garden);
        Assert.Equal(parts, await (await garden.GetAsync(await garden.SignAsync(parts))).Content.ReadAsByteArrayAsync(ArtifactsGarden.Cancel));
        Assert.Equal(whole[10..20], await (await garden.GetAsync(await garden.SignAsync(whole), ("Range", "bytes=10-19"))).Content.ReadAsByteArrayAsync(ArtifactsGarden.Cancel));
        Assert.DoesNotContain(garden.StoredPaths(), path => path.StartsWith("xorbs/", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(StoreOptions.S3Kind)]
    [InlineData(StoreOptions.AzureKind)]
    public async Task Upload_PartAfterPart_GoesOnAfterARestart(string kind)
    {
        await using var garden = await StartAsync(kind is StoreOptions.S3Kind ? s3.Options() : azure.Options());
        await ReadyAsync(garden);
        var bytes = ArtifactsGarden.Bytes(3 * ArtifactsGarden.PartSize, 3);
        using var first = await garden.AppendAsync(await garden.PrepareResumableAsync(bytes), bytes, 0);
        await garden.RestartAsync();
        await ReadyAsync(garden);
        var upload = await garden.PrepareResumableAsync(bytes);

        Assert.Equal((ArtifactsGarden.PartSize, false), await garden.ProgressAsync(upload));
        using var second = await garden.AppendAsync(upload, bytes, ArtifactsGarden.PartSize);
        using var third = await garden.AppendAsync(upload, bytes, 2 * ArtifactsGarden.PartSize);
        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.OK), (second.StatusCode, third.StatusCode));
        Assert.Equal(bytes, await (await garden.GetAsync(await garden.SignAsync(bytes))).Content.ReadAsByteArrayAsync(ArtifactsGarden.Cancel));
        await ArtifactsGarden.RefusedAsync(
            HttpStatusCode.BadRequest, "BAD_APPEND", await garden.Http.PatchAsync(upload.AppendUrl, new ByteArrayContent(bytes), ArtifactsGarden.Cancel));
    }

    [Fact]
    public async Task Start_WhileTheStoreDoesNotAnswer_WaitsAndThenServes()
    {
        await using var gate = new Gate(s3.Endpoint, open: false);
        await using var garden = await StartAsync(S3Server.Options(gate.Address, $"bucket-{Guid.NewGuid():n}"));
        using var health = await garden.Http.GetAsync("/healthz", ArtifactsGarden.Cancel);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        Assert.Contains(ObjectStoreStart.Waiting, await health.Content.ReadAsStringAsync(ArtifactsGarden.Cancel), StringComparison.Ordinal);
        gate.Open();
        await ReadyAsync(garden);
        await garden.UploadAsync(ArtifactsGarden.Bytes(1000));
    }

    [Fact]
    public async Task Upload_WhileTheStoreDoesNotAnswer_SaysSoAndNotWhereItIs()
    {
        await using var gate = new Gate(s3.Endpoint, open: false);
        await using var garden = await StartAsync(S3Server.Options(gate.Address, "bucket"));
        var bytes = ArtifactsGarden.Bytes(1000);

        using var response = await garden.PutAsync((await garden.PrepareAsync(bytes)).Url, bytes);

        Assert.DoesNotContain(gate.Address.Authority, await response.Content.ReadAsStringAsync(ArtifactsGarden.Cancel), StringComparison.Ordinal);
        await ArtifactsGarden.RefusedAsync(HttpStatusCode.ServiceUnavailable, "STORE_UNAVAILABLE", response);
    }

    [Fact]
    public async Task Upload_IntoAFullStore_SaysSo()
    {
        await using var garden = await StartAsync(s3.Options("full"));
        await ReadyAsync(garden);
        var bytes = ArtifactsGarden.Bytes(1000);

        await ArtifactsGarden.RefusedAsync(HttpStatusCode.ServiceUnavailable, "STORAGE_FULL", await garden.PutAsync((await garden.PrepareAsync(bytes)).Url, bytes));
    }

    private static Task ReadyAsync(ArtifactsGarden garden) => garden.Part<Readiness>().WhenReadyAsync(ArtifactsGarden.Cancel).InTimeAsync();

    private static Task<ArtifactsGarden> StartAsync(StoreOptions options) => ArtifactsGarden.StartAsync(
        settings:
        [
            ("Artifacts:Store:Kind", options.Kind),
            ("Artifacts:Store:Retries", "1"),
            ("Artifacts:Store:S3:Endpoint", options.S3.Endpoint),
            ("Artifacts:Store:S3:Bucket", options.S3.Bucket),
            ("Artifacts:Store:S3:AccessKey", options.S3.AccessKey),
            ("Artifacts:Store:S3:SecretKey", options.S3.SecretKey),
            ("Artifacts:Store:Azure:ConnectionString", options.Azure.ConnectionString),
            ("Artifacts:Store:Azure:Container", options.Azure.Container),
        ]);
}
