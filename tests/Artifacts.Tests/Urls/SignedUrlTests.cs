using System.Net;
using System.Text.RegularExpressions;
using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;
using ModelGarden.Testing;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Urls;

public sealed partial class SignedUrlTests : IAsyncLifetime
{
    private static readonly byte[] File = Bytes(100);
    private static readonly byte[] Other = Bytes(100, seed: 2);
    private readonly ManualClock _clock = new();
    private ArtifactsGarden _garden = null!;

    public async ValueTask InitializeAsync()
    {
        _garden = await StartAsync(clock: _clock);
        await _garden.UploadAsync(File);
        await _garden.UploadAsync(Other);
    }

    public ValueTask DisposeAsync() => _garden.DisposeAsync();

    [Fact]
    public async Task Download_EveryParameterTampered_Refused()
    {
        var url = await _garden.SignAsync(File, name: "a.bin");
        using var used = await _garden.GetAsync(url);

        foreach (var tampered in Tampered(url))
        {
            await RefusedAsync(HttpStatusCode.Forbidden, "BAD_SIGNATURE", await _garden.GetAsync(tampered));
        }

        using var untouched = await _garden.GetAsync($"{url}&unsigned=1");
        Assert.Equal(HttpStatusCode.OK, untouched.StatusCode);
    }

    [Fact]
    public async Task Download_FieldsShiftedIntoEachOther_Refused()
    {
        var url = await _garden.SignAsync(File, name: "a.bin");

        await RefusedAsync(HttpStatusCode.Forbidden, "BAD_SIGNATURE", await _garden.GetAsync(url.Replace("tenant=acme", "tenant=acme%0A999", StringComparison.Ordinal)));
        await RefusedAsync(HttpStatusCode.Forbidden, "BAD_SIGNATURE", await _garden.GetAsync($"{url}&tenant=globex"));
        await RefusedAsync(HttpStatusCode.Forbidden, "BAD_SIGNATURE", await _garden.GetAsync(url.Split('?')[0]));
    }

    [Fact]
    public async Task Download_UrlOfAnotherFile_Refused()
    {
        var url = await _garden.SignAsync(File);

        var stolen = url.Replace(Sha256Digest.Of(File).Hex, Sha256Digest.Of(Other).Hex, StringComparison.Ordinal);

        await RefusedAsync(HttpStatusCode.Forbidden, "BAD_SIGNATURE", await _garden.GetAsync(stolen));
    }

    [Fact]
    public async Task Upload_EveryParameterTampered_Refused()
    {
        var bytes = Bytes(2 * PartSize, seed: 3);
        var single = await _garden.PrepareAsync(Bytes(50, seed: 4));
        var multipart = await _garden.PrepareAsync(bytes, multipart: true);

        foreach (var tampered in Tampered(single.Url))
        {
            await RefusedAsync(HttpStatusCode.Forbidden, "BAD_SIGNATURE", await _garden.PutAsync(tampered, Bytes(50, seed: 4)));
        }

        foreach (var tampered in Tampered(multipart.PartUrls[0]).Append(multipart.PartUrls[0].Replace("/parts/1?", "/parts/2?", StringComparison.Ordinal)))
        {
            await RefusedAsync(HttpStatusCode.Forbidden, "BAD_SIGNATURE", await _garden.PutAsync(tampered, bytes.AsMemory(0, PartSize)));
        }

        foreach (var tampered in Tampered(multipart.CompletionUrl))
        {
            await RefusedAsync(HttpStatusCode.Forbidden, "BAD_SIGNATURE", await _garden.Http.PostAsync(tampered, new StringContent("{}"), Cancel));
        }
    }

