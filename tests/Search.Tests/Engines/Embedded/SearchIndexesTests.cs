using Microsoft.Extensions.Logging.Abstractions;
using ModelGarden.Search.Engines.Embedded;
using ModelGarden.Testing;

namespace ModelGarden.Search.Tests.Engines.Embedded;

/// <summary>The service's folder: which index in it is used, which are deleted, and who may have it open.</summary>
public sealed class SearchIndexesTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("garden-index-");
    private readonly EngineFeed _feed = new(41);

    private static CancellationToken Cancel => Patience.Cancel;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Open_ADamagedOne_IsDeletedAndBuiltAnew()
    {
        await BuildAsync();
        using (var indexes = Indexes())
        {
            using var kept = indexes.Open();
            await _feed.CompareAsync(kept!);
        }

        var manifest = _folder.GetFiles("manifest", SearchOption.AllDirectories).Single().FullName;
        var bytes = await File.ReadAllBytesAsync(manifest, Cancel);
        bytes[8]++;
        await File.WriteAllBytesAsync(manifest, bytes, Cancel);

        AssertDropped();
    }

    [Fact]
    public async Task Open_OneThatCannotBeReadAtAll_IsDeletedAndBuiltAnew()
    {
        await BuildAsync();
        var log = _folder.GetFiles("*.log", SearchOption.AllDirectories).Single().FullName;
        File.Delete(log);
        File.CreateSymbolicLink(log, "nowhere");

        AssertDropped();
    }

    [Fact]
    public async Task Open_OneThatGrewAndOneThatIsWhole_TheWholeOneStays()
    {
        await BuildAsync();
        using (var indexes = Indexes())
        {
            using var whole = indexes.Open();
            using var growing = indexes.Create();
            await growing.PutAsync(_feed.Random.Repository(1), 1, Cancel);
            await growing.CheckpointAsync();
        }

        using var again = Indexes();
        using var kept = again.Open();
        Assert.True(kept!.IsWhole);
        await _feed.CompareAsync(kept);
        Assert.Single(_folder.GetDirectories());
    }

    [Fact]
    public void Open_AFolderThatIsOpen_IsRefused()
    {
        using (var first = Indexes())
        {
            Assert.Null(first.Open());
            using var second = Indexes();

            Assert.Contains("another Search has it open", Assert.Throws<IOException>(() => second.Open()).Message, StringComparison.Ordinal);
        }

        using var third = Indexes();
        Assert.Null(third.Open());
    }

    private SearchIndexes Indexes() => new(_folder.FullName, NullLogger<EmbeddedSearchEngine>.Instance);

    private void AssertDropped()
    {
        using var indexes = Indexes();
        Assert.Null(indexes.Open());
        Assert.Empty(_folder.GetDirectories());
    }

    private async Task BuildAsync()
    {
        using var indexes = Indexes();
        Assert.Null(indexes.Open());
        using var engine = indexes.Create();
        await _feed.SayAsync(engine, 20);
        await engine.CompleteAsync(engine.Position, Cancel);
    }
}
