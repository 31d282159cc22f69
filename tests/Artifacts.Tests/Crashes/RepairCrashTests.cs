using Microsoft.EntityFrameworkCore;
using ModelGarden.Artifacts.Files;
using ModelGarden.Artifacts.Integrity;
using ModelGarden.Testing;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Crashes;

/// <summary>Killed at each step of the repair of a damaged xorb: it is repaired the next time, and the replica is as it was.</summary>
public sealed class RepairCrashTests : IDisposable
{
    private readonly string _replica = Directory.CreateTempSubdirectory("replica-").FullName;
    private readonly CrashLives _lives = new();

    [Fact]
    public async Task Repair_KilledAnywhere_IsDoneTheNextTime()
    {
        // The clock stands: nothing is scrubbed but by the test.
        await using var garden = await StartWithAsync(
            [_lives.Artifacts], null, new ManualClock(), ("Artifacts:Replica:Kind", "folder"), ("Artifacts:Replica:Path", _replica));
        var steps = await _lives.EndEverywhereAsync(garden, number => DamageAsync(garden, number), _ => ScrubAsync(garden), (number, _) => CheckAsync(garden, number));
        Assert.InRange(steps, 4, 100);
    }

    public void Dispose() => Directory.Delete(_replica, recursive: true);

    private async Task DamageAsync(ArtifactsGarden garden, int number)
    {
        var before = garden.StoredPaths();
        await garden.UploadAsync(Bytes(200_000, number));
        var stored = Assert.Single(garden.StoredPaths().Except(before));
        var path = Path.Combine(garden.Garden.Data, "artifacts", stored);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_replica, stored))!);
        File.Copy(path, Path.Combine(_replica, stored));
        await File.WriteAllBytesAsync(path, [1, .. (await File.ReadAllBytesAsync(path, Cancel))[1..]], Cancel);
        await MakeDueAsync(garden, Path.GetFileName(path));
    }

    private static async Task MakeDueAsync(ArtifactsGarden garden, string name)
    {
        await using var context = await garden.Part<IDbContextFactory<ArtifactsDbContext>>().CreateDbContextAsync(Cancel);
        await context.Xorbs.Where(row => row.Object.EndsWith(name)).ExecuteUpdateAsync(row => row.SetProperty(found => found.ScrubbedAt, DateTimeOffset.UnixEpoch), Cancel);
    }

    private async Task<bool> ScrubAsync(ArtifactsGarden garden)
    {
        try
        {
            return await garden.Part<Scrubber>().ScrubNextAsync(Cancel) is not null;
        }
        catch (Exception) when (_lives.IsDead)
        {
            // Whatever a dead process throws, nobody is told it.
            return false;
        }
    }

    private async Task CheckAsync(ArtifactsGarden garden, int number)
    {
        // The service's own scrub may have been quicker.
        await MakeDueAsync(garden, "");
        while (await garden.Part<Scrubber>().ScrubNextAsync(Cancel) is not null)
        {
        }

        Assert.Equal(0, (await garden.As(People.Operator).GetIntegrityAsync(new(), cancellationToken: Cancel)).DamagedXorbs);
        Assert.Equal(Bytes(200_000, number), await garden.Http.GetByteArrayAsync(await garden.SignAsync(Bytes(200_000, number)), Cancel));
        Assert.All(Directory.EnumerateFiles(_replica, "*", SearchOption.AllDirectories), copy => Assert.NotEqual(1, File.ReadAllBytes(copy)[0]));
        Directory.Delete(Path.Combine(_replica, "xorbs"), recursive: true);
    }
}
