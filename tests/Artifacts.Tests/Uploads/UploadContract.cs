using System.Net;
using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;
using ModelGarden.Testing;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Uploads;

/// <summary>Uploads, on either database engine.</summary>
public abstract partial class UploadContract
{
    private protected abstract Task<ArtifactsGarden> StartAsync(params (string, string)[] settings);

    private static Principal Bound(string repository) => new(People.Engineer()) { Repository = repository };

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3_000_001)]
    public async Task Put_WholeFile_IsStoredAndServed(int length)
    {
        await using var garden = await StartAsync();
        var bytes = Bytes(length);

        var file = await garden.UploadAsync(bytes);

        Assert.Equal((length, Verdict.Clean), (file.Size, file.Verdict));
        Assert.Equal(bytes, await garden.Http.GetByteArrayAsync(await garden.SignAsync(bytes, allowUnclean: false), Cancel));
        Assert.True((await garden.PrepareAsync(bytes)).Stored);
    }

    /// <summary>By a digest alone a job of one repository gets at no file of another.</summary>
    [Fact]
    public async Task Prepare_WithATokenForOneRepository_IsStoredWhenTheBytesWereSentWithSuchAToken()
    {
        await using var garden = await StartAsync();
        var bytes = Bytes(1000);
        await garden.UploadAsync(bytes);
        var (job, other) = (Bound("acme/llama"), Bound("datasets/acme/llama"));
        var wanted = new PrepareUploadRequest { Sha256 = Sha256Digest.Of(bytes).Hex, Size = bytes.Length };

        var prepared = await garden.As(job).PrepareUploadAsync(wanted, cancellationToken: Patience.Cancel);

        Assert.False(prepared.Stored);
        Assert.Empty(await garden.FilesAsync(job, bytes));
        await RefusedAsync(HttpStatusCode.BadRequest, "WRONG_BYTES", await garden.PutAsync(prepared.Url, Bytes(1000, seed: 2)));
        Assert.Empty(await garden.FilesAsync(job, bytes));
        using var sent = await garden.PutAsync(prepared.Url, bytes);
        Assert.Equal(HttpStatusCode.OK, sent.StatusCode);
        Assert.True((await garden.As(job).PrepareUploadAsync(wanted, cancellationToken: Patience.Cancel)).Stored);
        Assert.Single(await garden.FilesAsync(job, bytes));
        Assert.Empty(await garden.FilesAsync(other, bytes));
        Assert.False((await garden.As(other).PrepareUploadAsync(wanted, cancellationToken: Patience.Cancel)).Stored);
    }

    [Fact]
    public async Task Put_Twice_SecondIsAcknowledgedToo()
    {
        await using var garden = await StartAsync();
        var bytes = Bytes(1000);
        var upload = await garden.PrepareAsync(bytes);

        using var first = await garden.PutAsync(upload.Url, bytes);
        using var second = await garden.PutAsync(upload.Url, bytes);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (first.StatusCode, second.StatusCode));
    }

    [Fact]
    public async Task Put_WrongBytes_RefusedAndNothingKept()
    {
        await using var garden = await StartAsync();
        var bytes = Bytes(200_000);
        var upload = await garden.PrepareAsync(bytes);

        await RefusedAsync(HttpStatusCode.BadRequest, "WRONG_BYTES", await garden.PutAsync(upload.Url, Bytes(200_000, seed: 2)));

        Assert.Empty(garden.StoredPaths());
        Assert.Empty(await garden.FilesAsync(People.Engineer(), bytes));
    }

    [Theory]
    [InlineData(199_999)]
    [InlineData(200_001)]
    public async Task Put_OtherLength_RefusedAtOnce(int length)
    {
        await using var garden = await StartAsync();
        var upload = await garden.PrepareAsync(Bytes(200_000));

        await RefusedAsync(HttpStatusCode.BadRequest, "WRONG_LENGTH", await garden.PutAsync(upload.Url, Bytes(length)));

        Assert.Empty(garden.StoredPaths());
    }

    [Theory]
    [InlineData(199_999)]
    [InlineData(200_001)]
    [InlineData(2_000_000)]
    public async Task Put_OtherLengthWithoutSayingSo_RefusedAndNothingKept(int length)
    {
        await using var garden = await StartAsync();
        var upload = await garden.PrepareAsync(Bytes(200_000));
        using var request = new HttpRequestMessage(HttpMethod.Put, upload.Url) { Content = new ByteArrayContent(Bytes(length)) };
        request.Headers.TransferEncodingChunked = true;

        await RefusedAsync(HttpStatusCode.BadRequest, "WRONG_LENGTH", await garden.Http.SendAsync(request, Cancel));

        Assert.Empty(garden.StoredPaths());
    }

    [Fact]
    public async Task Put_AbortedInTheMiddle_LeavesNothing()
    {
        await using var garden = await StartAsync();
        var bytes = Bytes(5_000_000);
        var upload = await garden.PrepareAsync(bytes);
        using var content = new BreakingContent(bytes, after: 2_000_000);

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => garden.Http.PutAsync(upload.Url, content, Cancel));

        // The connection is closed by now; stopping the service waits until its request has ended.
        await garden.RestartAsync();
        Assert.Empty(garden.StoredPaths());
        using var again = await garden.PutAsync(upload.Url, bytes);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    [Fact]
    public async Task Put_SameFileByTwoTenantsAtOnce_StoredOnceAndBothHaveIt()
    {
        // Of one chunk: of a longer file, the slower upload may find its last chunk in the xorb of the quicker one, and leave the others in one of its own to be collected.
        await using var garden = await StartAsync();
        var bytes = Bytes(8_000);
        var uploads = await Task.WhenAll(garden.PrepareAsync(bytes, "acme"), garden.PrepareAsync(bytes, "globex"));

        var answers = await Task.WhenAll(uploads.Select(upload => garden.PutAsync(upload.Url, bytes)));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        Assert.Single(garden.StoredPaths());
        Assert.Single(await garden.FilesAsync(People.Engineer("acme"), bytes));
        Assert.Single(await garden.FilesAsync(People.Engineer("globex"), bytes));
    }

    [Fact]
    public async Task Prepare_FileOfAnotherTenant_StillHasToBeSent()
    {
        await using var garden = await StartAsync();
        var bytes = Bytes(1000);
        await garden.UploadAsync(bytes, "acme");

        var upload = await garden.PrepareAsync(bytes, "globex");

        Assert.False(upload.Stored);
        Assert.Empty(await garden.FilesAsync(People.Engineer("globex"), bytes));
        await RefusedAsync(HttpStatusCode.BadRequest, "WRONG_BYTES", await garden.PutAsync(upload.Url, Bytes(1000, seed: 2)));
        Assert.Empty(await garden.FilesAsync(People.Engineer("globex"), bytes));
        await garden.UploadAsync(bytes, "globex");
        Assert.True((await garden.PrepareAsync(bytes, "GLOBEX")).Stored);
    }

    [Fact]
    public async Task Prepare_Again_GoesOnWithTheSameUpload()
    {
        await using var garden = await StartAsync();
        var bytes = Bytes(3 * PartSize);

        var uploads = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => garden.PrepareAsync(bytes, multipart: true)));

        Assert.Single(uploads.Select(upload => upload.CompletionUrl.Split('?')[0]).Distinct());
    }

    [Fact]
    public async Task Prepare_BadRequests_EachRefusedByItsReason()
    {
        await using var garden = await StartAsync(("Artifacts:MaximumFileSize", "1000000"), ("Artifacts:SinglePutLimit", "500000"), ("Artifacts:MaximumOpenUploads", "1"));
        var client = garden.As(People.Engineer());
        var sha256 = Sha256Digest.Of("x"u8).Hex;

        await FailsAsync(StatusCode.InvalidArgument, "BAD_DIGEST", client, new() { Sha256 = "abc", Size = 1 });
        await FailsAsync(StatusCode.InvalidArgument, "BAD_SIZE", client, new() { Sha256 = sha256, Size = -1 });
        await FailsAsync(StatusCode.ResourceExhausted, "FILE_TOO_LARGE", client, new() { Sha256 = sha256, Size = 1_000_001, Multipart = true });
        await FailsAsync(StatusCode.ResourceExhausted, "FILE_TOO_LARGE", client, new() { Sha256 = sha256, Size = 500_001 });
        await FailsAsync(StatusCode.PermissionDenied, "NO_TENANT", garden.As(People.Service("hub")), new() { Sha256 = sha256, Size = 1 });
        await FailsAsync(StatusCode.Unauthenticated, "SIGN_IN", garden.As(People.Anonymous), new() { Sha256 = sha256, Size = 1 });
        await garden.PrepareAsync(Bytes(10));
        await FailsAsync(StatusCode.ResourceExhausted, "TOO_MANY_UPLOADS", client, new() { Sha256 = sha256, Size = 1 });
        await garden.UploadAsync(Bytes(10));
        await FailsAsync(StatusCode.InvalidArgument, "SIZE_DIFFERS", client, new() { Sha256 = Sha256Digest.Of(Bytes(10)).Hex, Size = 9 });
    }

    [Fact]
    public async Task Restart_AfterUploads_EverythingIsThere()
    {
        await using var garden = await StartAsync();
        var bytes = Bytes(100_000);
        var before = await garden.UploadAsync(bytes);
        var url = await garden.SignAsync(bytes);

        await garden.RestartAsync();

        Assert.Equal(before, Assert.Single(await garden.FilesAsync(People.Engineer(), bytes)));
        Assert.Equal(bytes, await garden.Http.GetByteArrayAsync(url, Cancel));
        Assert.True((await garden.PrepareAsync(bytes)).Stored);
    }

    [Fact]
    public async Task GetFiles_ByOthers_TheirsOnly()
    {
        await using var garden = await StartAsync();
        var (ours, theirs) = (Bytes(10), Bytes(10, seed: 2));
        await garden.UploadAsync(ours, "acme");
        await garden.UploadAsync(theirs, "globex");

        Assert.Equal(Sha256Digest.Of(ours).Hex, Assert.Single(await garden.FilesAsync(People.Engineer("acme"), ours, theirs, Bytes(3))).Sha256);
        Assert.Equal(2, (await garden.FilesAsync(People.Service("catalog"), ours, theirs, Bytes(3))).Count);
    }

    [Fact]
    public async Task Upload_Completed_IsAnnounced()
    {
        await using var garden = await StartAsync();
        var file = await garden.UploadAsync(Bytes(10));
        var feed = new ChangeFeed.ChangeFeedClient(garden.Garden.As(People.Service("catalog"), "artifacts"));
        using var call = feed.Watch(new(), cancellationToken: Cancel);

        while (await call.ResponseStream.MoveNext(Cancel))
        {
            if (call.ResponseStream.Current.Change is { } change)
            {
                var announced = change.State.Unpack<StoredFile>();

                // Its holder is told of no time before it sent the file: somebody else may have.
                Assert.True(file.ExaminedAt >= announced.ExaminedAt);
                announced.ExaminedAt = file.ExaminedAt;
                Assert.Equal(($"file/{file.Sha256}", file), (change.Key, announced));
                return;
            }
        }

        Assert.Fail("the feed ended");
    }

    private static async Task FailsAsync(StatusCode status, string reason, Contracts.V1.Artifacts.ArtifactsClient client, PrepareUploadRequest request)
    {
        var failure = await Assert.ThrowsAsync<RpcException>(async () => await client.PrepareUploadAsync(request, cancellationToken: Cancel));
        Assert.Equal((status, reason), (failure.StatusCode, failure.Trailers.GetValue("garden-reason")));
    }
}

public sealed class SqliteUploadTests : UploadContract
{
    private protected override Task<ArtifactsGarden> StartAsync(params (string, string)[] settings) => ArtifactsGarden.StartAsync(settings: settings);
}

public sealed class PostgresUploadTests : UploadContract, IAsyncDisposable
{
    private TestDatabase? _database;

    private protected override async Task<ArtifactsGarden> StartAsync(params (string, string)[] settings) =>
        await ArtifactsGarden.StartAsync(_database = await TestDatabase.CreateAsync(), settings: settings);

    public ValueTask DisposeAsync() => _database?.DisposeAsync() ?? ValueTask.CompletedTask;
}
