using ModelGarden.Artifacts.Uploads;
using ModelGarden.Testing;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Uploads;

public sealed class UploadSweeperTests
{
    [Fact]
    public async Task Sweep_LongAfterAnUploadWasLeft_NothingOfItRemains()
    {
        var clock = new ManualClock();
        await using var garden = await StartAsync(clock: clock);
        var bytes = Bytes(2 * PartSize);
        var upload = await garden.PrepareAsync(bytes, multipart: true);
        await garden.PutPartAsync(upload, bytes, 1);
        var sweeper = garden.Part<UploadSweeper>();

        await sweeper.SweepAsync(Cancel);
        Assert.Single(garden.StoredPaths());
        clock.Advance(TimeSpan.FromHours(49));
        await sweeper.SweepAsync(Cancel);

        Assert.Empty(garden.StoredPaths());
    }

    [Fact]
    public async Task Start_AfterAKill_TakesWhatItLeftAndKeepsWhatWasAcknowledged()
    {
        await using var garden = await StartAsync();
        var bytes = Bytes(100);
        await garden.UploadAsync(bytes);
        var left = Path.Combine(garden.Garden.Data, "artifacts", "temp", "killed");
        Directory.CreateDirectory(left);
        await File.WriteAllBytesAsync(Path.Combine(left, "half"), bytes, Cancel);

        await garden.RestartAsync();
        await garden.Part<UploadSweeper>().SweepAsync(Cancel);

        Assert.False(Directory.Exists(left));
        Assert.Equal(bytes, await garden.Http.GetByteArrayAsync(await garden.SignAsync(bytes), Cancel));
    }
}
