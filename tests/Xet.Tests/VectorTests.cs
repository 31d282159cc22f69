using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace ModelGarden.Xet.Tests;

/// <summary>Chunks and hashes against the vectors of the Xet contract.</summary>
public sealed class VectorTests
{
    public static TheoryData<string> Inputs => [.. XetVectors.InputNames];

    public static TheoryData<string> LegacyInputs => [.. XetVectors.InputNames.Where(name => XetVectors.Input(name)["js_legacy"] is not null)];

    public static TheoryData<int> Trees => [.. Enumerable.Range(0, XetVectors.All["merkle"]!.AsArray().Count)];

    [Theory]
    [MemberData(nameof(Inputs))]
    public void Input_CutAndHashed_IsAsTheVectorSays(string name)
    {
        var (bytes, vector) = (XetVectors.BytesOf(name), XetVectors.Input(name));
        Assert.Equal((string?)vector["sha256"], Convert.ToHexStringLower(SHA256.HashData(bytes)));

        var chunks = Cutting.Chunks(bytes);

        Assert.Equal(XetVectors.Chunks(vector["chunks"]), chunks);
        Assert.Equal((string?)vector["xorb_hash"], XetHashes.OfXorb(chunks).ToString());
        Assert.Equal((string?)vector["file_hash"], XetHashes.OfFile(chunks).ToString());
        if (vector["verification_hash_all"] is { } range)
        {
            Assert.Equal((string?)range, XetHashes.OfRange(chunks).ToString());
        }

        Assert.Equal(
            vector["global_dedup_eligible"]!.AsArray().Select(index => (int)index!),
            Enumerable.Range(0, chunks.Length).Where(i => i is 0 || chunks[i].Hash.Word(3) % 1024 is 0));
    }

    [Theory]
    [MemberData(nameof(LegacyInputs))]
    public void Input_CutByAnOlderClient_HasTheHashesOfItsOwnChunks(string name)
    {
        var (bytes, legacy) = (XetVectors.BytesOf(name), XetVectors.Input(name)["js_legacy"]!);
        var (chunks, start) = (XetVectors.Chunks(legacy["chunks"]), 0);

        foreach (var chunk in chunks)
        {
            Assert.Equal(chunk.Hash, XetHashes.OfChunk(bytes.AsSpan(start, chunk.Length)));
            start += chunk.Length;
        }

        Assert.Equal((string?)legacy["xorb_hash"], XetHashes.OfXorb(chunks).ToString());
        Assert.Equal((string?)legacy["file_hash"], XetHashes.OfFile(chunks).ToString());
    }

    [Theory]
    [MemberData(nameof(Trees))]
    public void Tree_OverListedLeaves_HasTheListedRoot(int index)
    {
        var vector = XetVectors.All["merkle"]![index]!;
        var tree = new MerkleTree();
        foreach (var leaf in vector["leaves"]!.AsArray())
        {
            tree.Append(XetHash.Parse((string)leaf![0]!), (long)leaf[1]!);
        }

        Assert.Equal((string?)vector["xorb_hash"], tree.Root().ToString());
        Assert.Equal((string?)vector["file_hash"], tree.FileHash().ToString());
        foreach (var salted in vector["salted_file_hash"]!.AsArray().Where(_ => tree.Count > 0))
        {
            Assert.Equal((string?)salted![1], XetHashes.Keyed(XetHash.Parse((string)salted[0]!), tree.Root()).ToString());
        }
    }

    [Fact]
    public void GearTable_AsBytes_HasTheKnownSha256()
    {
        var bytes = new byte[GearTable.Words.Length * sizeof(ulong)];
        for (var i = 0; i < GearTable.Words.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(i * sizeof(ulong)), GearTable.Words[i]);
        }

        Assert.Equal((string?)XetVectors.All["gear_table_sha256_le"], Convert.ToHexStringLower(SHA256.HashData(bytes)));
    }

    [Fact]
    public void OfChunk_KnownInputs_AreAsTheVectorsSay()
    {
        var expected = XetVectors.All["keyed_hash"]!;

        Assert.Equal((string?)expected["data_key_empty_input"], XetHashes.OfChunk([]).ToString());
        Assert.Equal((string?)expected["data_key_hello_world"], XetHashes.OfChunk("hello world"u8).ToString());
    }

    [Fact]
    public void Keyed_KnownKey_IsAsTheVectorSays()
    {
        var vector = XetVectors.All["hmac"]!;
        var key = XetHash.FromBytes(XetVectors.Hex(vector["key_raw"]));

        Assert.Equal((string?)vector["key_hex_form"], key.ToString());
        Assert.Equal((string?)vector["result"], XetHashes.Keyed(key, XetHash.Parse((string)vector["chunk_hash"]!)).ToString());
    }

    [Fact]
    public void OfFile_ReconstructionExample_IsAsTheVectorSays()
    {
        var vector = XetVectors.All["reconstruction_example"]!;
        var chunks = Cutting.Chunks(Bytes.SplitMix64(7, 3 * 1024 * 1024), vector["chunk_lengths"]!.AsArray().Select(length => (int)length!));

        Assert.Equal((string?)vector["file_hash"], XetHashes.OfFile(chunks).ToString());
    }
}
