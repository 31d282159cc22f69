using ModelGarden.Testing;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Crashes;

/// <summary>The power is cut at each flush and rename of the folder's files and at each commit of the database: what was acknowledged is there, whole; what was not is sent again.</summary>
public sealed class PowerCutTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Put_CutOffAnywhere_LosesNothingAcknowledged(bool isMultipart, bool keepsEntries)
    {
        using var power = new PowerSupply(keepsEntries);
        var lives = new CrashLives(power.Restore);
        await using var garden = await StartWithAsync([lives.Artifacts], null, null, power.Setting);

        var steps = await lives.EndEverywhereAsync(
            garden, _ => Task.CompletedTask, number => SendAsync(lives, garden, Bytes(PartSize + 100, number), isMultipart), async (number, acknowledged) =>
            {
                var bytes = Bytes(PartSize + 100, number);
                Assert.True(!acknowledged || (await garden.FilesAsync(People.Engineer(), bytes)).Count is 1, "acknowledged and not there");
                Assert.True(acknowledged || await SendAsync(lives, garden, bytes, isMultipart), "cannot be sent again");
                Assert.Equal(bytes, await garden.Http.GetByteArrayAsync(await garden.SignAsync(bytes), Cancel));
            });

        Assert.InRange(steps, isMultipart ? 18 : 8, 100);
    }

    private static Task<bool> SendAsync(CrashLives lives, ArtifactsGarden garden, byte[] bytes, bool isMultipart) =>
        lives.AliveAsync(() => isMultipart ? CrashUploads.PutPartsAsync(garden, bytes) : CrashUploads.PutAsync(garden, bytes));
}
