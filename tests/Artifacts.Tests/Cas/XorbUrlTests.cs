using System.Net;
using ModelGarden.Hosting;
using ModelGarden.Testing;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Cas;

/// <summary>URLs of ranges of xorbs: good for those ranges and their parts, of that xorb, for an hour.</summary>
public sealed class XorbUrlTests : IAsyncLifetime
{
    private static readonly TestXorb Xorb = TestXorb.Any(1, count: 9);
    private static readonly TestXorb Other = TestXorb.Any(2, count: 9);
    private static readonly TestFile File = TestFile.Of((Xorb, 1, 3), (Xorb, 5, 7));
    private readonly ManualClock _clock = new();
    private CasGarden _garden = null!;
    private string _url = "";
    private (int Start, int End)[] _ranges = [];

    public async ValueTask InitializeAsync()
    {
        _garden = await CasGarden.StartAsync(clock: _clock);
        await _garden.UploadAsync(Other);
        await _garden.StoreAsync(File, Xorb);
        var entry = Assert.Single((await CasGarden.JsonAsync(await _garden.GetAsync($"/v2/reconstructions/{File.Hash}")))["xorbs"]![$"{Xorb.Hash}"]!.AsArray())!;
        _url = (string)entry["url"]!;
        _ranges = [.. entry["ranges"]!.AsArray().Select(range => ((int)range!["bytes"]!["start"]!, (int)range["bytes"]!["end"]!))];
        Assert.Equal([(Xorb.Index.Start(1), Xorb.Index.Start(3) - 1), (Xorb.Index.Start(5), Xorb.Index.Start(7) - 1)], _ranges);
    }

    public ValueTask DisposeAsync() => _garden.DisposeAsync();

    [Fact]
    public async Task Get_EachRangeAloneAndInParts_ThoseBytes()
    {
        foreach (var (start, end) in _ranges)
        {
            foreach (var (first, last) in new[] { (start, end), (start, start), (end, end), (start + 10, end - 10) })
            {
                using var response = await _garden.FetchAsync(_url, $"bytes={first}-{last}");
                Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
                Assert.Equal($"bytes {first}-{last}/{Xorb.Body.Length}", response.Content.Headers.ContentRange!.ToString());
                Assert.Equal(Xorb.Body[first..(last + 1)], await response.Content.ReadAsByteArrayAsync(Cancel));
            }
        }
    }

    [Fact]
    public async Task Get_AllRanges_APartEach()
    {
        using var asked = await _garden.FetchAsync(_url, $"bytes={_ranges[0].Start}-{_ranges[0].End},{_ranges[1].Start}-{_ranges[1].End}");
        using var bare = await _garden.FetchAsync(_url);

        foreach (var response in new[] { asked, bare })
        {
            Assert.Equal((HttpStatusCode.PartialContent, "multipart/byteranges"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
            Assert.Equal(_ranges.Select(range => Xorb.Body[range.Start..(range.End + 1)]), await Reassembly.PartsAsync(response));
        }
    }

    [Fact]
    public async Task Get_BytesThatTheUrlHasNot_403()
    {
        var ((first, last), (second, end)) = (_ranges[0], _ranges[1]);
        string[] ranges =
        [
            $"bytes={first - 1}-{last}", $"bytes={first}-{last + 1}", $"bytes={last + 1}-{second - 1}", $"bytes={first}-{end}", $"bytes={end + 1}-", "bytes=0-0", "bytes=-1", "bytes=0-",
            $"bytes={first}-{last},0-0", "bytes=x", $"bytes={Xorb.Body.Length}-",
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
            _url.Replace($"{Xorb.Hash}", $"{Other.Hash}", StringComparison.Ordinal),
            _url.Replace($"/{_ranges[0].Start}-", "/0-", StringComparison.Ordinal),
            _url.Replace($",{_ranges[1].Start}-{_ranges[1].End}", "", StringComparison.Ordinal),
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
            using var response = await _garden.FetchAsync(url, $"bytes={_ranges[0].Start}-{_ranges[0].End}");
            Assert.Equal((HttpStatusCode.Forbidden, "BAD_SIGNATURE", url), (response.StatusCode, response.Headers.GetValues("X-Error-Code").Single(), url));
        }
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
            var (start, end) = _ranges[n % 2];
            using var response = await _garden.FetchAsync(_url, $"bytes={start}-{end}");
            return (Expected: Xorb.Body[start..(end + 1)], Got: await response.Content.ReadAsByteArrayAsync(Cancel));
        }));

        Assert.All(bodies, body => Assert.Equal(body.Expected, body.Got));
    }

    /// <summary>With a token of now, as the Gateway sends one.</summary>
    private async Task<HttpResponseMessage> FetchLaterAsync()
    {
        using var http = _garden.Garden.Garden.Http(ServiceNames.Artifacts, People.Anonymous);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_url).PathAndQuery);
        request.Headers.Range = new(_ranges[0].Start, _ranges[0].End);
        return await http.SendAsync(request, Cancel);
    }

    /// <summary>A signature of another use of URLs.</summary>
    private async Task<string> DownloadUrlWithThisPathAsync() =>
        $"{new Uri(_url).GetLeftPart(UriPartial.Path)}{new Uri("https://garden.test" + await _garden.Garden.SignAsync(File.Bytes)).Query}";
}
