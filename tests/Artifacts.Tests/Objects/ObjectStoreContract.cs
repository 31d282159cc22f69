using System.Text;
using ModelGarden.Artifacts.Objects;

namespace ModelGarden.Artifacts.Tests.Objects;

/// <summary>What every object store does.</summary>
public abstract class ObjectStoreContract
{
    private static readonly ObjectKey Key = ObjectKey.FromStored("objects/a-key");

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected abstract IObjectStore Store { get; }

    [Fact]
    public async Task Open_Absent_Null() => Assert.Null(await Store.OpenAsync(Key, Cancel));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(300_000)]
    public async Task Commit_OfWrites_IsReadBack(int length)
    {
        var bytes = ArtifactsGarden.Bytes(length);
        await using (var writer = await Store.CreateAsync(Key, Cancel))
        {
            await writer.WriteAsync(bytes.AsMemory(0, length / 3), Cancel);
            await writer.WriteAsync(bytes.AsMemory(length / 3), Cancel);
            await writer.CommitAsync(Cancel);
        }

        Assert.Equal(bytes, await ReadAsync(Key));
    }

    [Fact]
    public async Task Create_NotCommitted_NobodySeesIt()
    {
        await using (var writer = await Store.CreateAsync(Key, Cancel))
        {
            await writer.WriteAsync("half"u8.ToArray(), Cancel);
            Assert.Null(await Store.OpenAsync(Key, Cancel));
        }

        Assert.Null(await Store.OpenAsync(Key, Cancel));
        Assert.Empty(await KeysAsync("objects"));
    }

    [Fact]
    public async Task Commit_OverAnOpenOne_TheReaderReadsOn()
    {
        await WriteAsync(Key, "first");
        using var reader = await Store.OpenAsync(Key, Cancel);

        await WriteAsync(Key, "second");

        var buffer = new byte[10];
        Assert.Equal("first", Encoding.ASCII.GetString(buffer, 0, await reader!.ReadAsync(buffer, 0, Cancel)));
        Assert.Equal("second"u8.ToArray(), await ReadAsync(Key));
    }

    [Fact]
    public async Task Commit_ByManyAtOnce_OneIsThereWhole()
    {
        await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(() => WriteAsync(Key, new string((char)('a' + i), 100_000)), Cancel)));

        var bytes = await ReadAsync(Key);
        Assert.Equal((100_000, 1), (bytes.Length, bytes.Distinct().Count()));
        Assert.Single(await KeysAsync("objects"));
    }

    [Fact]
    public async Task Read_FromAnyPlace_ThoseBytes()
    {
        await WriteAsync(Key, "0123456789");
        using var reader = await Store.OpenAsync(Key, Cancel);
        var buffer = new byte[4];

        Assert.Equal(10, reader!.Length);
        Assert.Equal(4, await reader.ReadAsync(buffer, 3, Cancel));
        Assert.Equal("3456"u8.ToArray(), buffer);
        Assert.Equal(0, await reader.ReadAsync(buffer, 10, Cancel));
    }

    [Fact]
    public async Task OpenStream_Seeks_ThoseBytes()
    {
        await WriteAsync(Key, "0123456789");
        using var reader = await Store.OpenAsync(Key, Cancel);
        await using var stream = reader!.OpenStream();

        stream.Seek(-3, SeekOrigin.End);

        Assert.Equal('7', stream.ReadByte());
        Assert.Equal(10, stream.Length);
    }

    [Fact]
    public async Task Delete_WhileOpen_TheReaderReadsOnAndOthersFindNothing()
    {
        await WriteAsync(Key, "text");
        using var reader = await Store.OpenAsync(Key, Cancel);

        await Store.DeleteAsync(Key, Cancel);
        await Store.DeleteAsync(Key, Cancel);

        Assert.Equal(4, await reader!.ReadAsync(new byte[9], 0, Cancel));
        Assert.Null(await Store.OpenAsync(Key, Cancel));
    }

    [Fact]
    public async Task List_ByPrefix_ThatFolderOnly()
    {
        var part = ObjectKey.OfPart("session", 1);
        await WriteAsync(Key, "file");
        await WriteAsync(part, "part");

        Assert.Equal([part], await KeysAsync(ObjectKey.Parts));
        Assert.Equal([Key], await KeysAsync("objects"));
        Assert.Empty(await KeysAsync("nothing"));
    }

    [Fact]
    public async Task Sweep_WhileAWriterWrites_LeavesItAlone()
    {
        await using var writer = await Store.CreateAsync(Key, Cancel);
        await writer.WriteAsync("text"u8.ToArray(), Cancel);

        await Store.SweepAsync(DateTimeOffset.UtcNow.AddHours(-24), Cancel);

        await writer.CommitAsync(Cancel);
        Assert.Equal("text"u8.ToArray(), await ReadAsync(Key));
    }

    private protected async Task WriteAsync(ObjectKey key, string text)
    {
        await using var writer = await Store.CreateAsync(key, Cancel);
        await writer.WriteAsync(Encoding.ASCII.GetBytes(text), Cancel);
        await writer.CommitAsync(Cancel);
    }

    private async Task<byte[]> ReadAsync(ObjectKey key)
    {
        using var reader = await Store.OpenAsync(key, Cancel);
        var (bytes, offset) = (new byte[reader!.Length], 0);
        while (await reader.ReadAsync(bytes.AsMemory(offset), offset, Cancel) is var read and > 0)
        {
            offset += read;
        }

        return bytes;
    }

    private async Task<List<ObjectKey>> KeysAsync(string prefix)
    {
        var keys = new List<ObjectKey>();
        await foreach (var entry in Store.ListAsync(prefix, Cancel))
        {
            keys.Add(entry.Key);
        }

        return keys;
    }
}
