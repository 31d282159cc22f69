using Grpc.Core;
using ModelGarden.Artifacts.Tests.Conversion;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;
using ModelGarden.Testing;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Crashes;

/// <summary>Killed at each step of an upload of a checkpoint and of its conversion: it is converted then, once, by whoever starts next.</summary>
public sealed class ConversionCrashTests
{
    private const int Length = 100_000;
    private readonly CrashLives _lives = new();

    [Fact]
    public async Task Conversion_KilledAnywhere_IsDoneAtTheNextStartAndNothingIsHalfThere()
    {
        await using var garden = await StartWithAsync([_lives.Artifacts], null, null);
        var steps = await _lives.EndEverywhereAsync(garden, _ => Task.CompletedTask, number => ConvertAsync(garden, Of(number)), (number, acknowledged) => CheckAsync(garden, number));
        Assert.InRange(steps, 12, 100);
    }

    private static byte[] Of(int number) => Checkpoints.Of(Bytes(Length, number));

    private async Task<bool> ConvertAsync(ArtifactsGarden garden, byte[] checkpoint)
    {
        try
        {
            var upload = await garden.PrepareAsync(checkpoint);
            using var response = await garden.PutAsync(upload.Url, checkpoint);
            if (!response.IsSuccessStatusCode)
            {
                return false;
            }

            // Who is dead announces nothing.
            var announced = ConversionContract.AnnouncedAsync(garden, checkpoint);
            return await Task.WhenAny(announced, _lives.Died) == announced && (await announced).State is ConversionState.Done;
        }
        catch (RpcException) when (_lives.IsDead)
        {
            return false;
        }
    }

    private static async Task CheckAsync(ArtifactsGarden garden, int number)
    {
        var checkpoint = Of(number);
        if ((await garden.FilesAsync(People.Engineer(), checkpoint)).Count is 0)
        {
            await garden.UploadAsync(checkpoint);
        }

        var done = await ConversionContract.AnnouncedAsync(garden, checkpoint);
        Assert.Equal(ConversionState.Done, done.State);
        var converted = await garden.Http.GetByteArrayAsync(await garden.SignAsync(done.Sha256, allowUnclean: false), Cancel);
        Assert.Equal((done.Sha256, done.Size), (Sha256Digest.Of(converted).Hex, converted.LongLength));
        Assert.Equal(Bytes(Length, number), converted[^Length..]);
        Assert.Single((await garden.As(People.Engineer()).GetFilesAsync(new() { Sha256 = { done.Sha256 } }, cancellationToken: Cancel)).Files);
    }
}
