using ModelGarden.Artifacts.Objects;

namespace ModelGarden.Artifacts.Tests.Objects;

public sealed class FolderObjectStoreTests : ObjectStoreContract, IDisposable
{
    private static readonly ObjectKey Key = ObjectKey.FromStored("objects/another-key");
    private readonly string _root = Directory.CreateTempSubdirectory("objects-").FullName;
    private readonly FolderObjectStore _store;

    public FolderObjectStoreTests() => _store = new(_root);

    private protected override IObjectStore Store => _store;

    [Fact]
    public async Task Sweep_OfADeadProcess_TakesItsTemporaryFiles()
    {
        var dead = Directory.CreateDirectory(Path.Combine(_root, "temp", "dead")).FullName;
        await File.WriteAllTextAsync(Path.Combine(dead, ".lock"), "", Cancel);
        await File.WriteAllTextAsync(Path.Combine(dead, "half"), "half a file", Cancel);

        await _store.SweepAsync(DateTimeOffset.UtcNow.AddHours(-24), Cancel);

        Assert.False(Directory.Exists(dead));
    }

    [Fact]
    public async Task Sweep_BesideALivingProcess_LeavesItsTemporaryFiles()
    {
        using var other = new FolderObjectStore(_root);
        await using var writer = await other.CreateAsync(Key, Cancel);
        await writer.WriteAsync("text"u8.ToArray(), Cancel);

        await _store.SweepAsync(DateTimeOffset.UtcNow.AddHours(-24), Cancel);

        await writer.CommitAsync(Cancel);
        Assert.NotNull(await _store.OpenAsync(Key, Cancel));
    }

    [Fact]
    public async Task Sweep_BesideAWriterOfOurOwnThatIsSlow_LeavesIt()
    {
        await using var writer = await _store.CreateAsync(Key, Cancel);
        await writer.WriteAsync("text"u8.ToArray(), Cancel);

        await _store.SweepAsync(DateTimeOffset.UtcNow.AddHours(1), Cancel);

        await writer.CommitAsync(Cancel);
        Assert.NotNull(await _store.OpenAsync(Key, Cancel));
    }

    [Fact]
    public async Task Dispose_OfAWriterThatDidNotCommit_LeavesNothing()
    {
        await using (var writer = await _store.CreateAsync(Key, Cancel))
        {
            await writer.WriteAsync("text"u8.ToArray(), Cancel);
        }

        Assert.Equal(".lock", Path.GetFileName(Assert.Single(Directory.EnumerateFiles(_root, "*", SearchOption.AllDirectories))));
    }

    [Fact]
    public async Task Delete_WhileOpen_TheReaderReadsOn()
    {
        await WriteAsync(Key, "text");
        using var reader = await _store.OpenAsync(Key, Cancel);

        await _store.DeleteAsync(Key, Cancel);

        Assert.Equal(4, await reader!.ReadAsync(new byte[9], 0, Cancel));
    }

    [Fact]
    public async Task Presign_Null() => Assert.Null(await _store.PresignAsync(Key, TimeSpan.FromMinutes(1), "", Cancel));

    [Theory]
    [InlineData("../x")]
    [InlineData("/etc/passwd")]
    [InlineData("parts//x")]
    [InlineData("parts/A")]
    public void Key_ThatIsNoKey_Throws(string text) => Assert.Throws<ArgumentException>(() => ObjectKey.FromStored(text));

    public void Dispose()
    {
        _store.Dispose();
        Directory.Delete(_root, recursive: true);
    }
}
