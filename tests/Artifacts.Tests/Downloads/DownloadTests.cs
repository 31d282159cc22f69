using System.Net;
using System.Text;
using Google.Protobuf;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Artifacts.Downloads;
using ModelGarden.Artifacts.Files;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;
using ModelGarden.Testing;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Downloads;

public sealed class DownloadTests : IAsyncLifetime
{
    private const int Length = 1_000_003;
    private static readonly byte[] File = Bytes(Length);
    private static readonly string Etag = $"\"{Sha256Digest.Of(File)}\"";
    private ArtifactsGarden _garden = null!;
    private string _url = "";

    public async ValueTask InitializeAsync()
    {
        _garden = await StartAsync();
        await _garden.UploadAsync(File);
        _url = await _garden.SignAsync(File, name: "models/größe \"1\".bin");
    }

    public ValueTask DisposeAsync() => _garden.DisposeAsync();

    [Fact]
    public async Task Get_Whole_BytesAndHeaders()
    {
        using var response = await _garden.GetAsync(_url);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal((Etag, (long?)Length, "bytes"), (response.Headers.ETag!.Tag, response.Content.Headers.ContentLength, response.Headers.AcceptRanges.Single()));
        Assert.True(response.Headers.CacheControl!.Private);
        Assert.Contains("immutable", response.Headers.CacheControl.ToString(), StringComparison.Ordinal);
        Assert.Equal(
            "attachment; filename=\"gr__e _1_.bin\"; filename*=UTF-8''gr%C3%B6%C3%9Fe%20%221%22.bin",
            response.Content.Headers.NonValidated["Content-Disposition"].ToString());
        Assert.Equal(File, await response.Content.ReadAsByteArrayAsync(Cancel));
    }

