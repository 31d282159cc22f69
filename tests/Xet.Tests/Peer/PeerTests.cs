using System.Text.Json.Nodes;

namespace ModelGarden.Xet.Tests;

/// <summary>Our hashes beside those of the npm package that the Hugging Face client hashes with.</summary>
public sealed class PeerTests : IClassFixture<PeerHashes>
{
    // This client cuts a chunk where the specification's minimum is not reached yet, if the bytes since its late start say so.
    private const int EarliestLegacyCut = 8128;

    [Fact]
    public async Task Hashes_OfTheSameBytes_AreThePeers()
    {
        var inputs = Inputs();

        var found = await PeerHashes.OfAsync(inputs);

        Assert.Equal(inputs.Count, found.Count);
        Assert.All(inputs, input => AssertHashes(input.Value, found[input.Key]));
    }

    [Fact]
    public async Task Chunks_OfTheSameBytes_ArePeersButForItsEarlyCuts()
    {
        var inputs = Inputs();

        var found = await PeerHashes.OfAsync(inputs);

        var same = inputs.Count(input => AreCutAlike(input.Key, input.Value, found[input.Key]));
        Assert.InRange(same, inputs.Count / 2, inputs.Count - 1);
    }

    private static void AssertHashes(byte[] bytes, JsonNode found)
    {
        var expected = XetVectors.Chunks(found["chunks"]);
        var chunks = Cutting.Chunks(bytes, expected.Select(chunk => chunk.Length));
        Assert.Equal(expected, chunks);
        Assert.Equal((string?)found["xorb"], XetHashes.OfXorb(chunks).ToString());
        Assert.Equal((string?)found["file"], XetHashes.OfFile(chunks).ToString());
        Assert.Equal((string?)found["range"], XetHashes.OfRange(chunks).ToString());
        Assert.Equal(found["keyed"]!.AsArray().Select(hash => (string?)hash), chunks.Select(chunk => XetHashes.Keyed(PeerHashes.Key, chunk.Hash).ToString()));

        var hash = new byte[Blake3.HashLength];
        Blake3.HashKeyed(new byte[Blake3.KeyLength], bytes, hash);
        Assert.Equal((string?)found["blake3"], XetHash.FromBytes(hash).ToString());
    }

    private static bool AreCutAlike(string name, byte[] bytes, JsonNode found)
    {
        var (theirs, ours) = (XetVectors.Chunks(found["chunks"]).Select(chunk => chunk.Length).ToList(), Cutting.Lengths(bytes));
        var common = theirs.Zip(ours).TakeWhile(pair => pair.First == pair.Second).Count();
        if (common == ours.Count && common == theirs.Count)
        {
            return true;
        }

        // Where the two part, it is because of a cut that the specification does not allow.
        Assert.InRange(theirs[common], EarliestLegacyCut, GearChunker.MinimumLength - 1);
        Assert.True(ours[common] > theirs[common], name);
        return false;
    }

    private static Dictionary<string, byte[]> Inputs()
    {
        var inputs = XetVectors.InputNames.ToDictionary(name => name, XetVectors.BytesOf);
        for (var i = 0; i < 120; i++)
        {
            inputs.Add($"random-{i}", Bytes.SplitMix64((ulong)(1000 + i), i * i * 30 + i));
        }

        inputs.Add("large", Bytes.SplitMix64(5, 12 * 1024 * 1024 + 17));
        return inputs;
    }
}
