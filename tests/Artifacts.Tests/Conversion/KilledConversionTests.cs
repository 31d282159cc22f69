using System.Diagnostics;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;
using ModelGarden.Testing;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Conversion;

/// <summary>SIGKILL in the middle of a conversion, in a process of its own on the same data.</summary>
public sealed class KilledConversionTests
{
    private static readonly byte[] Large = Checkpoints.Of(Bytes(60_000_000));

    [Fact]
    public async Task Kill_DuringAConversion_ItIsDoneAtTheNextStartAndNothingIsHalfThere()
    {
        await using var garden = await StartAsync(settings: ("Artifacts:Conversion", "Off"));
        await garden.UploadAsync(Large);
        await garden.Garden.StopAsync("artifacts");
        await KillAsync(garden.Garden.Data, "converting file");
        garden.Garden.Change("Artifacts:Conversion", "Beside");

        // The worker begins it anew at once.
        await garden.RestartAsync();
        var done = await ConversionContract.AnnouncedAsync(garden, Large);

        Assert.Equal(ConversionState.Done, done.State);
        var converted = await garden.Http.GetByteArrayAsync(await garden.SignAsync(done.Sha256), Cancel);
        Assert.Equal((done.Sha256, done.Size), (Sha256Digest.Of(converted).Hex, converted.LongLength));
        Assert.Equal(Bytes(60_000_000), converted[^60_000_000..]);
    }

    /// <summary>Runs the service until it says something, and ends it without a warning; what it had begun was not done by then.</summary>
    private static async Task KillAsync(string data, string when)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "ModelGarden.Artifacts.dll")]) { RedirectStandardOutput = true };
        foreach (var (key, value) in new[] { ("Data", data), ("ServiceSecret", "a secret of tests, long enough for all"), ("Services__artifacts__Grpc", $"unix:{data}/victim.sock"), ("Services__artifacts__Http", $"unix:{data}/victim.http.sock") })
        {
            start.Environment[$"Garden__{key}"] = value;
        }

        using var victim = Process.Start(start)!;
        while (await victim.StandardOutput.ReadLineAsync(Cancel).AsTask().InTimeAsync() is { } line)
        {
            Assert.DoesNotContain("converted file", line, StringComparison.Ordinal);
            if (line.Contains(when, StringComparison.Ordinal))
            {
                break;
            }
        }

        victim.Kill();
        var rest = await victim.StandardOutput.ReadToEndAsync(Cancel);
        Assert.DoesNotContain("converted file", rest, StringComparison.Ordinal);
        await victim.WaitForExitAsync(Cancel);
        Assert.NotEqual(0, victim.ExitCode);
    }
}
