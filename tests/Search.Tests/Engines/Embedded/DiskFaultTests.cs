using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging.Abstractions;
using ModelGarden.Contracts.V1;
using ModelGarden.Search.Engines.Embedded;
using ModelGarden.Search.Queries;
using ModelGarden.Testing;

namespace ModelGarden.Search.Tests.Engines.Embedded;

/// <summary>An engine on a disk that fails: it goes on answering what the feed said, and what is on the disk is a state that there was.</summary>
public sealed class DiskFaultTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("garden-index-");
    private readonly EngineFeed _feed = new(31);
    private readonly FaultyDisk _disk = new();
    private readonly ManualClock _clock = new();

    private static CancellationToken Cancel => Patience.Cancel;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Changes_WithAnyCallThatFailsOnce_AreAllThere()
    {
        var failed = 0;
        for (int call = 0, calls = 1; call < calls; call += 1 + _feed.Random.Next(12))
        {
            var (disk, folder) = (new FaultyDisk { FailAt = call }, Path.Combine(_folder.FullName, $"{call}"));
            using (var engine = Open(folder, disk))
            {
                failed += await LiveAsync(engine);
                Assert.True(engine.IsWhole);
                await _feed.CompareAsync(engine);
            }

            using var again = Open(folder, new());
            await _feed.CompareAsync(again);
            await _feed.SayAsync(again, 5);
            await again.CompleteAsync(again.Position, Cancel);
            Assert.True(again.IsWhole);
            await _feed.CompareAsync(again);
            calls = disk.Calls;
        }

        Assert.True(failed > 3, $"only {failed} checkpoints failed");
    }

    [Fact]
    public async Task Complete_OnAFullDisk_IsNotWhole_AndTheFeedSaysAgainWhatIsNotThere()
    {
        using (var engine = Open())
        {
            await _feed.SayAsync(engine, 20);
            await engine.CheckpointAsync();
            await _feed.SayAsync(engine, 20);
            _disk.IsFull = true;
            await Assert.ThrowsAsync<IOException>(() => engine.CompleteAsync(engine.Position, Cancel).AsTask());
            Assert.False(engine.IsWhole);
            _disk.IsFull = false;
            await _feed.SayAsync(engine, 5);
        }

        using (var again = Open())
        {
            Assert.Equal((20, false), (again.Position, again.IsWhole));
            await _feed.SayAsync(again, 30);
            await again.CompleteAsync(again.Position, Cancel);
            Assert.True(again.IsWhole);
        }

        using var whole = Open();
        Assert.Equal((50, true), (whole.Position, whole.IsWhole));
        await _feed.CompareAsync(whole);
    }

    [Fact]
    public async Task Open_WithoutTheLogThatTheManifestNames_LeavesOutWhatCameAfterIt()
    {
        using (var engine = await WholeAsync(20))
        {
            await _feed.SayAsync(engine, 10);
            _disk.CannotMove = true;
            await Assert.ThrowsAsync<IOException>(() => engine.CheckpointAsync());
            await _feed.SayAsync(engine, 10);
        }

        var logs = Logs();
        Assert.Equal(2, logs.Length);
        File.Delete(logs[0]);

        using var again = Open();
        Assert.Equal((20, true), (again.Position, again.IsWhole));
        await _feed.CompareAsync(again);
        Assert.Single(Logs());
    }

    [Fact]
    public async Task Open_AfterACheckpointThatFailed_HasAllOfBothLogs()
    {
        using (var engine = await WholeAsync(20))
        {
            await _feed.SayAsync(engine, 10);
            _disk.CannotMove = true;
            await Assert.ThrowsAsync<IOException>(() => engine.CheckpointAsync());
            await _feed.SayAsync(engine, 10);
        }

        using var again = Open();
        Assert.Equal(40, again.Position);
        await _feed.CompareAsync(again);
    }

    [Fact]
    public async Task Checkpoint_FlushesTheFolderAfterTheRename_AndDeletesAfterThat()
    {
        using var engine = await WholeAsync(20);
        await _feed.SayAsync(engine, 10);
        _disk.Names.Clear();

        await engine.CheckpointAsync();

        Assert.Equal(["flush", "move", "flush", "delete"], _disk.Names);
    }

    [Fact]
    public async Task Checkpoint_WhoseFolderCannotBeFlushed_KeepsTheFilesOfBothManifests()
    {
        using (var engine = await WholeAsync(20))
        {
            await _feed.SayAsync(engine, 10);
            var before = Directory.GetFiles(_folder.FullName).Where(path => !path.EndsWith("manifest", StringComparison.Ordinal)).ToList();
            _disk.CannotFlushFolders = true;
            await Assert.ThrowsAsync<IOException>(() => engine.CheckpointAsync());

            Assert.Empty(before.Except(Directory.GetFiles(_folder.FullName)));
            _disk.CannotFlushFolders = false;
            await engine.CheckpointAsync();
            await _feed.CompareAsync(engine);
        }

        using var again = Open();
        Assert.Equal(30, again.Position);
        await _feed.CompareAsync(again);
    }

    [Fact]
    public async Task Checkpoint_OnAFullDisk_LeavesNothing_AndIsTriedAgain()
    {
        using var engine = await WholeAsync(20);
        await _feed.SayAsync(engine, 10);
        var before = Directory.GetFiles(_folder.FullName, "*.segment");
        _disk.Refused = "manifest.new";

        await Assert.ThrowsAsync<IOException>(() => engine.CheckpointAsync());
        await Assert.ThrowsAsync<IOException>(() => engine.CheckpointAsync());
        Assert.Equal(before, Directory.GetFiles(_folder.FullName, "*.segment"));
        _disk.Refused = null;
        await engine.CheckpointAsync();

        await _feed.CompareAsync(engine);
        Assert.Single(Logs());
    }

    [Fact]
    public async Task Checkpoint_WithoutItsLog_LeavesTheOneBeforeInUse()
    {
        using (var engine = await WholeAsync(20))
        {
            _disk.Refused = ".log";
            await Assert.ThrowsAsync<IOException>(() => engine.CheckpointAsync());
            await _feed.SayAsync(engine, 10);
            _disk.Refused = null;
        }

        using var again = Open();
        Assert.Equal(30, again.Position);
        await _feed.CompareAsync(again);
    }

    [Fact]
    public async Task Remove_OnAFullDisk_IsTaken_AndKeptByTheNextCheckpoint()
    {
        var taken = Sample.Published("acme/taken-down");
        using (var engine = await WholeAsync(20))
        {
            await engine.PutAsync(taken, 21, Cancel);
            Assert.Equal(1, await TotalAsync(engine, "taken down"));
            _disk.IsFull = true;
            await engine.RemoveAsync(taken.Id, 22, Cancel);
            Assert.Equal(0, await TotalAsync(engine, "taken down"));
            _disk.IsFull = false;
            await engine.CheckpointAsync();
            await engine.PutAsync(Sample.Published("acme/after"), 23, Cancel);
        }

        using var again = Open();
        Assert.Equal(23, again.Position);
        Assert.Equal((0, 1), (await TotalAsync(again, "taken down"), await TotalAsync(again, "after")));
    }

    [Fact]
    public async Task Remove_OnAFullDisk_WithoutACheckpoint_IsSaidAgain()
    {
        var taken = Sample.Published("acme/taken-down");
        using (var engine = await WholeAsync(20))
        {
            await engine.PutAsync(taken, 21, Cancel);
            _disk.IsFull = true;
            await engine.RemoveAsync(taken.Id, 22, Cancel);
            await engine.PassAsync(23, Cancel);
            _disk.IsFull = false;
        }

        using var again = Open();
        Assert.Equal(21, again.Position);
    }

    [Fact]
    public async Task Put_FarAheadOfADiskThatFails_WaitsForIt()
    {
        using var engine = Open(_folder.FullName, _disk, new() { MostUnwritten = 1, CheckpointBytes = 1 });
        _disk.CannotMove = true;
        var put = engine.PutAsync(Sample.Published("acme/one"), 1, Cancel).AsTask();
        await _clock.WhenAwaitedAsync(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(2));
        Assert.False(put.IsCompleted);

        _disk.CannotMove = false;
        _clock.Advance(TimeSpan.FromSeconds(2));

        await put.InTimeAsync();
        Assert.Equal(1, await TotalAsync(engine, "one"));
    }

    [Fact]
    public async Task Search_WhileTheDiskIsSlow_OneQueryWaitsAtMost()
    {
        using var engine = await WholeAsync(20);
        await engine.PutAsync(Sample.Published("acme/quick"), 21, Cancel);
        _disk.Way.Reset();
        var put = Task.Run(() => engine.PutAsync(Sample.Published("acme/slow"), 22, Cancel).AsTask(), Cancel);
        await _disk.Waiting.WaitAsync(Cancel);
        Task<long>[] queries = [Task.Run(() => TotalAsync(engine, "acme"), Cancel), Task.Run(() => TotalAsync(engine, "acme"), Cancel)];

        try
        {
            await Task.WhenAny(queries).InTimeAsync();
        }
        finally
        {
            _disk.Way.Set();
        }

        await put.InTimeAsync();
        await Task.WhenAll(queries).InTimeAsync();
        Assert.Equal(1, await TotalAsync(engine, "slow"));
    }

    [Fact]
    public async Task Put_AStateThatCannotBeIndexed_IsNotFound_AndTheFeedGoesOn()
    {
        using (var engine = await WholeAsync(0))
        {
            await engine.PutAsync(Sample.Published("acme/odd"), 1, Cancel);
            await engine.PutAsync(Sample.Published("acme/odd", change: repository => repository.UpdatedAt = new Timestamp { Seconds = long.MaxValue }), 2, Cancel);
            await engine.PutAsync(new Repository { Name = "acme/nameless" }, 3, Cancel);
            await engine.PutAsync(Sample.Published("acme/even"), 4, Cancel);
            Assert.Equal((0, 0, 1, 1), (await TotalAsync(engine, "odd"), await TotalAsync(engine, "nameless"), await TotalAsync(engine, "even"), engine.Count));
        }

        using var again = Open();
        Assert.Equal((4, 1), (again.Position, again.Count));
    }

    private static async Task<long> TotalAsync(EmbeddedSearchEngine engine, string text) =>
        (await engine.SearchAsync(QueryReader.Read(new() { Text = text }).OrThrow(), new(SeesAll: true, ""), Cancel)).Total;

    private EmbeddedSearchEngine Open() => Open(_folder.FullName, _disk);

    private EmbeddedSearchEngine Open(string folder, FaultyDisk disk, EmbeddedOptions? options = null) =>
        EmbeddedSearchEngine.Open(folder, (options ?? new() { CheckpointChanges = 25 }) with { Disk = disk, Clock = _clock }, NullLogger.Instance);

    private async Task<EmbeddedSearchEngine> WholeAsync(int changes)
    {
        var engine = Open(_folder.FullName, _disk, new());
        await _feed.SayAsync(engine, changes);
        await engine.CompleteAsync(engine.Position, Cancel);
        return engine;
    }

    /// <summary>Grows, is whole, and changes; tries again what failed, as who follows the feed does, and says how often that was.</summary>
    private async Task<int> LiveAsync(EmbeddedSearchEngine engine)
    {
        await _feed.SayAsync(engine, 15);
        var failures = await TryAsync(engine.CheckpointAsync);
        await _feed.SayAsync(engine, 10);
        failures += await TryAsync(() => engine.CompleteAsync(engine.Position, Cancel).AsTask());
        for (var i = 0; i < 8; i++)
        {
            await _feed.SayAsync(engine, 7);
            _clock.Advance(TimeSpan.FromMinutes(2));
        }

        return failures + await TryAsync(engine.CheckpointAsync);
    }

    private static async Task<int> TryAsync(Func<Task> work)
    {
        try
        {
            await work();
            return 0;
        }
        catch (IOException)
        {
            await work();
            return 1;
        }
    }

    private string[] Logs() => [.. Directory.GetFiles(_folder.FullName, "*.log").Order()];
}
