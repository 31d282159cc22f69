using Microsoft.Extensions.Logging.Abstractions;
using ModelGarden.Search.Engines.Embedded;
using ModelGarden.Search.Engines.Embedded.Files;
using ModelGarden.Testing;

namespace ModelGarden.Search.Tests.Engines.Embedded;

/// <summary>What is left of an index on the disk, whatever happens to it, is a state that there was, or is refused.</summary>
public sealed class RecoveryTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("garden-index-");
    private readonly EngineFeed _feed = new(17);
    private int _copies;

    private static CancellationToken Cancel => Patience.Cancel;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Open_AfterAKill_HasAllThatWasApplied()
    {
        using var engine = Open(Path.Combine(_folder.FullName, "whole"));
        for (var i = 0; i < 60; i++)
        {
            await ChangeAsync(engine, 1 + _feed.Random.Next(9));
            using var copy = Open(Copy("whole"));
            Assert.Equal(engine.Position, copy.Position);
            await _feed.CompareAsync(copy);
        }
    }

    [Fact]
    public async Task Open_WithTheLogCutAnywhere_IsAStateThatThereWas()
    {
        await BuildAsync("whole");
        var (positions, length) = (new HashSet<long>(), new FileInfo(LastLog(Path.Combine(_folder.FullName, "whole"))).Length);
        for (var cut = 0L; cut < length; cut += 1 + _feed.Random.Next(97))
        {
            var folder = Copy("whole");
            using (var file = File.OpenHandle(LastLog(folder), FileMode.Open, FileAccess.Write))
            {
                RandomAccess.SetLength(file, cut);
            }

            using (var engine = Open(folder))
            {
                positions.Add(engine.Position);
                await _feed.CompareAsync(engine);
                await ChangeOnAsync(engine);
            }

            using var again = Open(folder);
            Assert.Equal(2, again.Count - _feed.CountAt(again.Position - 2));
            Directory.Delete(folder, recursive: true);
        }

        Assert.True(positions.Count > 10, $"only {positions.Count} different positions: the cuts say little");
    }

    [Fact]
    public async Task Open_WithABitFlippedAnywhere_IsAStateThatThereWas_OrIsRefused()
    {
        await BuildAsync("whole");
        var refused = 0;
        for (var i = 0; i < 150; i++)
        {
            var folder = Copy("whole");
            var files = Directory.GetFiles(folder);
            var path = files[i % files.Length];
            var bytes = await File.ReadAllBytesAsync(path, Cancel);
            bytes[_feed.Random.Next(bytes.Length)] ^= (byte)(1 << _feed.Random.Next(8));
            await File.WriteAllBytesAsync(path, bytes, Cancel);
            try
            {
                using var engine = Open(folder);
                Assert.EndsWith(".log", path, StringComparison.Ordinal);
                await _feed.CompareAsync(engine);
            }
            catch (IndexDamageException damage)
            {
                Assert.StartsWith(Path.GetFileName(path), damage.Message, StringComparison.Ordinal);
                refused++;
            }

            Directory.Delete(folder, recursive: true);
        }

        Assert.True(refused > 50, $"only {refused} were refused");
    }

    [Fact]
    public async Task Open_CutOffOrMissingFiles_Refused()
    {
        await BuildAsync("whole");
        foreach (var name in Directory.GetFiles(Path.Combine(_folder.FullName, "whole")).Where(path => !path.EndsWith(".log", StringComparison.Ordinal)).Select(Path.GetFileName))
        {
            foreach (var length in (int[])[0, 1, 15, 40, -1])
            {
                var folder = Copy("whole");
                using (var file = File.OpenHandle(Path.Combine(folder, name!), FileMode.Open, FileAccess.ReadWrite))
                {
                    RandomAccess.SetLength(file, length < 0 ? RandomAccess.GetLength(file) - 1 : length);
                }

                Assert.Throws<IndexDamageException>(() => Open(folder));
            }
        }

        var without = Copy("whole");
        File.Delete(Directory.GetFiles(without, "*.segment")[0]);
        Assert.Throws<IndexDamageException>(() => Open(without));
    }

    private static EmbeddedSearchEngine Open(string folder) => EmbeddedSearchEngine.Open(folder, new() { CheckpointChanges = 40 }, NullLogger.Instance);

    private async Task BuildAsync(string name)
    {
        using var engine = Open(Path.Combine(_folder.FullName, name));
        await ChangeAsync(engine, 150);
        await engine.CheckpointAsync();
        await ChangeAsync(engine, 35);
    }

    private async Task ChangeAsync(EmbeddedSearchEngine engine, int changes)
    {
        await _feed.SayAsync(engine, changes);
        await engine.CompleteAsync(engine.Position, Cancel);
    }

    /// <summary>Two more changes, which have to be there after the next opening.</summary>
    private static async Task ChangeOnAsync(EmbeddedSearchEngine engine)
    {
        await engine.PutAsync(Sample.Published("acme/later"), engine.Position + 1, Cancel);
        await engine.PutAsync(Sample.Published("acme/latest"), engine.Position + 1, Cancel);
    }

    private static string LastLog(string folder) => Directory.GetFiles(folder, "*.log").MaxBy(path => int.Parse(Path.GetFileNameWithoutExtension(path), System.Globalization.CultureInfo.InvariantCulture))!;

    private string Copy(string name)
    {
        var target = Directory.CreateDirectory(Path.Combine(_folder.FullName, $"copy-{_copies++}")).FullName;
        // A checkpoint beside may take a file away while it is copied: then the copy is begun again, as a kill would have come later.
        while (true)
        {
            try
            {
                foreach (var path in Directory.GetFiles(Path.Combine(_folder.FullName, name)).OrderBy(path => path.EndsWith("manifest", StringComparison.Ordinal) ? 0 : 1))
                {
                    File.Copy(path, Path.Combine(target, Path.GetFileName(path)), overwrite: true);
                }

                return target;
            }
            catch (FileNotFoundException)
            {
                foreach (var path in Directory.GetFiles(target))
                {
                    File.Delete(path);
                }
            }
        }
    }
}
