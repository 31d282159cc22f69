using Amazon.S3;
using ModelGarden.Artifacts.Objects;
using ModelGarden.Artifacts.Objects.S3;
using ModelGarden.Artifacts.Tests.Objects.Servers;

namespace ModelGarden.Artifacts.Tests.Objects;

public sealed class S3ObjectStoreTests(S3Server server) : RemoteStoreContract(server), IClassFixture<S3Server>
{
    private readonly S3Server _server = server;

    private protected override IObjectStore Open(Uri endpoint, string kind, bool wrongSecret = false, bool create = true)
    {
        var options = S3Server.Options(endpoint, $"{kind}-{Guid.NewGuid():n}");
        (options.Create, options.Retries) = (create, 1);
        if (wrongSecret)
        {
            // Another key too: s3rver knows whose key it is, and does not check signatures of today's kind.
            (options.S3.AccessKey, options.S3.SecretKey) = ("somebody", Secret);
        }

        return new S3ObjectStore(options) { PageSize = 7 };
    }

    [Theory]
    [InlineData("full", StoreFault.Full, 1000)]
    [InlineData("full", StoreFault.Full, 10_000_000)]
    [InlineData("readonly", StoreFault.Denied, 1000)]
    internal async Task Write_WhereItMayNot_SaysWhy(string kind, StoreFault fault, int length)
    {
        var store = Open(_server.Endpoint, kind);
        await store.CheckAsync(Cancel);
        await using var writer = await store.CreateAsync(Key, Cancel);

        var exception = await Assert.ThrowsAsync<ObjectStoreException>(async () =>
        {
            await writer.WriteAsync(new byte[length], Cancel);
            await writer.CommitAsync(Cancel);
        });

        Assert.Equal(fault, exception.Fault);
    }

    [Fact]
    public async Task Dispose_OfAnUnfinishedLongObject_AbortsItsUpload()
    {
        var options = _server.Options();
        using var store = new S3ObjectStore(options);
        await store.CheckAsync(Cancel);

        await using (var writer = await store.CreateAsync(Key, Cancel))
        {
            await writer.WriteAsync(new byte[10_000_000], Cancel);
            Assert.Single(await UploadsAsync(options));
        }

        Assert.Empty(await UploadsAsync(options));
    }

    [Fact]
    public async Task Sweep_OfAnUploadThatNobodyTouches_AbortsIt()
    {
        var options = _server.Options();
        using var store = new S3ObjectStore(options);
        await store.CheckAsync(Cancel);
        await using var writer = await store.CreateAsync(Key, Cancel);
        await writer.WriteAsync(new byte[10_000_000], Cancel);

        await store.SweepAsync(DateTimeOffset.UtcNow.AddHours(1), Cancel);

        Assert.Empty(await UploadsAsync(options));
        var exception = await Assert.ThrowsAsync<ObjectStoreException>(async () => await writer.CommitAsync(Cancel));
        Assert.Equal(StoreFault.Gone, exception.Fault);
    }

    private static async Task<IReadOnlyList<string>> UploadsAsync(StoreOptions options)
    {
        using var client = new AmazonS3Client(S3Server.Key, S3Server.Key, new AmazonS3Config { ServiceURL = options.S3.Endpoint, ForcePathStyle = true });
        return [.. ((await client.ListMultipartUploadsAsync(new Amazon.S3.Model.ListMultipartUploadsRequest { BucketName = options.S3.Bucket }, Cancel)).MultipartUploads ?? []).Select(upload => upload.UploadId)];
    }
}
