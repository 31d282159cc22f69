using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Objects;
using ModelGarden.Testing;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Chunks;

public sealed class OpenXorbsTests : IDisposable
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(30);
    private readonly string _root = Directory.CreateTempSubdirectory("open-").FullName;
    private readonly ManualClock _clock = new();
    private readonly FolderObjectStore _store;
    private readonly OpenXorbs _open;

    public OpenXorbsTests()
    {
        _store = new(_root);
        _open = new(_store, _clock);
    }

    public void Dispose()
    {
        _open.Dispose();
        _store.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public async Task Open_SoonAgain_IsTheSameAndLaterAnew()
    {
        var key = await WriteAsync();

        using (var first = await _open.OpenAsync(key, Cancel))
        using (var second = await _open.OpenAsync(key, Cancel))
        {
            Assert.Same(first, second);
        }

        _clock.Advance(KeptFor);
        using var third = await _open.OpenAsync(key, Cancel);
        Assert.True(await ReadsAsync(third!));
        using var fourth = await _open.OpenAsync(key, Cancel);
        Assert.Same(third, fourth);
    }

    [Fact]
    public async Task Open_OfWhatWasDeleted_IsKnownNoMoreWhenItIsClosed()
    {
        var key = await WriteAsync();
        using var reading = await _open.OpenAsync(key, Cancel);
        await _store.DeleteAsync(key, Cancel);
        Assert.Equal(1, OpenFiles());

        _clock.Advance(KeptFor);

        Assert.Null(await _open.OpenAsync(key, Cancel));
        Assert.True(await ReadsAsync(reading!));
        reading!.Dispose();
        Assert.Equal(0, OpenFiles());
    }

    [Fact]
    public async Task Open_WhatIsNotThere_IsNotRememberedToBeMissing()
    {
        var key = ObjectKey.OfXorb();

        Assert.Null(await _open.OpenAsync(key, Cancel));

        await WriteAsync(key);
        using var reader = await _open.OpenAsync(key, Cancel);
        Assert.NotNull(reader);
    }

    [Fact]
    public async Task Open_ByManyAtOnceWhileTheyAreClosed_EachReadsAndNoneStaysOpen()
    {
        var keys = new List<ObjectKey>();
        for (var n = 0; n < 4; n++)
        {
            keys.Add(await WriteAsync());
        }

        await Task.WhenAll(Enumerable.Range(0, 8).Select(reader => Task.Run(
            async () =>
            {
                for (var round = 0; round < 500; round++)
                {
                    using var opened = await _open.OpenAsync(keys[(reader + round) % keys.Count], Cancel);
                    Assert.True(await ReadsAsync(opened!));
                    if (reader is 0)
                    {
                        _clock.Advance(KeptFor);
                    }
                }
            },
            Cancel))).InTimeAsync();

        _clock.Advance(KeptFor);
        Assert.Equal(0, OpenFiles());
    }

    private static async Task<bool> ReadsAsync(IObjectReader reader)
    {
        var buffer = new byte[4];
        return await reader.ReadAsync(buffer, 0, Cancel) is 4 && buffer.AsSpan().SequenceEqual("text"u8);
    }

    private async Task<ObjectKey> WriteAsync(ObjectKey? name = null)
    {
        var key = name ?? ObjectKey.OfXorb();
        await using var writer = await _store.CreateAsync(key, Cancel);
        await writer.WriteAsync("text"u8.ToArray(), Cancel);
        await writer.CommitAsync(Cancel);
        return key;
    }

    /// <summary>Of this store's xorbs, in this process.</summary>
    private int OpenFiles() => new DirectoryInfo("/proc/self/fd").EnumerateFileSystemInfos().Count(file => file.LinkTarget?.StartsWith(Path.Combine(_root, "xorbs"), StringComparison.Ordinal) is true);
}
