using System.Text;
using System.Text.Json.Nodes;

namespace ModelGarden.Xet.Tests;

/// <summary>BLAKE3's official vectors, in all three modes and with output beyond 32 bytes.</summary>
public sealed class Blake3VectorTests
{
    private static readonly byte[] Key = Encoding.ASCII.GetBytes((string)XetVectors.Blake3["key"]!);
    private static readonly byte[] Context = Encoding.ASCII.GetBytes((string)XetVectors.Blake3["context_string"]!);

    public static TheoryData<int> Lengths => [.. XetVectors.Blake3["cases"]!.AsArray().Select(vector => (int)vector!["input_len"]!)];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Hash_OfficialVector_Equals(int length)
    {
        AssertOutput(Case(length)["hash"], output => Blake3.Hash(Input(length), output));
        AssertOutput(Case(length)["keyed_hash"], output => Blake3.HashKeyed(Key, Input(length), output));
        AssertOutput(Case(length)["derive_key"], output => Blake3.DeriveKey(Context, Input(length), output));
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void HashKeyed_OfficialVectorAtEachWidth_Equals(int length)
    {
        foreach (var width in Enum.GetValues<Blake3Width>().Where(width => width <= Blake3Rows.Widest))
        {
            AssertOutput(Case(length)["keyed_hash"], output => Blake3.HashKeyed(Key, Input(length), output, width));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void HashKeyed_KeyOfAnotherLength_IsRefused(int length) =>
        Assert.Throws<ArgumentException>(() => Blake3.HashKeyed(new byte[length], [], new byte[32]));

    private static void AssertOutput(JsonNode? expected, Action<byte[]> hash)
    {
        var whole = XetVectors.Hex(expected);
        foreach (var length in (int[])[whole.Length, 32, 64, 65, 1])
        {
            var output = new byte[length];
            hash(output);
            Assert.Equal(whole[..length], output);
        }
    }

    private static JsonNode Case(int length) => XetVectors.Blake3["cases"]!.AsArray().Single(vector => (int)vector!["input_len"]! == length)!;

    private static byte[] Input(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)(i % 251))];
}
