using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json.Nodes;
using ModelGarden.Kernel;

namespace ModelGarden.Xet.Tests;

/// <summary>Shards that npm's client wrote or took, from the vectors of the Xet contract.</summary>
public sealed class ShardVectorTests
{
    private static readonly JsonNode Serialized = XetVectors.All["serialized"]!;
    private static readonly XetHash Hello = XetHashes.OfChunk("hello world"u8);

    [Fact]
    public void Read_HelloWorld_GivesFileAndXorb()
    {
        AssertIsHelloWorld(ShardReader.Read(Vector("hello_world_shard_js_with_footer_hex")).OrThrow());
    }

    [Fact]
    public void Read_ShapesOfOtherClients_GiveTheSame()
    {
        var whole = Vector("hello_world_shard_js_with_footer_hex");
        var bare = whole[..^200];
        AssertIsHelloWorld(ShardReader.Read(bare).OrThrow());
        BinaryPrimitives.WriteUInt64LittleEndian(bare.AsSpan(40), 0);
        AssertIsHelloWorld(ShardReader.Read(bare).OrThrow());
        AssertIsHelloWorld(ShardReader.Read([.. bare, .. new byte[36], .. whole[^200..]]).OrThrow());
    }

    [Fact]
    public void Write_HelloWorld_IsAsTheClientWroteIt()
    {
        var vector = Vector("hello_world_shard_js_with_footer_hex");
        var created = ShardFooter.Read(vector).OrThrow().Created;

        var written = Write(target => ShardWriter.Write(ShardReader.Read(vector).OrThrow(), created, target));

        // It leaves out where lookup tables would be and how long the files are.
        foreach (var field in new[] { 24, 40, 56, 176 })
        {
            BinaryPrimitives.WriteUInt64LittleEndian(written.AsSpan(432 + field), 0);
        }

        Assert.Equal(Convert.ToHexStringLower(vector), Convert.ToHexStringLower(written));
    }

    [Fact]
    public void Read_EmptyFile_HasNoSegments()
    {
        var shard = ShardReader.Read(Vector("empty_file_shard_js_hex")).OrThrow();

        var file = Assert.Single(shard.Files);
        Assert.Empty(shard.Xorbs);
        Assert.True(file.Hash.IsZero);
        Assert.Equal((0, Sha256Digest.Of([])), (file.Segments.Count, file.Sha256!.Value));
    }

    [Fact]
    public void WriteDedup_HelloWorld_IsAsTheClientTookIt()
    {
        var key = XetHash.FromBytes([.. Enumerable.Range(1, 32).Select(n => (byte)n)]);
        var xorb = new ShardXorb(Hello, [new(Hello, 0, 11, IsDedupCandidate: true)], 19);

        var written = Write(target => ShardWriter.WriteDedup(
            [xorb], key, DateTimeOffset.FromUnixTimeSeconds(1767225600), DateTimeOffset.FromUnixTimeSeconds(1769817600), target));

        Assert.Equal((string?)Serialized["hello_world_keyed_dedup_shard_hex"], Convert.ToHexStringLower(written));
    }

    [Fact]
    public void ReadFooter_OfAKeyedShard_GivesKeyAndExpiry()
    {
        var bytes = Vector("hello_world_keyed_dedup_shard_hex");

        var footer = ShardFooter.Read(bytes).OrThrow();

        Assert.Equal((96, DateTimeOffset.FromUnixTimeSeconds(1769817600)), (footer.XorbSection, footer.Expires!.Value));
        var chunk = ShardReader.Read(bytes).OrThrow().Xorbs[0].Chunks[0];
        Assert.Equal(XetHashes.Keyed(footer.Key, Hello), chunk.Hash);
    }

    private static void AssertIsHelloWorld(Shard shard)
    {
        var file = Assert.Single(shard.Files);
        Assert.Equal((string?)XetVectors.Input("hello_world")["file_hash"], file.Hash.ToString());
        Assert.Equal([new ShardSegment(Hello, 11, 0, 1)], file.Segments);
        Assert.Equal([XetHashes.OfRange([new Chunk(Hello, 11)])], file.Verification);
        Assert.Equal(Sha256Digest.Of("hello world"u8), file.Sha256);
        Assert.Equal(11, file.Length);
        var xorb = Assert.Single(shard.Xorbs);
        Assert.Equal((Hello, 19L, 11L), (xorb.Hash, xorb.SerializedLength, xorb.UnpackedLength));
        Assert.Equal([new ShardChunk(Hello, 0, 11, IsDedupCandidate: false)], xorb.Chunks);
    }

    private static byte[] Write(Func<IBufferWriter<byte>, long> write)
    {
        var target = new ArrayBufferWriter<byte>();
        Assert.Equal(write(target), target.WrittenCount);
        return target.WrittenSpan.ToArray();
    }

    private static byte[] Vector(string name) => XetVectors.Hex(Serialized[name]);
}
