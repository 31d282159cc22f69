using System.Net;
using ModelGarden.Artifacts.Uploads;
using ModelGarden.Kernel;
using ModelGarden.Testing;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Uploads;

/// <summary>Appends and the time.</summary>
public sealed class AppendTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(62);
    private readonly ManualClock _clock = new();

    [Fact]
    public async Task Append_BodyThatDoesNotCome_RefusedWhenItsTimeIsOver()
    {
        await using var garden = await StartAsync(clock: _clock);
        var bytes = Bytes(2 * PartSize);
        var upload = await garden.PrepareResumableAsync(bytes);
        var goOn = new TaskCompletionSource();
        using var content = new HalvedContent(bytes[..PartSize], goOn.Task);
        var answer = garden.AppendAsync(upload.AppendUrl, 0, false, Sha256Digest.Of(bytes.AsSpan(0, PartSize)), content);

        await _clock.WhenAwaitedAsync(Limit, Limit);
        _clock.Advance(Limit);
        goOn.SetResult();

        await RefusedAsync(HttpStatusCode.ServiceUnavailable, "BODY_TOO_SLOW", await answer.InTimeAsync());
        Assert.Empty(garden.StoredPaths());
        Assert.Equal((0, false), await garden.ProgressAsync(upload));
    }

    [Fact]
    public async Task Append_AfterItsLifetime_RefusedUntilItIsPreparedAgain()
    {
        await using var garden = await StartAsync(clock: _clock, settings: [("Artifacts:UploadLifetime", "00:01:00")]);
        var bytes = Bytes(2 * PartSize);
        var upload = await garden.PrepareResumableAsync(bytes);
        using var first = await garden.AppendAsync(upload, bytes, 0);
        _clock.Advance(TimeSpan.FromSeconds(61));

        await RefusedAsync(HttpStatusCode.Forbidden, "URL_EXPIRED", await garden.AppendAsync(upload, bytes, PartSize));
        upload = await garden.PrepareResumableAsync(bytes);
        Assert.Equal((PartSize, false), await garden.ProgressAsync(upload));
        await LongAfterAsync(garden);

        await RefusedAsync(HttpStatusCode.Forbidden, "URL_EXPIRED", await garden.AppendAsync(upload, bytes, PartSize));
        Assert.Equal((0, false), await garden.ProgressAsync(await garden.PrepareResumableAsync(bytes)));
    }

    private async Task LongAfterAsync(ArtifactsGarden garden)
    {
        _clock.Advance(TimeSpan.FromHours(1));
        await garden.Part<UploadSweeper>().SweepAsync(Cancel);
        Assert.Empty(garden.StoredPaths());
    }
}
