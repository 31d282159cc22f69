using System.Net;
using ModelGarden.Kernel;
using ModelGarden.Testing;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;
using static ModelGarden.Artifacts.Tests.Crashes.CrashUploads;

namespace ModelGarden.Artifacts.Tests.Crashes;

/// <summary>Killed, or the power cut, at each step of an upload, in each way: what was acknowledged is there, whole; what was not is sent again and then is.</summary>
public sealed class UploadCrashTests
{
    private readonly Dictionary<string, long> _acknowledged = [];

    [Fact]
    public Task Put_KilledAnywhere_LosesNothingAcknowledged() => DieEverywhereAsync(PutAsync, atLeast: 5);

    [Fact]
    public Task Parts_KilledAnywhere_LoseNothingAcknowledged() => DieEverywhereAsync(PutPartsAsync, atLeast: 18);

    /// <summary>The second file is mostly the first one.</summary>
    [Fact]
    public Task Put_OfWhatIsPartlyThere_KilledAnywhere_LosesNothingAcknowledged() => DieEverywhereAsync(
        async (garden, bytes) => await PutAsync(garden, bytes) && await PutAsync(garden, [.. bytes, .. Bytes(70_000, bytes[0])]), atLeast: 10);

    [Fact]
    public Task Appends_KilledAnywhere_LoseNothingAcknowledged() => DieEverywhereAsync(AppendAsync, atLeast: 18);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Appends_PowerCutAnywhere_LoseNothingAcknowledged(bool keepsEntries)
    {
        using var power = new PowerSupply(keepsEntries);
        await DieEverywhereAsync(AppendAsync, atLeast: 18, new CrashLives(power.Restore), power.Setting);
    }

    private static Task DieEverywhereAsync(Func<ArtifactsGarden, byte[], Task<bool>> send, int atLeast) => DieEverywhereAsync(send, atLeast, new CrashLives());

    private static async Task DieEverywhereAsync(Func<ArtifactsGarden, byte[], Task<bool>> send, int atLeast, CrashLives lives, params (string, string)[] settings)
    {
        await using var garden = await StartWithAsync([lives.Artifacts], null, null, settings);
        var steps = await lives.EndEverywhereAsync(
            garden, _ => Task.CompletedTask, number => lives.AliveAsync(() => send(garden, Bytes(3 * PartSize, number))), async (number, acknowledged) =>
            {
                var bytes = Bytes(3 * PartSize, number);
                var held = await garden.FilesAsync(People.Engineer(), bytes);
                Assert.True(!acknowledged || held.Count is 1, "acknowledged and not there");
                Assert.True(held.Count is 1 || await send(garden, bytes), "cannot be sent again");
                Assert.Equal(bytes, await garden.Http.GetByteArrayAsync(await garden.SignAsync(bytes), Cancel));
            });
        Assert.InRange(steps, atLeast, 100);
    }

    /// <summary>Sends what is missing, which is no more than what has not been acknowledged.</summary>
    private async Task<bool> AppendAsync(ArtifactsGarden garden, byte[] bytes)
    {
        var (file, upload) = (Sha256Digest.Of(bytes).Hex, await garden.PrepareResumableAsync(bytes));
        var (offset, isComplete) = await garden.ProgressAsync(upload);
        Assert.True(offset >= _acknowledged.GetValueOrDefault(file), $"{_acknowledged.GetValueOrDefault(file)} bytes were acknowledged, {offset} are there");
        while (!isComplete)
        {
            using var response = await garden.AppendAsync(upload, bytes, (int)offset);
            if (!response.IsSuccessStatusCode)
            {
                return false;
            }

            (offset, isComplete) = ProgressOf(response);
            _acknowledged[file] = offset;
        }

        return true;
    }
}