    [Fact]
    public async Task Head_Whole_HeadersAlone()
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, _url);
        request.Headers.Range = new(0, 5);

        using var response = await _garden.Http.SendAsync(request, Cancel);

        Assert.Equal((HttpStatusCode.OK, (long?)Length, Etag), (response.StatusCode, response.Content.Headers.ContentLength, response.Headers.ETag!.Tag));
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(Cancel));
    }

    [Theory]
    [InlineData("bytes=0-0", 0, 0)]
    [InlineData("bytes=100-299999", 100, 299_999)]
    [InlineData("bytes=262143-262144", 262_143, 262_144)]
    [InlineData("bytes=1000002-", Length - 1, Length - 1)]
    [InlineData("bytes=500000-9999999", 500_000, Length - 1)]
    [InlineData("bytes=-7", Length - 7, Length - 1)]
    [InlineData("bytes=0-", 0, Length - 1)]
    public async Task Get_Range_ThoseBytes(string range, int first, int last)
    {
        using var response = await _garden.GetAsync(_url, ("Range", range));

        Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        Assert.Equal($"bytes {first}-{last}/{Length}", response.Content.Headers.ContentRange!.ToString());
        Assert.Equal(File[first..(last + 1)], await response.Content.ReadAsByteArrayAsync(Cancel));
    }

    [Fact]
    public async Task Get_RandomRanges_ThoseBytes()
    {
        var random = new Random(7);
        for (var i = 0; i < 50; i++)
        {
            var first = random.Next(Length);
            var last = random.Next(first, Length);
            using var response = await _garden.GetAsync(_url, ("Range", $"bytes={first}-{last}"));
            Assert.Equal(File[first..(last + 1)], await response.Content.ReadAsByteArrayAsync(Cancel));
        }
    }

    [Fact]
    public async Task Get_SeveralRanges_OnePartEach()
    {
        using var response = await _garden.GetAsync(_url, ("Range", "bytes=0-4, 300000-700000, -3, 5000000-"));

        Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        var boundary = response.Content.Headers.ContentType!.Parameters.Single().Value!;
        var body = await response.Content.ReadAsByteArrayAsync(Cancel);
        Assert.Equal(response.Content.Headers.ContentLength, body.Length);
        Assert.Equal(Expected(boundary, (0, 4), (300_000, 700_000), (Length - 3, Length - 1)), body);
    }

    [Theory]
    [InlineData("bytes=1000003-")]
    [InlineData("bytes=-0")]
    [InlineData("bytes=2000000-2000001,3000000-")]
    public async Task Get_RangeBeyondTheEnd_416WithTheLength(string range)
    {
        using var response = await _garden.GetAsync(_url, ("Range", range));

        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, response.StatusCode);
        Assert.Equal($"bytes */{Length}", response.Content.Headers.ContentRange!.ToString());
    }

    [Fact]
    public async Task Get_IfRange_RangeOfTheSameBytesOnly()
    {
        using var same = await _garden.GetAsync(_url, ("Range", "bytes=0-1"), ("If-Range", Etag));
        using var other = await _garden.GetAsync(_url, ("Range", "bytes=0-1"), ("If-Range", "\"other\""));
        using var weak = await _garden.GetAsync(_url, ("Range", "bytes=0-1"), ("If-Range", $"W/{Etag}"));
        using var date = await _garden.GetAsync(_url, ("Range", "bytes=0-1"), ("If-Range", "Sat, 21 Nov 2026 00:00:00 GMT"));

        Assert.Equal(HttpStatusCode.PartialContent, same.StatusCode);
        Assert.All([other, weak, date], response => Assert.Equal((HttpStatusCode.OK, (long?)Length), (response.StatusCode, response.Content.Headers.ContentLength)));
    }

    [Fact]
    public async Task Get_IfNoneMatchAndIfMatch_AreKept()
    {
        using var known = await _garden.GetAsync(_url, ("If-None-Match", $"\"x\", W/{Etag}"));
        using var any = await _garden.GetAsync(_url, ("If-None-Match", "*"));
        using var unknown = await _garden.GetAsync(_url, ("If-None-Match", "\"x\""));
        using var failed = await _garden.GetAsync(_url, ("If-Match", "\"x\""));
        using var matched = await _garden.GetAsync(_url, ("If-Match", Etag));

        Assert.Equal((HttpStatusCode.NotModified, HttpStatusCode.NotModified, HttpStatusCode.OK), (known.StatusCode, any.StatusCode, unknown.StatusCode));
        Assert.Equal((HttpStatusCode.PreconditionFailed, HttpStatusCode.OK), (failed.StatusCode, matched.StatusCode));
        Assert.Equal(Etag, known.Headers.ETag!.Tag);
    }

    [Fact]
    public async Task Get_EmptyFile_Nothing()
    {
        await _garden.UploadAsync([]);
        var url = await _garden.SignAsync([]);

        using var whole = await _garden.GetAsync(url);
        using var range = await _garden.GetAsync(url, ("Range", "bytes=0-0"));

        Assert.Equal((HttpStatusCode.OK, (long?)0), (whole.StatusCode, whole.Content.Headers.ContentLength));
        Assert.Equal("bytes */0", range.Content.Headers.ContentRange!.ToString());
    }

    [Fact]
    public async Task Get_ByManyAtOnce_EachGetsAll()
    {
        var bodies = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => _garden.Http.GetByteArrayAsync(_url, Cancel)));

        Assert.All(bodies, body => Assert.Equal(File, body));
    }

    private static byte[] Expected(string boundary, params (int First, int Last)[] ranges)
    {
        var expected = new MemoryStream();
        foreach (var (first, last) in ranges)
        {
            expected.Write(Encoding.ASCII.GetBytes($"\r\n--{boundary}\r\nContent-Type: application/octet-stream\r\nContent-Range: bytes {first}-{last}/{Length}\r\n\r\n"));
            expected.Write(File.AsSpan(first, last - first + 1));
        }

        expected.Write(Encoding.ASCII.GetBytes($"\r\n--{boundary}--\r\n"));
        return expected.ToArray();
    }

    /// <summary>URLs are good for a day, what is known of a file may change within.</summary>
    [Fact]
    public async Task Get_OfAFileThatWasFoundMaliciousSince_IsForReviewersOnly()
    {
        var clock = new ManualClock();
        await using var garden = await StartAsync(clock: clock);
        await garden.UploadAsync(File);
        var (url, reviewers) = (await garden.SignAsync(Sha256Digest.Of(File).Hex, allowUnclean: false), await garden.SignAsync(File));
        using var before = await garden.GetAsync(url);
        Assert.Equal(HttpStatusCode.OK, before.StatusCode);

        await FindMaliciousAsync(garden);
        clock.Advance(DownloadGate.KeptFor);

        await RefusedAsync(HttpStatusCode.Forbidden, "FILE_NOT_CLEAN", await garden.GetAsync(url, ("Range", "bytes=0-9")));
        Assert.Equal(File, await garden.Http.GetByteArrayAsync(reviewers, Cancel));
        using var other = await garden.GetAsync(url.Replace("/files/", "/files/any/", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.Forbidden, other.StatusCode);
    }

    private static async Task FindMaliciousAsync(ArtifactsGarden garden)
    {
        await using var context = await garden.Part<IDbContextFactory<ArtifactsDbContext>>().CreateDbContextAsync(Cancel);
        var file = (await context.Files.SingleAsync(Cancel)).ToStoredFile();
        file.Verdict = Verdict.Malicious;
        await context.Files.ExecuteUpdateAsync(row => row.SetProperty(found => found.Verdict, Verdict.Malicious).SetProperty(found => found.Report, file.ToByteArray()), Cancel);
    }
}
