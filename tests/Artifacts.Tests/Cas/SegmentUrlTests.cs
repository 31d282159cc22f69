using System.Net;
using Google.Protobuf;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Artifacts.Files;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Testing;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Cas;

/// <summary>URLs of ranges of segments: good for that range and its parts, of that file as long as it may be read, for an hour.</summary>
public sealed class SegmentUrlTests : IAsyncLifetime
{
    private static readonly TestXorb Xorb = TestXorb.Any(1, count: 9);
    private static readonly TestFile File = TestFile.Of((Xorb, 1, 3), (Xorb, 5, 9), (Xorb, 0, 3));
    private static readonly TestFile Other = TestFile.Of((Xorb, 1, 3), (Xorb, 5, 9), (Xorb, 0, 4));
    private static readonly byte[] Whole = File.Sent(0, 9);
    private readonly ManualClock _clock = new();
    private CasGarden _garden = null!;
    private string _url = "";
    private int _start;
    private int _end;

    public async ValueTask InitializeAsync()
    {
        _garden = await CasGarden.StartAsync(clock: _clock);
        await _garden.StoreAsync(Other, Xorb);
        await _garden.StoreAsync(File, Xorb);
        _url = await UrlAsync(allowUnclean: false);
        (_start, _end) = (File.Sent(0, 1).Length, File.Sent(0, 7).Length - 1);
    }

    public ValueTask DisposeAsync() => _garden.DisposeAsync();

    [Fact]
    public async Task Get_AnyPartOfTheRange_ThoseBytes()
    {
        var random = new Random(1);
        var parts = Enumerable.Range(0, 50).Select(_ => random.Next(_start, _end)).Select(first => (first, random.Next(first, _end + 1)));
        foreach (var (first, last) in parts.Append((_start, _end)).Append((_start, _start)).Append((_end, _end)))
        {
            using var response = await _garden.FetchAsync(_url, $"bytes={first}-{last}");
            Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
            Assert.Equal($"bytes {first}-{last}/{Whole.Length}", response.Content.Headers.ContentRange!.ToString());
            Assert.Equal(Whole[first..(last + 1)], await response.Content.ReadAsByteArrayAsync(Cancel));
        }
    }

    [Fact]
    public async Task Get_SeveralParts_APartEachAndAllOfTheRangeWhereNoneIsNamed()
    {
        using var asked = await _garden.FetchAsync(_url, $"bytes={_start}-{_start + 99},{_end - 9}-{_end}");
        using var bare = await _garden.FetchAsync(_url);

        Assert.Equal((HttpStatusCode.PartialContent, "multipart/byteranges"), (asked.StatusCode, asked.Content.Headers.ContentType!.MediaType));
        Assert.Equal([Whole[_start..(_start + 100)], Whole[(_end - 9)..(_end + 1)]], await Reassembly.PartsAsync(asked));
        Assert.Equal(HttpStatusCode.PartialContent, bare.StatusCode);
        Assert.Equal(Whole[_start..(_end + 1)], await bare.Content.ReadAsByteArrayAsync(Cancel));
    }

    [Fact]
    public async Task Get_BytesThatTheUrlHasNot_403()
    {
        string[] ranges =
        [
            $"bytes={_start - 1}-{_end}", $"bytes={_start}-{_end + 1}", $"bytes={_end + 1}-", "bytes=0-0", "bytes=-1", "bytes=0-", $"bytes={_start}-{_end},0-0", "bytes=x", $"bytes={Whole.Length}-",
        ];
        foreach (var range in ranges)
        {
            using var response = await _garden.FetchAsync(_url, range);
            Assert.Equal((HttpStatusCode.Forbidden, "RANGE_NOT_ALLOWED", range), (response.StatusCode, response.Headers.GetValues("X-Error-Code").Single(), range));
        }
    }

    [Fact]
    public async Task Get_UrlThatWasChanged_403()
    {
        var sig = _url[(_url.IndexOf("sig=", StringComparison.Ordinal) + 4)..];
        string[] urls =
        [
            _url.Replace(File.Hash, Other.Hash, StringComparison.Ordinal),
            _url.Replace($"/0/{_start}-", "/0/0-", StringComparison.Ordinal),
            _url.Replace($"/0/{_start}-", $"/1/{_start}-", StringComparison.Ordinal),
            _url.Replace("/clean/", "/any/", StringComparison.Ordinal),
            _url.Replace("tenant=acme", "tenant=other", StringComparison.Ordinal),
            _url.Replace("expires=1", "expires=2", StringComparison.Ordinal),
            _url.Replace("expires=", "expires=x", StringComparison.Ordinal),
            _url.Replace($"&sig={sig}", "", StringComparison.Ordinal),
            _url[..^1] + (_url[^1] is 'A' ? 'E' : 'A'),
            _url + "&sig=" + sig,
            await DownloadUrlWithThisPathAsync(),
        ];
        foreach (var url in urls)
        {
            using var response = await _garden.FetchAsync(url, $"bytes={_start}-{_end}");
            Assert.Equal((HttpStatusCode.Forbidden, "BAD_SIGNATURE", url), (response.StatusCode, response.Headers.GetValues("X-Error-Code").Single(), url));
        }
    }

