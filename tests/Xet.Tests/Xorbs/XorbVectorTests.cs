using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace ModelGarden.Xet.Tests;

/// <summary>Xorbs that npm's client wrote, from the vectors of the Xet contract.</summary>
public sealed class XorbVectorTests
{
    private static readonly JsonNode Serialized = XetVectors.All["serialized"]!;

    [Fact]
    public void Read_StoredChunk_GivesItsIndex()
    {
        var hash = XetHash.Parse("4e39378b9d359f118190557a1f44130219a54e5fcfa07bd96cf50b466fe651b1");

        var index = XorbReader.Read(Vector("hello_world_xorb_none_hex"), hash).OrThrow();

        Assert.Equal([new Chunk(hash, 11)], index.Chunks.ToArray());
        Assert.Equal((hash, 19, 11), (index.Hash, index.Length, index.UnpackedLength));
    }

    [Fact]
    public void Read_ByteGroupedChunk_GivesTheInput()
    {
        var input = new byte[4003];
        for (var n = 0; n < 1000; n++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(input.AsSpan(4 * n), 0x3F800000 + (37 * n));
        }

        (input[4000], input[4001], input[4002]) = (1, 2, 3);
        Assert.Equal((string?)Serialized["bg4_input_sha256"], Convert.ToHexStringLower(SHA256.HashData(input)));
        Assert.Equal(input, Unpack("bg4_xorb_hex", "bg4_xorb_hash", ChunkScheme.ByteGroupedLz4));
    }

    [Fact]
    public void Read_Lz4Chunks_GivesTheInput() => Assert.Equal(
        Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("the quick brown fox ", 20_000))),
        Unpack("lz4_xorb_hex", "lz4_xorb_hash", ChunkScheme.Lz4));

    [Fact]
    public void Read_FooterOfVersion1_IsCheckedAndNotPartOfTheXorb()
    {
        var (bytes, hash) = (Vector("hello_world_xorb_with_v1_footer_hex"), XetHashes.OfChunk("hello world"u8));

        var index = XorbReader.Read(bytes, hash).OrThrow();

        Assert.Equal(19, index.Length);
        Assert.Equal(bytes[19..], XorbFooter.Version1(index));
    }

    private static byte[] Unpack(string xorb, string hash, ChunkScheme scheme)
    {
        var (bytes, decoder) = (Vector(xorb), new ChunkDecoder());
        var index = XorbReader.Read(bytes, XetHash.Parse((string)Serialized[hash]!)).OrThrow();
        Assert.Equal(bytes.Length, index.Length);
        var output = new byte[index.UnpackedLength];
        for (var n = 0; n < index.Count; n++)
        {
            Assert.Null(decoder.Decode(bytes.AsSpan(index.Start(n)), output.AsSpan(index.UnpackedStart(n)), out var header));
            Assert.Equal((scheme, index.Start(n + 1) - index.Start(n)), (header.Scheme, header.PhysicalLength));
        }

        return output;
    }

    private static byte[] Vector(string name) => XetVectors.Hex(Serialized[name]);
}
