using System.Text;
using System.Text.Json.Nodes;

namespace ModelGarden.Xet.Tests;

/// <summary>The vectors of the Xet contract: inputs as they are to be made, and what their chunks and hashes must be.</summary>
public static class XetVectors
{
    public static JsonNode All { get; } = Read("xet.json");

    public static JsonNode Blake3 { get; } = Read("blake3.json");

    /// <summary>Frames that the reference program wrote.</summary>
    public static JsonNode Lz4 { get; } = Read("lz4.json");

    public static IEnumerable<string> InputNames => All["inputs"]!.AsArray().Select(input => (string)input!["name"]!);

    public static JsonNode Input(string name) => All["inputs"]!.AsArray().Single(input => (string?)input!["name"] == name)!;

    public static byte[] BytesOf(string name)
    {
        var recipe = Input(name)["input"]!;
        return (string?)recipe["kind"] switch
        {
            "empty" => [],
            "hex" => Hex(recipe["hex"]),
            "utf8" => Encoding.UTF8.GetBytes((string)recipe["text"]!),
            "constant" => Bytes.Constant((byte)recipe["byte"]!, (int)recipe["size"]!),
            "splitmix64" => Bytes.SplitMix64((ulong)recipe["seed"]!, (int)recipe["size"]!),
            "lcg64" => Bytes.Lcg64((ulong)recipe["seed"]!, (int)recipe["size"]!),
            "zeros_with_patch" => Bytes.Patched(new byte[(int)recipe["size"]!], (int)recipe["patch_offset"]!, Hex(recipe["patch_hex"])),
            "constant_with_patch" => Bytes.Patched(
                Bytes.Constant((byte)recipe["byte"]!, (int)recipe["size"]!), (int)recipe["patch_offset"]!, Hex(recipe["patch_hex"])),
            var kind => throw new InvalidOperationException($"no generator for '{kind}'"),
        };
    }

    /// <summary>Chunks as the vectors write them: pairs of length and hash.</summary>
    public static Chunk[] Chunks(JsonNode? pairs) =>
        [.. pairs!.AsArray().Select(pair => new Chunk(XetHash.Parse((string)pair![1]!), (int)pair[0]!))];

    public static byte[] Hex(JsonNode? text) => Convert.FromHexString((string)text!);

    private static JsonNode Read(string name)
    {
        using var stream = typeof(XetVectors).Assembly.GetManifestResourceStream(name)!;
        return JsonNode.Parse(stream)!;
    }
}
