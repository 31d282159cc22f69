using ModelGarden.Artifacts.Objects;
using ModelGarden.Testing;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Crashes;

/// <summary>The power is cut at each flush and rename of the folder's files and at each commit of the database: what was acknowledged is there, whole; what was not is sent again.</summary>
public sealed class PowerCutTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("power-").FullName;
    private PoweredDisk? _disk;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Put_CutOffAnywhere_LosesNothingAcknowledged(bool isMultipart, bool keepsEntries)
    {
        var lives = new CrashLives((store, life) => Restored(store, life, keepsEntries));
        await using var garden = await StartWithAsync([lives.Artifacts], null, null, ("Artifacts:Store:Path", _root));

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

    /// <summary>Each start finds what the cut has left.</summary>
    private FolderObjectStore Restored(IObjectStore store, Life life, bool keepsEntries)
    {
        ((FolderObjectStore)store).Dispose();
        _disk?.Cut(keepsEntries);
        _disk = new(life);
        return new(_root, _disk);
    }

    private static Task<bool> SendAsync(CrashLives lives, ArtifactsGarden garden, byte[] bytes, bool isMultipart) =>
        lives.AliveAsync(() => isMultipart ? CrashUploads.PutPartsAsync(garden, bytes) : CrashUploads.PutAsync(garden, bytes));
}
