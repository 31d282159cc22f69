using System.Buffers;
using ModelGarden.Kernel;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Tests.Cas;

/// <summary>A file as a client says what it is made of.</summary>
internal sealed record TestFile(byte[] Bytes, ShardFile Claim, IReadOnlyList<byte[]> Chunks)
{
    public string Hash => Claim.Hash.ToString();

    public static TestFile Of(params (TestXorb Xorb, int First, int End)[] terms)
    {
        var chunks = terms.SelectMany(term => term.Xorb.Chunks.Take(term.First..term.End)).ToList();
        Chunk[] hashes = [.. chunks.Select(chunk => new Chunk(XetHashes.OfChunk(chunk), chunk.Length))];
        var bytes = chunks.SelectMany(chunk => chunk).ToArray();
        ShardSegment[] segments = [.. terms.Select(term => new ShardSegment(term.Xorb.Hash, term.Xorb.Chunks.Take(term.First..term.End).Sum(chunk => chunk.Length), term.First, term.End))];
        XetHash[] verification = [.. terms.Select(term => XetHashes.OfRange(term.Xorb.Index.Chunks[term.First..term.End]))];
        return new(bytes, new(XetHashes.OfFile(hashes), segments, verification, Sha256Digest.Of(bytes)), chunks);
    }

    /// <summary>Some of its chunks as they are sent to clients: none of them encoded.</summary>
    public byte[] Sent(int first, int end) => [.. Chunks.Take(first..end).SelectMany(chunk =>
    {
        var header = new byte[ChunkHeader.Size];
        new ChunkHeader(chunk.Length, ChunkScheme.None, chunk.Length).Write(header);
        return header.Concat(chunk);
    })];

    /// <summary>All of one xorb.</summary>
    public static TestFile Of(TestXorb xorb) => Of((xorb, 0, xorb.Chunks.Count));

    public TestFile With(Func<ShardFile, ShardFile> change) => this with { Claim = change(Claim) };

    /// <summary>A shard of these files that describes these xorbs.</summary>
    public static byte[] Shard(IEnumerable<TestFile> files, params IEnumerable<TestXorb> xorbs) =>
        Write(new([.. files.Select(file => file.Claim)], [.. xorbs.Select(xorb => ShardXorb.Of(xorb.Index))]));

    public static byte[] Write(Shard shard)
    {
        var target = new ArrayBufferWriter<byte>();
        ShardWriter.Write(shard, DateTimeOffset.UnixEpoch, target);
        return target.WrittenSpan.ToArray();
    }
}
