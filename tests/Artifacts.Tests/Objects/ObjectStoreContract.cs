using System.Security.Cryptography;
using System.Text;
using ModelGarden.Artifacts.Objects;
using ModelGarden.Testing;

namespace ModelGarden.Artifacts.Tests.Objects;

/// <summary>What every object store does.</summary>
public abstract class ObjectStoreContract
{
    /// <summary>More than remote stores send in one request.</summary>
    private const int SeveralBlocks = (20 << 20) + 7;

    private static readonly ObjectKey Key = ObjectKey.FromStored("objects/a-key");

    private protected static CancellationToken Cancel => Patience.Cancel;

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
    public async Task Commit_OfALongObjectInOddPieces_IsReadBack()
    {
        var bytes = ArtifactsGarden.Bytes(100 << 20);
        await WriteAsync(Key, bytes, piece: 1_000_003);

        Assert.Equal(bytes.Length, (await Store.FindAsync(Key, Cancel))!.Value.Length);
        AssertSame(bytes, await ReadAsync(Key, piece: 300_007));
        using var reader = await Store.OpenAsync(Key, Cancel);
        await using var stream = reader!.OpenStream();
        Assert.Equal(SHA256.HashData(bytes), await SHA256.HashDataAsync(stream, Cancel));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(SeveralBlocks)]
    public async Task Write_Cancelled_LeavesNothing(int length)
    {
        using var cancelled = new CancellationTokenSource();
        await using (var writer = await Store.CreateAsync(Key, Cancel))
        {
            await writer.WriteAsync(ArtifactsGarden.Bytes(length), Cancel);
            await cancelled.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await writer.WriteAsync(new byte[1], cancelled.Token));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await writer.CommitAsync(cancelled.Token));
        }

        Assert.Null(await Store.OpenAsync(Key, Cancel));
        Assert.Empty(await KeysAsync("objects"));
    }

    [Fact]
    public async Task Commit_OverAnOpenOne_TheReaderReadsThoseBytesOrSaysSo()
    {
        await WriteAsync(Key, "first");
        using var reader = await Store.OpenAsync(Key, Cancel);

        await WriteAsync(Key, "other");

        Assert.Contains(await ReadOnAsync(reader!), new List<string> { "first", "gone" });
        Assert.Equal("other"u8.ToArray(), await ReadAsync(Key));
    }

    [Fact]
    public async Task Commit_OfTheSameBytesOverAnOpenOne_TheReaderReadsOn()
    {
        await WriteAsync(Key, "text");
        using var reader = await Store.OpenAsync(Key, Cancel);

        await WriteAsync(Key, "text");

        Assert.Equal("text", await ReadOnAsync(reader!));
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
    public async Task Commit_OfLongOnesByManyAtOnce_OneIsThereWhole()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(
            async () =>
            {
                var bytes = new byte[SeveralBlocks];
                bytes.AsSpan().Fill((byte)i);
                await WriteAsync(Key, bytes, piece: 1 << 20);
            },
            Cancel)));

        var read = await ReadAsync(Key, piece: 1 << 20);
        Assert.Equal((SeveralBlocks, -1), (read.Length, read.AsSpan().IndexOfAnyExcept(read[0])));
    }

    [Fact]
    public async Task Read_ByMany_EachItsBytes()
    {
        var bytes = ArtifactsGarden.Bytes(3 << 20);
        await WriteAsync(Key, bytes, piece: 1 << 20);
        using var reader = await Store.OpenAsync(Key, Cancel);

        await Parallel.ForAsync(0, 64, Cancel, async (i, cancel) =>
        {
            var (buffer, offset) = (new byte[10_000], i * 40_000);
            var read = await reader!.ReadAsync(buffer, offset, cancel);
            Assert.True(buffer.AsSpan(0, read).SequenceEqual(bytes.AsSpan(offset, read)));
        });
    }

    [Theory]
    [InlineData(0, 4, "0123")]
    [InlineData(8, 4, "89")]
    [InlineData(10, 4, "")]
    [InlineData(12, 4, "")]
    [InlineData(2, 0, "")]
    public async Task Read_WithoutOpening_FillsTheBuffer(long offset, int length, string expected)
    {
        await WriteAsync(Key, "0123456789");
        var buffer = new byte[length];

        var read = await Store.ReadAsync(Key, buffer, offset, Cancel);

        Assert.Equal(expected, Encoding.ASCII.GetString(buffer, 0, read!.Value));
    }

    [Fact]
    public async Task Read_OfAnAbsentOne_Null()
    {
        Assert.Null(await Store.ReadAsync(Key, new byte[1], 0, Cancel));
        Assert.Null(await Store.FindAsync(Key, Cancel));
    }

    [Fact]
    public async Task Read_OfAnEmptyOne_Nothing()
    {
        await WriteAsync(Key, "");
        using var reader = await Store.OpenAsync(Key, Cancel);

        Assert.Equal((0L, 0), (reader!.Length, await reader.ReadAsync(new byte[4], 0, Cancel)));
        Assert.Equal(0, await Store.ReadAsync(Key, new byte[4], 0, Cancel));
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
    public async Task Delete_WhileOpen_TheReaderReadsThoseBytesOrSaysSoAndOthersFindNothing()
    {
        await WriteAsync(Key, "text");
        using var reader = await Store.OpenAsync(Key, Cancel);

        await Store.DeleteAsync(Key, Cancel);
        await Store.DeleteAsync(Key, Cancel);

        Assert.Contains(await ReadOnAsync(reader!), new List<string> { "text", "gone" });
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
    public async Task List_OfManyPages_EachOnce()
    {
        var keys = Enumerable.Range(0, 20).Select(i => ObjectKey.OfPart("session", i)).ToHashSet();
        await Task.WhenAll(keys.Select(key => WriteAsync(key, "text")));
        var before = DateTimeOffset.UtcNow.AddMinutes(-1);

        var entries = await EntriesAsync(ObjectKey.Parts);

        Assert.Equal(keys.Count, entries.Count);
        Assert.Equal(keys, entries.Select(entry => entry.Key).ToHashSet());
        Assert.All(entries, entry => Assert.True(entry.Length is 4 && entry.WrittenAt > before && entry.WrittenAt < before.AddMinutes(10)));
    }

    [Fact]
    public async Task Find_AsListed()
    {
        await WriteAsync(Key, "text");

        Assert.Equal(await EntriesAsync("objects"), [(await Store.FindAsync(Key, Cancel))!.Value]);
    }

    [Fact]
    public async Task Check_AnyTime_Passes()
    {
        await Store.CheckAsync(Cancel);
        await Store.CheckAsync(Cancel);
    }

    [Fact]
    public async Task Sweep_WhileAWriterWritesBlocks_LeavesItAlone()
    {
        var bytes = ArtifactsGarden.Bytes(SeveralBlocks);
        await using var writer = await Store.CreateAsync(Key, Cancel);
        await writer.WriteAsync(bytes, Cancel);

        await Store.SweepAsync(DateTimeOffset.UtcNow.AddHours(-24), Cancel);

        await writer.CommitAsync(Cancel);
        AssertSame(bytes, await ReadAsync(Key, piece: 1 << 20));
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

    private protected Task WriteAsync(ObjectKey key, string text) => WriteAsync(key, Encoding.ASCII.GetBytes(text), piece: 7);

    private protected async Task WriteAsync(ObjectKey key, byte[] bytes, int piece)
    {
        await using var writer = await Store.CreateAsync(key, Cancel);
        for (var offset = 0; offset < bytes.Length; offset += piece)
        {
            await writer.WriteAsync(bytes.AsMemory(offset, Math.Min(piece, bytes.Length - offset)), Cancel);
        }

        await writer.CommitAsync(Cancel);
    }

    private protected async Task<byte[]> ReadAsync(ObjectKey key, int piece = int.MaxValue)
    {
        using var reader = await Store.OpenAsync(key, Cancel);
        var (bytes, offset) = (new byte[reader!.Length], 0);
        while (await reader.ReadAsync(bytes.AsMemory(offset, Math.Min(piece, bytes.Length - offset)), offset, Cancel) is var read and > 0)
        {
            offset += read;
        }

        return bytes;
    }

    // Assert.Equal would take long to say that megabytes differ.
    private static void AssertSame(byte[] expected, byte[] read) => Assert.True(expected.AsSpan().SequenceEqual(read), "other bytes were read than were written");

    private static async Task<string> ReadOnAsync(IObjectReader reader)
    {
        try
        {
            var buffer = new byte[reader.Length];
            return Encoding.ASCII.GetString(buffer, 0, await reader.ReadAsync(buffer, 0, Cancel));
        }
        catch (ObjectStoreException exception) when (exception.Fault is StoreFault.Gone)
        {
            return "gone";
        }
    }

    private async Task<List<ObjectKey>> KeysAsync(string prefix) => [.. (await EntriesAsync(prefix)).Select(entry => entry.Key)];

    private async Task<List<ObjectEntry>> EntriesAsync(string prefix)
    {
        var entries = new List<ObjectEntry>();
        await foreach (var entry in Store.ListAsync(prefix, Cancel))
        {
            entries.Add(entry);
        }

        return entries;
    }
}
