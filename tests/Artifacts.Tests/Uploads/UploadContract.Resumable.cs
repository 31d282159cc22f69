using System.Net;
using ModelGarden.Artifacts.Uploads;
using ModelGarden.Kernel;
using ModelGarden.Testing;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Uploads;

/// <summary>Uploads part after part on one URL.</summary>
public abstract partial class UploadContract
{
    [Fact]
    public async Task Append_PartAfterPart_TellsHowFarItIsAndIsStored()
    {
        await using var garden = await StartAsync();
        var bytes = Bytes((2 * PartSize) + 17);
        var upload = await garden.PrepareResumableAsync(bytes);
        Assert.Equal((PartSize, 0, "", ""), (upload.PartSize, upload.PartUrls.Count, upload.Url, upload.CompletionUrl));

        Assert.Equal((0, false), await garden.ProgressAsync(upload));
        for (var offset = 0; offset < 2 * PartSize; offset += PartSize)
        {
            using var part = await garden.AppendAsync(upload, bytes, offset);
            Assert.Equal((HttpStatusCode.NoContent, (offset + PartSize, false)), (part.StatusCode, ProgressOf(part)));
            Assert.Equal((offset + PartSize, false), await garden.ProgressAsync(upload));
        }

        using var last = await garden.AppendAsync(upload, bytes, 2 * PartSize);
        using var again = await garden.AppendAsync(upload, bytes, 2 * PartSize);

        Assert.Equal((HttpStatusCode.OK, $"\"{Sha256Digest.Of(bytes).Hex}\"", (bytes.Length, true)), (last.StatusCode, last.Headers.ETag?.ToString(), ProgressOf(last)));
        Assert.Equal((last.StatusCode, last.Headers.ETag), (again.StatusCode, again.Headers.ETag));
        Assert.Equal((bytes.Length, true), await garden.ProgressAsync(upload));
        Assert.Equal(bytes, await garden.Http.GetByteArrayAsync(await garden.SignAsync(bytes), Cancel));
        Assert.Single(garden.StoredPaths());
        Assert.True((await garden.PrepareResumableAsync(bytes)).Stored);
    }

    [Fact]
    public async Task Head_OfAnUpload_TellsItsLengthAndLimits()
    {
        await using var garden = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Head, (await garden.PrepareResumableAsync(Bytes(3 * PartSize))).AppendUrl);

        using var response = await garden.Http.SendAsync(request, Cancel);

