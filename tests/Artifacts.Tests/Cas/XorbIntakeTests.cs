using ModelGarden.Artifacts.Cas;
using ModelGarden.Artifacts.Objects;
using ModelGarden.Xet;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Cas;

public sealed class XorbIntakeTests
{
    private const int Chunks = 511;
    private const int MostInMemory = 1 << 20;
    private static readonly byte[] Chunk = Stored();

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(70_001)]
    public async Task Take_LongXorb_WritesWhatItReadsAndHoldsLittle(int mostAtOnce)
    {
        var hash = new Chunk(XetHashes.OfChunk(Chunk.AsSpan(ChunkHeader.Size)), XetLimits.Chunk);
        using var intake = new XorbIntake();
        var (body, writer) = (new Body(mostAtOnce), new Writer());
        body.OnRead = () => Assert.InRange(body.Position - writer.Written, 0, MostInMemory);

        var taken = await intake.TakeAsync(XetHashes.OfXorb([.. Enumerable.Repeat(hash, Chunks)]), body, writer, Cancel);

        Assert.Null(taken.Error);
        Assert.Equal((Chunks, (long)Chunks * Chunk.Length), (taken.Value.Count, writer.Written));
        Assert.True(writer.IsRight);
    }

    [Fact]
    public async Task Take_XorbThatGoesWrong_StopsReading()
    {
        using var intake = new XorbIntake();
        var (body, writer) = (new Body(int.MaxValue, wrongFrom: 10 * Chunk.Length), new Writer());

        var taken = await intake.TakeAsync(XetHashes.OfXorb([new(XetHashes.OfChunk([1]), 1)]), body, writer, Cancel);

        Assert.Equal("BAD_XORB", taken.Error!.Reason);
        Assert.InRange(body.Position, 0, (10 * Chunk.Length) + MostInMemory);
    }

    private static byte[] Stored()
    {
        var chunk = new byte[ChunkHeader.Size + XetLimits.Chunk];
        Bytes(XetLimits.Chunk).CopyTo(chunk, ChunkHeader.Size);
        new ChunkHeader(XetLimits.Chunk, ChunkScheme.None, XetLimits.Chunk).Write(chunk);
        return chunk;
    }

    /// <summary>The same chunk again and again, made as it is read.</summary>
    private sealed class Body(int mostAtOnce, long wrongFrom = long.MaxValue) : Stream
    {
        public Action OnRead { get; set; } = () => { };

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => (long)Chunks * Chunk.Length;

        public override long Position { get; set; }

        public override int Read(Span<byte> buffer)
        {
            var count = (int)Math.Min(Math.Min(buffer.Length, mostAtOnce), Length - Position);
            for (var n = 0; n < count; n++)
            {
                buffer[n] = Position + n >= wrongFrom ? (byte)0xFF : Chunk[(Position + n) % Chunk.Length];
            }

            Position += count;
            OnRead();
            return count;
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }

    private sealed class Writer : IObjectWriter
    {
        public long Written { get; private set; }

        public bool IsRight { get; private set; } = true;

        public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            foreach (var one in bytes.Span)
            {
                IsRight &= one == Chunk[Written++ % Chunk.Length];
            }

            return ValueTask.CompletedTask;
        }

        public ValueTask CommitAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