    [Fact]
    public async Task Get_OfAFileThatWasFoundMaliciousSince_OnlyByReviewers()
    {
        var reviewers = await UrlAsync(allowUnclean: true);
        await using (var rows = await _garden.Garden.Part<IDbContextFactory<ArtifactsDbContext>>().CreateDbContextAsync(Cancel))
        {
            var row = await rows.Files.SingleAsync(file => file.Sha256 == File.Claim.Sha256!.Value.Hex, Cancel);
            var found = row.ToStoredFile();
            found.Verdict = Verdict.Malicious;
            var report = found.ToByteArray();
            await rows.Files.Where(file => file.Sha256 == row.Sha256)
                .ExecuteUpdateAsync(file => file.SetProperty(one => one.Verdict, Verdict.Malicious).SetProperty(one => one.Report, report), Cancel);
        }

        await RefusedAsync(HttpStatusCode.Forbidden, "FILE_NOT_CLEAN", await _garden.FetchAsync(_url, $"bytes={_start}-{_end}"));
        using var response = await _garden.FetchAsync(reviewers, $"bytes={_start}-{_end}");
        Assert.Equal(Whole[_start..(_end + 1)], await response.Content.ReadAsByteArrayAsync(Cancel));
    }

    [Fact]
    public async Task Get_AfterAnHour_403()
    {
        _clock.Advance(TimeSpan.FromMinutes(59));
        using var before = await FetchLaterAsync();
        Assert.Equal(HttpStatusCode.PartialContent, before.StatusCode);

        _clock.Advance(TimeSpan.FromMinutes(2));

        await RefusedAsync(HttpStatusCode.Forbidden, "URL_EXPIRED", await FetchLaterAsync());
    }

    [Theory]
    [InlineData("HEAD")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task Request_ByAnotherMethod_404(string method)
    {
        using var request = new HttpRequestMessage(new(method), new Uri(_url).PathAndQuery);
        using var response = await _garden.Garden.Http.SendAsync(request, Cancel);

        Assert.Equal((HttpStatusCode.NotFound, "NOT_SERVED"), (response.StatusCode, response.Headers.GetValues("X-Error-Code").Single()));
    }

    [Fact]
    public async Task Get_ByManyAtOnce_EachGetsItsBytes()
    {
        var bodies = await Task.WhenAll(Enumerable.Range(0, 16).Select(async n =>
        {
            using var response = await _garden.FetchAsync(_url, $"bytes={_start + n}-{_end - n}");
            return (Expected: Whole[(_start + n)..(_end - n + 1)], Got: await response.Content.ReadAsByteArrayAsync(Cancel));
        }));

        Assert.All(bodies, body => Assert.Equal(body.Expected, body.Got));
    }

    /// <summary>Of chunks 1 to 6.</summary>
    private async Task<string> UrlAsync(bool allowUnclean)
    {
        var range = $"bytes={File.Chunks[0].Length + 1}-{File.Chunks.Take(7).Sum(chunk => chunk.Length) - 1}";
        var token = await _garden.TokenAsync(write: false, allowUnclean: allowUnclean);
        var answer = await CasGarden.JsonAsync(await _garden.SendAsync(HttpMethod.Get, $"/v2/reconstructions/{File.Hash}", token, null, ("Range", range)));
        return (string)Assert.Single(Assert.Single(answer["xorbs"]!.AsObject()).Value!.AsArray())!["url"]!;
    }

    /// <summary>With a token of now, as the Gateway sends one.</summary>
    private async Task<HttpResponseMessage> FetchLaterAsync()
    {
        using var http = _garden.Garden.Garden.Http(ServiceNames.Artifacts, People.Anonymous);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_url).PathAndQuery);
        request.Headers.Range = new(_start, _end);
        return await http.SendAsync(request, Cancel);
    }

    /// <summary>A signature of another use of URLs.</summary>
    private async Task<string> DownloadUrlWithThisPathAsync() =>
        $"{new Uri(_url).GetLeftPart(UriPartial.Path)}{new Uri("https://garden.test" + await _garden.Garden.SignAsync(File.Bytes)).Query}";
}