        Assert.Equal(
            ($"{3 * PartSize}", $"min-append-size={PartSize}, max-append-size={PartSize}", true),
            (response.Headers.GetValues("Upload-Length").Single(), response.Headers.GetValues("Upload-Limit").Single(), response.Headers.CacheControl?.NoStore));
    }

    [Fact]
    public async Task Append_AfterARestart_GoesOnWithoutRememberingAnything()
    {
        await using var garden = await StartAsync();
        var bytes = Bytes(2 * PartSize);
        using var first = await garden.AppendAsync(await garden.PrepareResumableAsync(bytes), bytes, 0);

        await garden.RestartAsync();
        var resumed = await garden.PrepareResumableAsync(bytes);

        Assert.Equal((PartSize, false), await garden.ProgressAsync(resumed));
        using var second = await garden.AppendAsync(resumed, bytes, PartSize);
        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(PartSize + 1)]
    [InlineData(2 * PartSize)]
    public async Task Append_AtAnotherOffset_409WithTheRightOne(int offset)
    {
        await using var garden = await StartAsync();
        var bytes = Bytes(3 * PartSize);
        var upload = await garden.PrepareResumableAsync(bytes);
        using var first = await garden.AppendAsync(upload, bytes, 0);

        using var refused = await garden.AppendAsync(upload, bytes, offset);

        Assert.Equal((PartSize, false), ProgressOf(refused));
        await RefusedAsync(HttpStatusCode.Conflict, "OFFSET_MISMATCH", refused);
        Assert.Single(garden.StoredPaths());
    }

    [Fact]
    public async Task Append_BadRequests_EachRefusedByItsReasonAndNothingKept()
    {
        await using var garden = await StartAsync();
        var bytes = Bytes((2 * PartSize) + 1);
        var url = (await garden.PrepareResumableAsync(bytes)).AppendUrl;
        var (part, digest) = (bytes[..PartSize], Sha256Digest.Of(bytes.AsSpan(0, PartSize)));

        await RefusedAsync(HttpStatusCode.BadRequest, "DIGEST_MISSING", await garden.AppendAsync(url, 0, false, null, new ByteArrayContent(part)));
        await RefusedAsync(HttpStatusCode.BadRequest, "DIGEST_MISMATCH", await garden.AppendAsync(url, 0, false, Sha256Digest.Of(bytes), new ByteArrayContent(part)));
        await RefusedAsync(HttpStatusCode.BadRequest, "WRONG_LENGTH", await garden.AppendAsync(url, 0, false, digest, new ByteArrayContent(bytes)));
        await RefusedAsync(HttpStatusCode.BadRequest, "WRONG_LENGTH", await garden.AppendAsync(url, 0, false, digest, new StreamContent(new UnknownLength(bytes))));
        await RefusedAsync(HttpStatusCode.BadRequest, "WRONG_LENGTH", await garden.AppendAsync(url, 0, false, digest, new StreamContent(new UnknownLength(bytes[..10]))));
        await RefusedAsync(HttpStatusCode.BadRequest, "NOT_THE_END", await garden.AppendAsync(url, 0, true, digest, new ByteArrayContent(part)));
        foreach (var (header, value) in new[] { ("Upload-Offset", "-1"), ("Upload-Offset", "x"), ("Upload-Complete", "1"), ("Upload-Complete", "?2"), ("Content-Type", "text/plain") })
        {
            await RefusedAsync(HttpStatusCode.BadRequest, "BAD_APPEND", await SpoilAsync(garden, url, header, value));
        }

        foreach (var value in new[] { "sha-256=:AAAA:", "sha-256=x", "md5=:AAAA:", "sha-256=:", new string(',', 5000) })
        {
            await RefusedAsync(HttpStatusCode.BadRequest, "DIGEST_MISSING", await SpoilAsync(garden, url, "Content-Digest", value));
        }

        Assert.Empty(garden.StoredPaths());
    }

    [Fact]
    public async Task Append_PartsThatAreNotTheFile_RefusedAtTheEndAndBegunAnew()
    {
        await using var garden = await StartAsync();
        var (bytes, other) = (Bytes(2 * PartSize), Bytes(2 * PartSize, seed: 2));
        var upload = await garden.PrepareResumableAsync(bytes);
        using var wrong = await garden.AppendAsync(upload, other, 0);

        using var refused = await garden.AppendAsync(upload, bytes, PartSize);

        Assert.Equal("?1", refused.Headers.GetValues("Upload-Complete").Single());
        await RefusedAsync(HttpStatusCode.BadRequest, "WRONG_BYTES", refused);
        Assert.Empty(garden.StoredPaths());
        Assert.Equal((0, false), await garden.ProgressAsync(upload));
        using var first = await garden.AppendAsync(upload, bytes, 0);
        using var second = await garden.AppendAsync(upload, bytes, PartSize);
        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
    }

    [Fact]
    public async Task Append_SamePartByTwoSendersAtOnce_OneWinsAndTheOtherIsToldWhereToGoOn()
    {
        await using var garden = await StartAsync();
        var (bytes, other) = (Bytes(2 * PartSize), Bytes(PartSize, seed: 2));
        var upload = await garden.PrepareResumableAsync(bytes);
        var goOn = new TaskCompletionSource();
        using var slow = new HalvedContent(other, goOn.Task);
        var slower = garden.AppendAsync(upload.AppendUrl, 0, false, Sha256Digest.Of(other), slow);
        await slow.HalfSent.InTimeAsync();

        using var quicker = await garden.AppendAsync(upload, bytes, 0);
        goOn.SetResult();
        using var refused = await slower.InTimeAsync();

        Assert.Equal((HttpStatusCode.NoContent, (PartSize, false)), (quicker.StatusCode, ProgressOf(refused)));
        await RefusedAsync(HttpStatusCode.Conflict, "OFFSET_MISMATCH", refused);
        Assert.Single(garden.StoredPaths());
        using var last = await garden.AppendAsync(upload, bytes, PartSize);
        Assert.Equal(HttpStatusCode.OK, last.StatusCode);
    }

    [Fact]
    public async Task Append_BrokenOffInTheMiddle_LeavesWhatWasAcknowledged()
    {
        await using var garden = await StartAsync();
        var bytes = Bytes(2 * PartSize);
        var upload = await garden.PrepareResumableAsync(bytes);
        using var first = await garden.AppendAsync(upload, bytes, 0);
        var part = bytes[PartSize..];
        using var content = new BreakingContent(part, after: PartSize / 2);

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => garden.AppendAsync(upload.AppendUrl, PartSize, true, Sha256Digest.Of(part), content));

        // The connection is closed by now; stopping the service waits until its request has ended.
        await garden.RestartAsync();
        Assert.Single(garden.StoredPaths());
        Assert.Equal((PartSize, false), await garden.ProgressAsync(upload));
        using var last = await garden.AppendAsync(upload, bytes, PartSize);
        Assert.Equal(HttpStatusCode.OK, last.StatusCode);
    }

    [Fact]
    public async Task Append_ToAnUploadInParts_GoesOnBehindThemAndCompletes()
    {
        await using var garden = await StartAsync();
        var bytes = Bytes(3 * PartSize);
        var listed = await garden.PrepareAsync(bytes, multipart: true);
        await garden.PutPartAsync(listed, bytes, 1);
        await garden.PutPartAsync(listed, bytes, 3);
        var upload = await garden.PrepareResumableAsync(bytes);
        Assert.Equal((PartSize, false), await garden.ProgressAsync(upload));

        using var second = await garden.AppendAsync(upload, bytes, PartSize);
        await RefusedAsync(HttpStatusCode.BadRequest, "WRONG_LENGTH", await garden.AppendAsync(upload.AppendUrl, 3 * PartSize, true, null, new StreamContent(new UnknownLength(bytes))));
        using var end = await garden.AppendAsync(upload.AppendUrl, 3 * PartSize, true, null, new ByteArrayContent([]));

        Assert.Equal((HttpStatusCode.NoContent, (3 * PartSize, false)), (second.StatusCode, ProgressOf(second)));
        Assert.Equal((HttpStatusCode.OK, (3 * PartSize, true)), (end.StatusCode, ProgressOf(end)));
        Assert.Equal(bytes, await garden.Http.GetByteArrayAsync(await garden.SignAsync(bytes), Cancel));
    }

    [Fact]
    public async Task Append_WithAnotherUrl_RefusedAsItsSignatureIsNotForThat()
    {
        await using var garden = await StartAsync();
        var (bytes, small) = (Bytes(2 * PartSize), Bytes(1000));
        var (upload, other, listed) = (await garden.PrepareResumableAsync(bytes), await garden.PrepareResumableAsync(bytes, "globex"), await garden.PrepareAsync(bytes, multipart: true));
        var (path, query) = (upload.AppendUrl.Split('?')[0], other.AppendUrl.Split('?')[1]);
        var whole = await garden.PrepareResumableAsync(small);

        Assert.Equal(("", false), (whole.AppendUrl, whole.Url is ""));
        await RefusedAsync(HttpStatusCode.Forbidden, "BAD_SIGNATURE", await garden.AppendAsync(whole.Url, 0, true, Sha256Digest.Of(small), new ByteArrayContent(small)));
        await RefusedAsync(HttpStatusCode.Forbidden, "BAD_SIGNATURE", await garden.AppendAsync($"{path}?{query}", 0, false, Sha256Digest.Of(small), new ByteArrayContent(small)));
        await RefusedAsync(HttpStatusCode.Forbidden, "BAD_SIGNATURE", await garden.PutAsync(upload.AppendUrl, bytes));
        await RefusedAsync(HttpStatusCode.Forbidden, "BAD_SIGNATURE", await garden.PutAsync($"{path}/parts/1?{upload.AppendUrl.Split('?')[1]}", bytes));
        await RefusedAsync(HttpStatusCode.Forbidden, "BAD_SIGNATURE", await garden.AppendAsync($"{path}?{listed.CompletionUrl.Split('?')[1]}", 0, false, null, new ByteArrayContent(small)));
        Assert.Empty(garden.StoredPaths());
    }

    private static async Task<HttpResponseMessage> SpoilAsync(ArtifactsGarden garden, string url, string header, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, url) { Content = new ByteArrayContent(new byte[PartSize]) };
        foreach (var (name, usual) in new[] { ("Upload-Offset", "0"), ("Upload-Complete", "?0"), ("Content-Type", "application/partial-upload"), ("Content-Digest", "sha-256=:AAAA:") })
        {
            var said = name == header ? value : usual;
            Assert.True(request.Headers.TryAddWithoutValidation(name, said) || request.Content.Headers.TryAddWithoutValidation(name, said));
        }

        return await garden.Http.SendAsync(request, Cancel);
    }

    /// <summary>Sent in chunks, without saying how long it is.</summary>
    private sealed class UnknownLength(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
