using ModelGarden.Artifacts.Objects;
using ModelGarden.Artifacts.Objects.Remote;
using ModelGarden.Testing;

namespace ModelGarden.Artifacts.Tests.Objects;

public sealed class PrefetchingReaderTests : IAsyncLifetime
{
    private const int Length = 60_000_000;
    private static readonly ObjectKey Key = ObjectKey.FromStored("objects/read");
    private readonly byte[] _bytes = ArtifactsGarden.Bytes(Length);
    private readonly string _root = Directory.CreateTempSubdirectory("read-").FullName;
    private FolderObjectStore _store = null!;

    private static CancellationToken Cancel => Patience.Cancel;

    public async ValueTask InitializeAsync()
    {
        _store = new(_root);
        await using var writer = await _store.CreateAsync(Key, Cancel);
        await writer.WriteAsync(_bytes, Cancel);
        await writer.CommitAsync(Cancel);
    }

    [Fact]
    public async Task Read_InSequence_InFewBoundedReadsAhead()
    {
        var budget = new ReadAheadBudget(100 << 20);
        var source = new RecordingReader((await _store.OpenAsync(Key, Cancel))!);
        using (var reader = new PrefetchingReader(source, budget))
        {
            await ReadAllAsync(reader);
        }

        Assert.InRange(source.Reads.Count, 9, 16);
        Assert.All(source.Reads, read => Assert.InRange(read.Length, 1, PrefetchingReader.LargestBlock));
        Assert.Equal(Length, source.Reads.Sum(read => (long)read.Length));
        Assert.True(budget.TryTake(100 << 20));
    }

    [Fact]
    public async Task Read_OfAHeader_FetchesLittleMore()
    {
        var source = new RecordingReader((await _store.OpenAsync(Key, Cancel))!);
        using var reader = new PrefetchingReader(source, new ReadAheadBudget(100 << 20));

        await reader.ReadAsync(new byte[8], 0, Cancel);
        await reader.ReadAsync(new byte[1000], 8, Cancel);

        Assert.InRange(source.Reads.Sum(read => read.Length), 1008, 2 << 20);
    }

    [Fact]
    public async Task Read_HereAndThere_FetchesNothingElse()
    {
        var source = new RecordingReader((await _store.OpenAsync(Key, Cancel))!);
        using var reader = new PrefetchingReader(source, new ReadAheadBudget(100 << 20));
        var buffer = new byte[1000];

        foreach (var offset in (int[])[5_000_000, 0, 2000, 59_999_500, 70_000_000])
        {
            var read = await reader.ReadAsync(buffer, offset, Cancel);
            Assert.True(buffer.AsSpan(0, read).SequenceEqual(_bytes.AsSpan(Math.Min(offset, Length), read)));
        }

        Assert.Equal([5_000_000, 0, 2000, 59_999_500], source.Reads.Select(read => (int)read.Offset));
    }

    [Fact]
    public async Task Read_WithoutBudget_ReadsStraight()
    {
        var source = new RecordingReader((await _store.OpenAsync(Key, Cancel))!);
        using var reader = new PrefetchingReader(source, new ReadAheadBudget(0));

        await ReadAllAsync(reader);

        Assert.Equal(Length / 100_000, source.Reads.Count);
    }

    [Fact]
    public async Task Dispose_WhileReadingAhead_GivesItsShareBack()
    {
        var budget = new ReadAheadBudget(3 << 20);
        using (var reader = new PrefetchingReader((await _store.OpenAsync(Key, Cancel))!, budget))
        {
            await reader.ReadAsync(new byte[1000], 0, Cancel);
            await reader.ReadAsync(new byte[1000], 1000, Cancel);
            Assert.False(budget.TryTake(3 << 20));
        }

        Assert.True(budget.TryTake(3 << 20));
    }

    public ValueTask DisposeAsync()
    {
        _store.Dispose();
        Directory.Delete(_root, recursive: true);
        return ValueTask.CompletedTask;
    }

    private async Task ReadAllAsync(PrefetchingReader reader)
    {
        var (buffer, offset) = (new byte[100_000], 0);
        while (await reader.ReadAsync(buffer, offset, Cancel) is var read and > 0)
        {
            Assert.True(buffer.AsSpan(0, read).SequenceEqual(_bytes.AsSpan(offset, read)));
            offset += read;
        }

        Assert.Equal(Length, offset);
    }

    /// <summary>A folder's reader that remembers what was asked of it.</summary>
    private sealed class RecordingReader(IObjectReader reader) : IObjectReader
    {
        public List<(long Offset, int Length)> Reads { get; } = [];

        public long Length => reader.Length;

        public ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken)
        {
            if (offset < Length)
            {
                Reads.Add((offset, buffer.Length));
            }

            return reader.ReadAsync(buffer, offset, cancellationToken);
        }

        public Stream OpenStream() => reader.OpenStream();

        public void Dispose() => reader.Dispose();
    }
}