    [Fact]
    public async Task Url_OfOneUse_NotForAnother()
    {
        var single = await _garden.PrepareAsync(Bytes(50, seed: 4));
        var multipart = await _garden.PrepareAsync(Bytes(2 * PartSize, seed: 3), multipart: true);
        var query = single.Url.Split('?')[1];

        await RefusedAsync(HttpStatusCode.Forbidden, "BAD_SIGNATURE", await _garden.GetAsync($"/garden/v1/files/{Sha256Digest.Of(File)}?{query}"));
        await RefusedAsync(HttpStatusCode.Forbidden, "BAD_SIGNATURE", await _garden.PutAsync($"{single.Url.Split('?')[0]}/parts/1?{query}", File));
        await RefusedAsync(HttpStatusCode.Forbidden, "BAD_SIGNATURE", await _garden.PutAsync($"{multipart.CompletionUrl.Replace("/complete", "", StringComparison.Ordinal)}", File));
        using var wrongMethod = await _garden.PutAsync(await _garden.SignAsync(File), File);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, wrongMethod.StatusCode);
    }

    [Fact]
    public async Task Download_AfterItsLifetime_Expired()
    {
        var url = await _garden.SignAsync(File, lifetime: 60);

        _clock.Advance(TimeSpan.FromSeconds(58));
        using var before = await _garden.GetAsync(url);
        _clock.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        await RefusedAsync(HttpStatusCode.Forbidden, "URL_EXPIRED", await _garden.GetAsync(url));
        await RefusedAsync(HttpStatusCode.Forbidden, "BAD_SIGNATURE", await _garden.GetAsync(Later().Replace(url, "expires=9999999999")));
    }

    [Fact]
    public async Task Upload_AfterItsLifetime_Expired()
    {
        await using var garden = await StartAsync(clock: _clock, settings: [("Artifacts:UploadLifetime", "00:01:00")]);
        var upload = await garden.PrepareAsync(File);

        _clock.Advance(TimeSpan.FromSeconds(61));

        await RefusedAsync(HttpStatusCode.Forbidden, "URL_EXPIRED", await garden.PutAsync(upload.Url, File));
        Assert.Empty(garden.StoredPaths());
    }

    [Fact]
    public async Task Sign_BadRequests_EachRefusedByItsReason()
    {
        var sha256 = Sha256Digest.Of(File).Hex;

        await FailsAsync(StatusCode.InvalidArgument, "BAD_DIGEST", new() { Sha256 = "../x" });
        await FailsAsync(StatusCode.InvalidArgument, "BAD_LIFETIME", new() { Sha256 = sha256, LifetimeSeconds = 86_401 });
        await FailsAsync(StatusCode.InvalidArgument, "BAD_LIFETIME", new() { Sha256 = sha256, LifetimeSeconds = -1 });
        await FailsAsync(StatusCode.InvalidArgument, "BAD_FILE_NAME", new() { Sha256 = sha256, FileName = "a\r\nSet-Cookie: x" });
        await FailsAsync(StatusCode.NotFound, "FILE_NOT_FOUND", new() { Sha256 = Sha256Digest.Of("?"u8).Hex });
        await FailsAsync(StatusCode.PermissionDenied, "SERVICES_ONLY", new() { Sha256 = sha256 }, People.Operator);
    }

    /// <summary>The URL with each of its parts changed a little, alone.</summary>
    private static IEnumerable<string> Tampered(string url)
    {
        foreach (var value in QueryValue().Matches(url).Select(match => match.Groups[1]))
        {
            var changed = value.Value[..^1] + (value.Value[^1] is '1' ? '2' : '1');
            yield return $"{url[..value.Index]}{changed}{url[(value.Index + value.Length)..]}";
            yield return $"{url[..value.Index]}{url[(value.Index + value.Length)..]}";
        }

        var last = url.IndexOf('?', StringComparison.Ordinal) - 1;
        if (char.IsAsciiHexDigit(url[last]) && !url.Contains("/complete", StringComparison.Ordinal))
        {
            yield return $"{url[..last]}{(url[last] is '1' ? '2' : '1')}{url[(last + 1)..]}";
        }
    }

    private async Task FailsAsync(StatusCode status, string reason, SignDownloadRequest request, Principal? caller = null)
    {
        var client = _garden.As(caller ?? People.Service("hub"));
        var failure = await Assert.ThrowsAsync<RpcException>(async () => await client.SignDownloadAsync(request, cancellationToken: Cancel));
        Assert.Equal((status, reason), (failure.StatusCode, failure.Trailers.GetValue("garden-reason")));
    }

    [GeneratedRegex("[?&][a-z]+=([^&]*)")]
    private static partial Regex QueryValue();

    [GeneratedRegex("expires=[0-9]+")]
    private static partial Regex Later();
}
